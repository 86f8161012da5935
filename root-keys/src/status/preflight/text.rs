//! Renders a preflight as text: the verdict, the issues, and which account administers what.

use root_access_key_rule::redaction::printable;

use crate::status::blocks;
use crate::status::issues::{self, Affected, Issue};
use crate::status::page::{Color, Layout, Page};
use crate::status::preflight::delegations::{Delegation, NamedAccount};
use crate::status::preflight::findings::Finding;
use crate::status::preflight::report::Preflight;
use crate::text::counted;

/// Renders the preflight.
#[must_use]
pub fn render(preflight: &Preflight, layout: Layout) -> String {
    let mut page = Page::new(layout);
    let whole: Vec<&Finding> = preflight
        .findings
        .iter()
        .filter(|it| it.account.is_none())
        .collect();
    let of_accounts = grouped(&preflight.findings);
    let not_checked = grouped(&preflight.not_checked);
    let to_fix = whole.len() + of_accounts.len();
    let not_visible = preflight.not_visible.len() + not_checked.len();
    let (verdict, color) = verdict(preflight.exit_code, to_fix, not_visible);
    page.wrapped(0, 0, &verdict, Some(color));
    blocks::head(&mut page, &preflight.head);
    for (number, finding) in whole.iter().enumerate() {
        page.gap();
        let title = format!("{}. {}", number + 1, finding.problem.what);
        page.wrapped(0, 3, &title, Some(Color::Bold));
        page.remedy("Fix: ", 3, &finding.problem.remedy);
    }
    for (number, issue) in of_accounts.iter().enumerate() {
        page.gap();
        let label = format!("{}. ", whole.len() + number + 1);
        blocks::issue(&mut page, &label, issue, |_, _| {});
    }
    blocks::not_visible(&mut page, "Not checked:", &preflight.not_visible);
    for issue in &not_checked {
        page.gap();
        blocks::issue(&mut page, "Not checked: ", issue, |_, _| {});
    }
    skipped(&mut page, preflight);
    page.gap();
    page.line("Delegated administrators:");
    for delegation in &preflight.delegations {
        who(&mut page, delegation);
    }
    page.gap();
    let out_of_sight = preflight.out_of_sight;
    page.paragraph(0, &format!("Not visible from here: {out_of_sight}."));
    page.finish()
}

fn grouped(findings: &[Finding]) -> Vec<Issue<'_>> {
    issues::group(findings.iter().filter_map(|finding| {
        Some(Affected {
            account: finding.account.as_deref()?,
            name: &finding.name,
            problem: &finding.problem,
        })
    }))
}

fn verdict(exit_code: u8, to_fix: usize, not_visible: usize) -> (String, Color) {
    let could_not = match not_visible {
        0 => String::new(),
        1 => " 1 check could not be completed.".to_owned(),
        checks => format!(" {checks} checks could not be completed."),
    };
    match exit_code {
        0 => (
            "Nothing to fix before you roll out.".to_owned(),
            Color::Green,
        ),
        1 => (format!("No issue found, but:{could_not}"), Color::Yellow),
        _ => (
            format!(
                "{} to fix before you roll out.{could_not}",
                counted(to_fix, "issue")
            ),
            Color::Red,
        ),
    }
}

fn skipped(page: &mut Page, preflight: &Preflight) {
    let skipped = &preflight.not_active;
    if skipped.is_empty() {
        return;
    }
    page.gap();
    let accounts = counted(skipped.len(), "account");
    page.line(&format!("StackSets skip {accounts} (not active):"));
    let shown = if page.layout.all {
        usize::MAX
    } else {
        blocks::MAX_SHOWN_ACCOUNTS
    };
    for it in skipped.iter().take(shown) {
        let line = format!("{}  {}: {}", it.account, printable(&it.name), it.state);
        page.wrapped(2, 16, &line, None);
    }
    blocks::hidden(page, 2, skipped.len().saturating_sub(shown));
}

fn who(page: &mut Page, delegation: &Delegation) {
    let Delegation {
        service,
        title,
        runs,
        management_account,
        ..
    } = delegation;
    let named = |it: &NamedAccount| format!("{} ({})", it.account, printable(&it.name));
    let administrators = delegation.administrators.as_ref();
    let administrators = administrators.map(|all| all.iter().map(named).collect::<Vec<_>>());
    let held = match administrators.as_deref() {
        None => "its delegated administrators could not be read".to_owned(),
        Some([]) => "no delegated administrator".to_owned(),
        Some(known) => format!("delegated to {}", known.join(", ")),
    };
    page.wrapped(2, 4, &format!("{title} ({service}): {held}"), None);
    let only = match administrators.as_deref() {
        Some([]) => "only in",
        Some(_) => "there or in",
        None => "in",
    };
    let this = match delegation.this_account {
        Some(true) => "this account can run it",
        Some(false) => "this account cannot run it",
        None => "it is not known whether this account can run it",
    };
    let text = format!("run {runs} {only} the management account {management_account}; {this}");
    page.paragraph(4, &text);
}
