//! The report as text: the verdict, the counts, the issues, and with `--all` every account.

use textwrap::core::display_width;

use crate::status::evaluation::{Evaluation, age};
use crate::status::issues::Issue;
use crate::status::judged::{Judged, Standing};
use crate::status::page::{Color, Layout, Page, cut, one_line, padded};
use crate::status::report::{Head, Report};

/// How many accounts of an issue are shown without `--all`.
pub const SHOWN: usize = 10;
/// The narrowest columns of the table: account, compliance, name, function, rule.
const NARROWEST: [usize; 5] = [12, 13, 8, 8, 8];

/// The whole text; `details` adds each rule's last evaluation.
pub fn render(report: &Report, layout: Layout, details: bool) -> String {
    let mut page = Page::new(layout);
    let (verdict, color) = verdict(report);
    page.wrapped(0, 0, &verdict, Some(color));
    page.paragraph(0, &counts(report));
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
                let judged = report.accounts.iter().find(|it| it.account == account);
                for evaluation in judged.iter().flat_map(|it| &it.evaluations) {
                    if with_evaluations {
                        page.paragraph(5, &detail(report, evaluation));
                    }
                }
            },
        );
    }
    page.gap();
    if layout.all {
        table(&mut page, report, details);
    } else {
        page.paragraph(0, "`root-keys status --all` shows every account.");
    }
    page.finish()
}

/// What could not be read, below a title.
pub fn not_visible(page: &mut Page, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    page.gap();
    page.line(title);
    for line in lines {
        page.remedy("- ", 0, line);
    }
}

/// What it comes to, in one sentence.
fn verdict(report: &Report) -> (String, Color) {
    let with_keys = report.count(Standing::NonCompliant);
    let accounts = report.accounts.len();
    let not_well = report.accounts.iter().filter(|it| !it.is_well()).count();
    match report.exit_code {
        0 => {
            let active = accounts - report.count(Standing::NotActive);
            let all = counted(active, "active account");
            let text =
                format!("COMPLIANT: {all}, each with a fresh result and no root access key.");
            (text, Color::Green)
        }
        2 => {
            let others = match not_well - with_keys {
                0 => String::new(),
                1 => "; 1 other has issues".to_owned(),
                others => format!("; {} others have issues", thousands(others)),
            };
            let text = format!(
                "NON_COMPLIANT: {} root access keys{others}.",
                have(with_keys)
            );
            (text, Color::Red)
        }
        1 if !report.other_regions.is_empty() => {
            let (there, here) = (report.other_regions.join(", "), &report.head.region);
            (
                format!("WRONG REGION: the rule is in {there}, not in {here}."),
                Color::Yellow,
            )
        }
        1 => (
            "UNKNOWN: no root access key found, but not everything could be read.".to_owned(),
            Color::Yellow,
        ),
        _ => (
            format!(
                "INCOMPLETE: no root access key found, but {} issues.",
                have(not_well)
            ),
            Color::Yellow,
        ),
    }
}

fn have(accounts: usize) -> String {
    let verb = if accounts == 1 { "has" } else { "have" };
    format!("{} {verb}", counted(accounts, "account"))
}

fn counts(report: &Report) -> String {
    let known = Standing::ALL.into_iter().filter(|it| report.count(*it) > 0);
    let each = known.map(|it| format!("{} {}", thousands(report.count(it)), it.word()));
    let each: Vec<_> = each.collect();
    format!(
        "{}: {}",
        counted(report.accounts.len(), "account"),
        each.join(", ")
    )
}

/// Which organization this is, when and as whom it was read.
pub fn head(page: &mut Page, head: &Head) {
    let Head {
        organization,
        region,
        at,
        by,
        ..
    } = head;
    page.paragraph(
        0,
        &format!("Organization {organization} in {region} at {at}, as {by}"),
    );
}

/// An issue after its label: the title, the accounts, the remedy; `more` adds
/// lines below an account.
pub fn issue(page: &mut Page, label: &str, it: &Issue<'_>, more: impl Fn(&mut Page, &str)) {
    let indent = label.len().min(3);
    let accounts = counted(it.accounts(), "account");
    let title = format!("{label}{} ({accounts})", it.kind.title());
    page.wrapped(0, indent, &title, Some(Color::Bold));
    let shared = it.shared_detail().filter(|_| it.affected.len() > 1);
    if let Some(detail) = shared {
        page.paragraph(indent, detail);
    }
    let shown = if page.layout.all { usize::MAX } else { SHOWN };
    for affected in it.affected.iter().take(shown) {
        let detail = affected.problem.detail.as_deref();
        let detail = detail.filter(|_| shared.is_none());
        let detail = detail.map_or_else(String::new, |detail| format!(": {detail}"));
        let line = format!("{}  {}{detail}", affected.account, affected.name);
        page.wrapped(indent, indent + 14, &line, None);
        more(page, affected.account);
    }
    let left_out = it.affected.len().saturating_sub(shown);
    hidden(page, indent, left_out);
    let remedy = it.remedy(shown);
    let label = if left_out > 0 && remedy != it.remedy(usize::MAX) {
        format!("Fix, for the {SHOWN} above (`--all`: for every account): ")
    } else {
        "Fix: ".to_owned()
    };
    page.remedy(&label, indent, &remedy);
}

/// That there are so many more accounts.
pub fn hidden(page: &mut Page, indent: usize, accounts: usize) {
    if accounts > 0 {
        let more = thousands(accounts);
        let text = format!("… and {more} more (`--all` or `--output json` lists them)");
        page.paragraph(indent, &text);
    }
}

/// One line for each account.
fn table(page: &mut Page, report: &Report, details: bool) {
    let head = ["ACCOUNT", "COMPLIANCE", "NAME", "FUNCTION", "RULE"].map(str::to_owned);
    let rows: Vec<_> = report.accounts.iter().map(cells).collect();
    let widths = widths(rows.iter().chain([&head]), page.layout.width);
    row(page, &head, widths, None);
    for (cells, judged) in rows.iter().zip(&report.accounts) {
        row(page, cells, widths, Some(judged));
        for evaluation in judged.evaluations.iter().filter(|_| details) {
            page.paragraph(2, &detail(report, evaluation));
        }
    }
}

/// Wide enough for every cell; where the page is not, names and words of the
/// StackSet give way, then the end of the line.
fn widths<'a>(rows: impl Iterator<Item = &'a [String; 5]>, page: usize) -> [usize; 5] {
    let mut widths = [0; 5];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(display_width(cell));
        }
    }
    let total = |widths: &[usize; 5]| widths.iter().sum::<usize>() + 2 * 4;
    while total(&widths) > page {
        let widest = (2..5).max_by_key(|column| widths[*column].saturating_sub(NARROWEST[*column]));
        match widest {
            Some(column) if widths[column] > NARROWEST[column] => widths[column] -= 1,
            _ => break,
        }
    }
    widths
}

fn row(page: &mut Page, cells: &[String; 5], widths: [usize; 5], judged: Option<&Judged>) {
    let mut left = page.layout.width;
    let mut line = String::new();
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let width = width.min(left);
        if width == 0 {
            break;
        }
        let cell = padded(&cut(cell, width), width);
        left = left.saturating_sub(width + 2);
        let color = judged
            .filter(|_| column == 1)
            .map(|it| color(it.compliance));
        line.push_str(&page.layout.paint(color, &cell));
        line.push_str(if left > 0 { "  " } else { "" });
    }
    page.line(&line);
}

fn color(standing: Standing) -> Color {
    match standing {
        Standing::NonCompliant => Color::Red,
        Standing::Compliant => Color::Green,
        _ => Color::Yellow,
    }
}

fn cells(judged: &Judged) -> [String; 5] {
    let mut compliance = judged.compliance.word().to_owned();
    if judged.compliance == Standing::NotActive {
        compliance = format!("{compliance}: {}", judged.state);
    }
    [
        judged.account.clone(),
        compliance,
        one_line(&judged.name),
        judged.function.clone(),
        judged.rule.clone(),
    ]
}

fn detail(report: &Report, evaluation: &Evaluation) -> String {
    let Evaluation {
        rule,
        compliance_type,
        ..
    } = evaluation;
    let when = match evaluation.recorded {
        Some(at) => format!("{at}, {} ago", age(report.head.at.0, at)),
        None => "at an unknown time".to_owned(),
    };
    let stale = if evaluation.stale { ", stale" } else { "" };
    let annotation = evaluation.annotation.as_deref().unwrap_or("no annotation");
    format!("{rule}: {compliance_type} ({when}{stale}): {annotation}")
}

/// A number of things, in the plural where there is not one.
pub fn counted(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", thousands(number))
}

/// A number with commas.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
