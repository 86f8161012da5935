//! Words what closed since the last digest.

use std::collections::BTreeMap;

use root_keys::text::{counted, thousands};

use crate::cause::Cause;
use crate::digest::mail::Mail;
use crate::digest::named::Named;
use crate::latest::{ClosedProblem, Closure, Latest};

/// The most closed problems that a digest names.
const MAX_NAMED: usize = 50;

/// Adds the section, if something closed.
pub fn section(mail: &mut Mail, latest: &Latest, named: &mut Named<'_>) {
    let closed = latest.closed.len() + latest.closed_not_listed;
    if closed == 0 {
        return;
    }
    let since = latest
        .last_digest
        .map_or_else(String::new, |day| format!(" since the digest of {day}"));
    mail.section(&format!("Closed{since} ({})", counted(closed, "problem")));
    let shown = shown(latest, named);
    let hidden = closed - shown.len();
    let mut groups: BTreeMap<(&Cause, Closure), Vec<&ClosedProblem>> = BTreeMap::new();
    for it in shown {
        groups.entry((&it.cause, it.how)).or_default().push(it);
    }
    for ((cause, how), mut problems) in groups {
        problems.sort_by(|a, b| (&a.account, a.closed).cmp(&(&b.account, b.closed)));
        mail.wrapped(0, 2, &format!("{}: {}", cause.title(), words(cause, how)));
        for it in problems {
            let ClosedProblem {
                account, closed, ..
            } = it;
            let name = named.external(&it.name);
            let days = (*closed - it.since).num_days().max(0);
            let days = counted(usize::try_from(days).unwrap_or_default(), "day");
            mail.wrapped(4, 8, &format!("{account}  {name}, {closed}, after {days}"));
        }
    }
    if hidden > 0 {
        let more = thousands(hidden);
        mail.line(&format!(
            "... and {more} more: the report below has every account."
        ));
    }
}

/// The problems that are named: the last ones first, and before them no result that became
/// visible.
fn shown<'a>(latest: &'a Latest, named: &mut Named<'_>) -> Vec<&'a ClosedProblem> {
    let mut closed: Vec<_> = latest.closed.iter().rev().collect();
    closed.sort_by_key(|it| it.cause.hides_results());
    let shown = closed.into_iter().filter(|it| named.admits(&it.account));
    shown.take(MAX_NAMED).collect()
}

fn words(cause: &Cause, how: Closure) -> &'static str {
    match how {
        Closure::Fixed if cause.hides_results() => "visible again",
        Closure::Fixed => "not found anymore",
        Closure::Exempt => "an exemption is in force",
        Closure::NotActive => "the account is closed or being closed",
        Closure::Left => "the account is not in the organization anymore",
    }
}
