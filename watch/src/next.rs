//! Makes the next `latest.json` from the one before and from what this run saw. Pure.
//!
//! | file | what is in it |
//! |---|---|
//! | `view` | what a run saw |
//! | `sources` | which sources a report saw |
//! | `open` | what is open now, since when, and what closed |
//! | `exemptions` | the exemptions in force, and those that ended without a digest that said so |

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use root_keys::status::account_status::{AccountCompliance, AccountStatus};
use root_keys::status::history::Day;
use root_keys::status::report::Report;
use root_keys::text::counted;

use crate::latest::{
    Counts, DigestKind, Files, Latest, MAX_CLOSED, MAX_TREND, OpenAccount, Previous, SCHEMA,
};
use crate::next::view::{Today, View};

mod exemptions;
mod open;
pub mod sources;
pub mod view;

/// How long after the last weekly message the next one is due.
const WEEK: TimeDelta = TimeDelta::days(7);

/// Makes the next document, as it is before something is repaired and the digest is
/// published: the attempts are those of the previous one.
#[must_use]
pub fn next(previous: &Previous, today: &Today<'_>) -> Latest {
    let before = previous.latest();
    let (open, mut closed) = open::next(before, today);
    let not_visible = not_visible(previous, today, &open);
    let counts = today.view.report().map(|it| Counts::of(it, &open));
    let all_compliant = before.and_then(|it| it.all_compliant);
    let (mut earlier, mut closed_not_listed) = before.map_or_else(Default::default, |it| {
        (it.closed.clone(), it.closed_not_listed)
    });
    earlier.append(&mut closed);
    closed_not_listed += limit(&mut earlier);
    Latest {
        schema: SCHEMA,
        day: today.day,
        run: today.run.to_owned(),
        files: match today.view {
            View::Report { .. } => Some(Files::of(today.day)),
            View::Blind { .. } => before.and_then(|it| it.files.clone()),
        },
        trend: trend(before, counts.as_ref(), today.day, !not_visible.is_empty()),
        digest: digest(
            today,
            all_compliant,
            open.is_empty() && not_visible.is_empty(),
        ),
        exemptions: exemptions::next(before, today),
        not_visible,
        counts,
        open,
        closed: earlier,
        closed_not_listed,
        repairs: before.map(|it| it.repairs.clone()).unwrap_or_default(),
        last_digest: before.and_then(|it| it.last_digest),
        all_compliant,
        published: false,
    }
}

/// What could not be seen, each in a sentence without its period.
fn not_visible(
    previous: &Previous,
    today: &Today<'_>,
    open: &BTreeMap<String, OpenAccount>,
) -> Vec<String> {
    let mut lines = Vec::new();
    let hidden = match today.view {
        View::Blind { why } => {
            lines.push(format!("The accounts of the organization: {why}"));
            // Those that an earlier report could not see.
            open.values().filter(|it| open::hides_results(it)).count()
        }
        View::Report { report, .. } => {
            lines.extend(report.not_visible.iter().map(|it| capitalized(it)));
            let accounts = report.accounts.iter();
            accounts.filter(|it| hides_results(it)).count()
        }
    };
    if hidden > 0 {
        let accounts = counted(hidden, "account");
        lines.push(format!(
            "The results of {accounts}, which count as open until they can be read"
        ));
    }
    lines.extend(previous_not_visible(previous));
    if today.switches.is_none() {
        lines.push(
            "The switches (parameters of AWS Systems Manager), so that nothing is repaired"
                .to_owned(),
        );
    }
    lines
}

/// That the previous report could not be read, if so: a sentence without its period.
#[must_use]
pub fn previous_not_visible(previous: &Previous) -> Option<String> {
    let Previous::Unreadable(why) = previous else {
        return None;
    };
    Some(format!(
        "The previous report, so that every problem counts as new and its age starts today: {why}"
    ))
}

/// Whether a finding in the account could be hidden.
fn hides_results(status: &AccountStatus) -> bool {
    status.compliance == AccountCompliance::NotVisible
        || status.open_problems().any(|it| it.kind.hides_results())
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    // The name of a call keeps its small letters.
    let call = text
        .split_whitespace()
        .next()
        .is_some_and(|it| it.contains(':'));
    match letters.next() {
        Some(first) if !call => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

fn digest(today: &Today<'_>, last: Option<NaiveDate>, all_is_well: bool) -> DigestKind {
    if today.switches.is_some_and(|it| !it.digest) {
        DigestKind::SwitchedOff
    } else if !all_is_well {
        DigestKind::Open
    } else if last.is_none_or(|last| today.day - last >= WEEK) {
        DigestKind::AllCompliant
    } else {
        DigestKind::Nothing
    }
}

/// Drops what is too much, the oldest first; returns how many.
fn limit<T>(closed: &mut Vec<T>) -> usize {
    let too_many = closed.len().saturating_sub(MAX_CLOSED);
    closed.drain(..too_many);
    too_many
}

fn trend(
    before: Option<&Latest>,
    counts: Option<&Counts>,
    day: NaiveDate,
    partial: bool,
) -> Vec<Day> {
    let mut trend = before.map_or_else(Vec::new, |it| it.trend.clone());
    trend.retain(|it| it.day < day);
    trend.extend(counts.map(|it| Day {
        day,
        accounts: it.accounts,
        open: it.open,
        non_compliant: it.non_compliant,
        partial,
    }));
    let too_many = trend.len().saturating_sub(MAX_TREND);
    trend.drain(..too_many);
    trend
}

impl Counts {
    /// Counts the accounts of a report, each once.
    fn of(report: &Report, open: &BTreeMap<String, OpenAccount>) -> Self {
        let mut kinds: BTreeMap<AccountKind, usize> = BTreeMap::new();
        for status in &report.accounts {
            let is_open = open.contains_key(&status.account);
            *kinds.entry(AccountKind::of(status, is_open)).or_default() += 1;
        }
        let count = |kind| kinds.get(&kind).copied().unwrap_or_default();
        Self {
            accounts: report.accounts.len(),
            well: count(AccountKind::Well),
            exempt: count(AccountKind::Exempt),
            not_active: count(AccountKind::NotActive),
            open: count(AccountKind::Open),
            non_compliant: report.count(AccountCompliance::NonCompliant),
        }
    }
}

/// Each account is exactly one of these.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum AccountKind {
    Open,
    NotActive,
    Exempt,
    Well,
}

impl AccountKind {
    fn of(status: &AccountStatus, is_open: bool) -> Self {
        if is_open {
            Self::Open
        } else if status.compliance == AccountCompliance::NotActive {
            Self::NotActive
        } else if status.needs_no_action() {
            Self::Well
        } else {
            Self::Exempt
        }
    }
}
