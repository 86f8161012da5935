//! The bounds of a repair, written independently of the decision.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use root_access_key_watch::repair::ledger::RepairLedger;
use root_keys::organization::operation::{Action, StackSetOperation};

use crate::organization::{Organization, REASONS, Stack, day};
use crate::situations::{Case, Earlier, TODAY};

/// The pause in days after the first attempt, the second …; after the eighth there is no
/// further one.
pub const PAUSES: [i64; 8] = [1, 2, 4, 8, 16, 16, 16, 16];

/// What may be done in each account, whatever the operations and the attempts say.
pub fn eligible(organization: &Organization, configured: &[String]) -> BTreeMap<String, Action> {
    let unit_of = |unit: Option<&'static str>| {
        let may_be_in = |it: &str| configured.iter().any(|known| known == it);
        let targets = |it: &&&str| may_be_in(it) && (Some(**it) == unit || **it == "r-1");
        unit.and_then(|_| organization.units.iter().find(targets))
    };
    let waiting: Vec<_> = organization
        .members
        .values()
        .filter(|it| matches!(it.stack, Stack::Outdated | Stack::OutdatedWithoutDetails))
        .filter_map(|it| unit_of(it.unit))
        .collect();
    let mut eligible = BTreeMap::new();
    for (id, member) in &organization.members {
        let action = match member.stack {
            Stack::Missing if organization.results_visible && !member.evaluated => Action::Create,
            Stack::Failed(reason) if REASONS[reason].1 => Action::Update,
            _ => continue,
        };
        let unit = unit_of(member.unit);
        if member.state == Some("ACTIVE") && unit.is_some_and(|it| !waiting.contains(&it)) {
            eligible.insert(id.clone(), action);
        }
    }
    eligible
}

/// Whether anything at all may be started.
pub fn may_start(case: &Case) -> bool {
    let Earlier::Ledger(ledger) = &case.earlier else {
        return false;
    };
    let organization = &case.organization;
    let succeeded = organization
        .members
        .values()
        .any(|it| it.stack == Stack::Current);
    case.deployed
        && case.switch == Some(true)
        && organization.stack_set == Some(true)
        && organization.brings_the_rule
        && succeeded
        && matches!(&case.operations, Ok(operations) if operations_permit(operations, ledger))
}

fn operations_permit(operations: &[StackSetOperation], ledger: &RepairLedger) -> bool {
    let ended = ["SUCCEEDED", "FAILED", "STOPPED"];
    let all_ended = operations
        .iter()
        .all(|it| ended.contains(&it.status.as_str()));
    let ours = |id: &str| id.starts_with("root-access-key-watch-20");
    // The IDs differ in the day and then in the action.
    let day = |id: &str| id["root-access-key-watch-".len()..][..10].to_owned();
    let known = ledger.last_operation.as_deref();
    let recorded = |id: &str| known.is_some_and(|it| it == id || day(it) > day(id));
    let all_recorded = operations
        .iter()
        .filter(|it| ours(&it.id))
        .all(|it| recorded(&it.id));
    let mut updates: Vec<_> = operations
        .iter()
        .filter(|it| it.action == "UPDATE" && !ours(&it.id))
        .collect();
    updates.sort_by_key(|it| it.created);
    let last_ended_well = updates.last().is_none_or(|it| it.status == "SUCCEEDED");
    let read = day_of_reading().timestamp();
    let before = |it: &StackSetOperation| it.ended.unwrap().0.timestamp() <= read;
    all_ended && all_recorded && last_ended_well && operations.iter().all(before)
}

fn day_of_reading() -> DateTime<Utc> {
    day(TODAY).and_hms_opt(6, 0, 0).unwrap().and_utc()
}

/// Whether the record of attempts lets something be tried in the account on that day.
pub fn is_due(ledger: &RepairLedger, account: &str, day: NaiveDate) -> bool {
    let attempts = ledger.accounts.get(account);
    attempts.is_none_or(|it| it.attempts < 8 && it.not_before <= day)
}

/// The first day of the next attempt.
pub fn next_day(attempts: u32, last: NaiveDate) -> NaiveDate {
    let number = usize::try_from(attempts).unwrap().clamp(1, 8);
    last + TimeDelta::days(PAUSES[number - 1])
}
