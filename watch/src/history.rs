//! What the page of a report shows beside today's facts.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use root_keys::status::history::{History, Repair, Switches};
use root_keys::status::problem::Kind;

use crate::cause::Cause;
use crate::event;
use crate::latest::{Latest, OpenAccount, Previous};
use crate::next::previous_not_visible;
use crate::repair::outcome::RepairOutcome;
use crate::repair_lines;

/// Returns it for the report that `latest` is about.
#[must_use]
pub fn of(
    latest: &Latest,
    previous: &Previous,
    switches: Option<event::Switches>,
    outcome: &RepairOutcome,
) -> History {
    let lines = repair_lines::of(outcome).into_iter();
    History {
        days: latest.trend.clone(),
        since: latest
            .open
            .iter()
            .map(|(id, it)| (id.clone(), since(it)))
            .collect(),
        switches: switches.map(|it| Switches {
            repair: it.repair,
            digest: it.digest,
        }),
        repairs: lines.flat_map(|it| repairs(&it)).collect(),
        not_visible: previous_not_visible(previous).into_iter().collect(),
    }
}

fn since(account: &OpenAccount) -> BTreeMap<Kind, NaiveDate> {
    let problems = account.problems.iter();
    let known = problems.filter_map(|(cause, it)| match cause {
        Cause::Problem(kind) => Some((*kind, it.since)),
        Cause::Other(_) | Cause::NotVisible => None,
    });
    known.collect()
}

/// One for each account of the line.
fn repairs(line: &repair_lines::RepairLine) -> Vec<Repair> {
    let repair = |account: Option<&String>| Repair {
        account: account.cloned(),
        what: line.what.clone(),
    };
    if line.accounts.is_empty() {
        return vec![repair(None)];
    }
    line.accounts.iter().map(|it| repair(Some(it))).collect()
}
