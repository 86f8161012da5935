//! The bounds of repairs, checked against every request to CloudFormation that changes
//! something.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::fleet::{Fleet, Member, Operation};
use crate::history::{Other, Stack};

/// Checks all operations so far.
pub fn stay_within_their_bounds(fleet: &Fleet) -> Result<(), TestCaseError> {
    let mut accepted = BTreeSet::new();
    let mut of_day: BTreeMap<NaiveDate, &str> = BTreeMap::new();
    let mut attempts: BTreeMap<&str, Vec<NaiveDate>> = BTreeMap::new();
    for operation in &fleet.operations {
        is_permitted(operation)?;
        let id = *of_day.entry(operation.day).or_insert(&operation.id);
        prop_assert_eq!(id, &operation.id, "two operations on one day");
        if !operation.accepted {
            continue;
        }
        prop_assert!(
            accepted.insert(&operation.id),
            "{} was started twice",
            operation.id
        );
        for member in &operation.members {
            if member.plain.stack == Stack::Current || !member.joined {
                attempts.remove(member.id.as_str());
            }
        }
        for account in &operation.accounts {
            let earlier = attempts.entry(account).or_default();
            pauses(account, earlier, operation.day)?;
            earlier.push(operation.day);
        }
    }
    Ok(())
}

fn is_permitted(operation: &Operation) -> Result<(), TestCaseError> {
    let Operation {
        id,
        accounts,
        members,
        moment,
        day,
        creates,
        ..
    } = operation;
    let word = if *creates { "create" } else { "update" };
    prop_assert_eq!(id, &format!("root-access-key-watch-{day}-{word}"));
    prop_assert!((1..=50).contains(&accounts.len()), "{operation:?}");
    prop_assert!(moment.switched_on, "repaired although it is switched off");
    prop_assert!(
        moment.has_report,
        "repaired without the record of earlier attempts"
    );
    prop_assert!(!moment.runs, "repaired while an operation of ours runs");
    let other = moment.other;
    prop_assert!(
        !matches!(other, Some(Other::Runs | Other::Stopped)),
        "{other:?}"
    );
    let is_elsewhere = |it: &Member| it.joined && it.plain.stack == Stack::Current;
    prop_assert!(
        members.iter().any(is_elsewhere),
        "no account has the template"
    );
    for account in accounts {
        let member = members.iter().find(|it| it.id == *account);
        let member = member.filter(|it| it.joined && it.active && it.plain.in_unit);
        let member = member.filter(|it| !it.in_progress);
        let stack = member.map(|it| it.plain.stack);
        let may = match stack {
            Some(Stack::Missing) => *creates,
            Some(Stack::Throttled | Stack::NoRecorder) => !creates,
            _ => false,
        };
        prop_assert!(may, "{account} is {stack:?}: {operation:?}");
    }
    Ok(())
}

/// The pauses grow: 1, 2, 4, 8 days, then 16; and after eight attempts there is no other.
fn pauses(account: &str, earlier: &[NaiveDate], day: NaiveDate) -> Result<(), TestCaseError> {
    prop_assert!(
        earlier.len() < 8,
        "attempt {} in {account}",
        earlier.len() + 1
    );
    if let Some(last) = earlier.last() {
        let least = [1, 2, 4, 8, 16, 16, 16][earlier.len() - 1];
        let days = (day - *last).num_days();
        prop_assert!(
            days >= least,
            "{account}: {days} days after attempt {}",
            earlier.len()
        );
    }
    Ok(())
}

/// The operations that AWS accepted, and the accounts whose stack they made current.
pub fn count(fleet: &Fleet) -> (usize, usize) {
    let accepted: Vec<_> = fleet.operations.iter().filter(|it| it.accepted).collect();
    let worked = |operation: &Operation, account: &String| {
        let mut members = operation.members.iter();
        members.any(|it| it.id == *account && it.plain.has_recorder)
    };
    let repaired = accepted
        .iter()
        .map(|it| it.accounts.iter().filter(|id| worked(it, id)).count());
    (accepted.len(), repaired.sum())
}
