//! The parts that the text of a report and that of a preflight share.

use crate::status::issues::Issue;
use crate::status::page::{Color, Page};
use crate::status::report::Head;
use crate::text::{counted, thousands};

/// How many accounts of an issue are shown without `--all`.
pub const MAX_SHOWN_ACCOUNTS: usize = 10;

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
    let shown = if page.layout.all {
        usize::MAX
    } else {
        MAX_SHOWN_ACCOUNTS
    };
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
        format!("Fix, for the {MAX_SHOWN_ACCOUNTS} above (`--all`: for every account): ")
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
