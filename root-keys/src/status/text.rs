//! Renders the report as text: the verdict, the counts, the issues, and with `--all`
//! every account.

use textwrap::core::display_width;

use root_access_key_rule::redaction::printable;

use crate::status::account_status::{AccountCompliance, AccountStatus};
use crate::status::blocks::{head, issue, not_visible};
use crate::status::evaluation::Evaluation;
use crate::status::page::{Color, Layout, Page, cut, padded};
use crate::status::report::Report;
use crate::status::{exemption_lines, verdict};
use crate::text::counted;

/// The columns of the table.
const HEAD: [&str; 6] = [
    "ACCOUNT",
    "COMPLIANCE",
    "NAME",
    "FUNCTION",
    "RULE",
    "NEW KEYS",
];
/// How narrow each of them may become.
const NARROWEST: [usize; HEAD.len()] = [12, 13, 8, 8, 8, 11];

/// Renders the report; `details` adds each rule's last evaluation.
#[must_use]
pub fn render(report: &Report, layout: Layout, details: bool) -> String {
    let mut page = Page::new(layout);
    let (verdict, color) = verdict::sentence(report);
    page.wrapped(0, 0, &verdict, Some(color));
    page.paragraph(0, &verdict::counts(report));
    head(&mut page, &report.head);
    not_visible(&mut page, "Not visible:", &report.not_visible);
    let issues = report.issues();
    if !issues.is_empty() {
        page.gap();
        page.line(&format!("{} to fix:", counted(issues.len(), "issue")));
    }
    let with_evaluations = details && !layout.all;
    for (number, it) in issues.iter().enumerate() {
        page.gap();
        issue(
            &mut page,
            &format!("{}. ", number + 1),
            it,
            |page, account| {
                let status = report.accounts.iter().find(|it| it.account == account);
                for evaluation in status.iter().flat_map(|it| &it.evaluations) {
                    if with_evaluations {
                        page.paragraph(5, &detail(report, evaluation));
                    }
                }
            },
        );
    }
    exemption_lines::exemptions(&mut page, report);
    page.gap();
    if layout.all {
        table(&mut page, report, details);
    } else {
        page.paragraph(0, "`root-keys status --all` shows every account.");
    }
    page.finish()
}

/// One line for each account.
fn table(page: &mut Page, report: &Report, details: bool) {
    let head = HEAD.map(str::to_owned);
    let rows: Vec<_> = report.accounts.iter().map(cells).collect();
    let widths = widths(rows.iter().chain([&head]), page.layout.width);
    row(page, &head, widths, None);
    for (cells, status) in rows.iter().zip(&report.accounts) {
        row(page, cells, widths, Some(status));
        for evaluation in status.evaluations.iter().filter(|_| details) {
            page.paragraph(2, &detail(report, evaluation));
        }
    }
}

/// Wide enough for every cell; where the page is not, names and words of the
/// StackSet give way, then the end of the line.
fn widths<'a>(
    rows: impl Iterator<Item = &'a [String; HEAD.len()]>,
    page: usize,
) -> [usize; HEAD.len()] {
    let mut widths = [0; HEAD.len()];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(display_width(cell));
        }
    }
    let total = |widths: &[usize; HEAD.len()]| widths.iter().sum::<usize>() + 2 * (HEAD.len() - 1);
    while total(&widths) > page {
        let widest =
            (2..HEAD.len()).max_by_key(|column| widths[*column].saturating_sub(NARROWEST[*column]));
        match widest {
            Some(column) if widths[column] > NARROWEST[column] => widths[column] -= 1,
            _ => break,
        }
    }
    widths
}

fn row(
    page: &mut Page,
    cells: &[String; HEAD.len()],
    widths: [usize; HEAD.len()],
    status: Option<&AccountStatus>,
) {
    let mut left = page.layout.width;
    let mut line = String::new();
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let width = width.min(left);
        if width == 0 {
            break;
        }
        let cell = padded(&cut(cell, width), width);
        left = left.saturating_sub(width + 2);
        let color = status
            .filter(|_| column == 1)
            .map(|it| color(it.compliance));
        line.push_str(&page.layout.paint(color, &cell));
        line.push_str(if left > 0 { "  " } else { "" });
    }
    page.line(&line);
}

fn color(standing: AccountCompliance) -> Color {
    match standing {
        AccountCompliance::NonCompliant => Color::Red,
        AccountCompliance::Compliant => Color::Green,
        _ => Color::Yellow,
    }
}

fn cells(status: &AccountStatus) -> [String; HEAD.len()] {
    let mut compliance = status.compliance.word().to_owned();
    if status.compliance == AccountCompliance::NotActive {
        compliance = format!("{compliance}: {}", status.state);
    }
    if status.is_exempt() {
        compliance += ", exempt";
    }
    [
        status.account.clone(),
        compliance,
        printable(&status.name),
        status.function.clone(),
        status.rule.clone(),
        status.prevention.words().to_owned(),
    ]
}

fn detail(report: &Report, evaluation: &Evaluation) -> String {
    let Evaluation {
        rule,
        compliance_type,
        ..
    } = evaluation;
    let when = match evaluation.recorded {
        Some(at) => format!("{at}, {}", at.ago(report.head.at.0)),
        None => "at an unknown time".to_owned(),
    };
    let stale = if evaluation.stale { ", stale" } else { "" };
    let annotation = evaluation.annotation.as_deref().unwrap_or("no annotation");
    format!("{rule}: {compliance_type} ({when}{stale}): {annotation}")
}
