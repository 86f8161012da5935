//! The subject of the digest: what is new, what is open, and of which organization.

use std::collections::BTreeSet;

use root_keys::status::problem::Kind;
use root_keys::text::{counted, thousands};

use crate::cause::Cause;
use crate::digest::content::Content;
use crate::digest::groups::{Group, News};
use crate::latest::{DigestKind, Latest};

/// Words the subject, the most important first, because it may be cut.
pub fn of(content: &Content<'_>, groups: &[Group<'_>]) -> String {
    let latest = content.latest;
    let report = content.today.view.report();
    let organization = report.map_or_else(String::new, |it| format!(" ({})", it.head.organization));
    format!(
        "Root access keys: {}{organization}",
        words(latest, report.is_none(), groups)
    )
}

fn words(latest: &Latest, blind: bool, groups: &[Group<'_>]) -> String {
    let counts = latest.counts.unwrap_or_default();
    if latest.digest == DigestKind::AllCompliant {
        let well = counted(counts.well, "account");
        return match counts.exempt {
            0 => format!("all {well} compliant and reporting"),
            exempt => format!(
                "{well} compliant and reporting, {} exempt",
                thousands(exempt)
            ),
        };
    }
    let mut parts = Vec::new();
    let keys = with_keys(groups);
    if keys > 0 {
        parts.push(format!("in {}", counted(keys, "account")));
    }
    let (open, new) = (open(groups), new(groups));
    if open > 0 {
        parts.push(format!("{} open", thousands(open)));
    }
    if new > 0 && new < open {
        parts.push(format!("{} new", thousands(new)));
    }
    let not_visible = accounts(groups, News::Unknown);
    if not_visible > 0 {
        parts.push(format!("{} not visible", thousands(not_visible)));
    }
    if blind {
        parts.push("accounts could not be listed".to_owned());
    } else if not_visible == 0 && (!latest.not_visible.is_empty() || open == 0) {
        parts.push("report is incomplete".to_owned());
    }
    parts.join(", ")
}

/// Counts the accounts that are known to need action.
pub fn open(groups: &[Group<'_>]) -> usize {
    count(groups, |it| it.news != News::Unknown)
}

/// Counts those of them in which this report found something.
pub fn found(groups: &[Group<'_>]) -> usize {
    count(groups, |it| matches!(it.news, News::New | News::Known))
}

/// Counts the accounts in which this report found that the root user has access keys.
pub fn with_keys(groups: &[Group<'_>]) -> usize {
    let keys = Cause::Problem(Kind::RootAccessKeys);
    count(groups, |it| it.cause == keys && it.news != News::NotSeen)
}

fn new(groups: &[Group<'_>]) -> usize {
    count(groups, |it| it.news == News::New)
}

/// Counts the accounts in groups of that kind.
pub fn accounts(groups: &[Group<'_>], news: News) -> usize {
    count(groups, |it| it.news == news)
}

fn count(groups: &[Group<'_>], which: impl Fn(&Group<'_>) -> bool) -> usize {
    let groups = groups.iter().filter(|it| which(it));
    let ids: BTreeSet<_> = groups.flat_map(|it| &it.accounts).map(|it| it.id).collect();
    ids.len()
}
