//! Words what closed since the last digest.

use std::collections::BTreeMap;

use root_keys::text::{counted, thousands};

use crate::cause::Cause;
use crate::digest::mail::Mail;
use crate::external::external;
use crate::latest::{ClosedProblem, Closure, Latest};

/// The most closed problems that a digest names.
const MAX_NAMED: usize = 50;

/// Adds the section, if something closed.
pub fn section(mail: &mut Mail, latest: &Latest) {
    let closed = latest.closed.len() + latest.closed_not_listed;
    if closed == 0 {
        return;
    }
    let since = latest
        .last_digest
        .map_or_else(String::new, |day| format!(" since the digest of {day}"));
    mail.section(&format!("Closed{since} ({})", counted(closed, "problem")));
    let mut groups: BTreeMap<(&Cause, Closure), Vec<&ClosedProblem>> = BTreeMap::new();
    for it in latest.closed.iter().rev().take(MAX_NAMED) {
        groups.entry((&it.cause, it.how)).or_default().push(it);
    }
    for ((cause, how), mut problems) in groups {
        problems.sort_by(|a, b| (&a.account, a.closed).cmp(&(&b.account, b.closed)));
        mail.wrapped(0, 2, &format!("{}: {}", cause.title(), words(how)));
        for it in problems {
            let ClosedProblem {
                account, closed, ..
            } = it;
            let name = external(&it.name);
            let days = (*closed - it.since).num_days().max(0);
            let days = counted(usize::try_from(days).unwrap_or_default(), "day");
            mail.wrapped(4, 8, &format!("{account}  {name}, {closed}, after {days}"));
        }
    }
    let hidden = closed - latest.closed.len().min(MAX_NAMED);
    if hidden > 0 {
        mail.line(&format!("... and {} more.", thousands(hidden)));
    }
}

fn words(how: Closure) -> &'static str {
    match how {
        Closure::Fixed => "not found anymore",
        Closure::Exempt => "an exemption is in force",
        Closure::NotActive => "the account is closed or being closed",
        Closure::Left => "the account is not in the organization anymore",
    }
}
