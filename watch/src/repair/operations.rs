//! What the operations on the StackSet in the last 90 days say.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use root_keys::organization::operation::{Action, StackSetOperation};
use root_keys::time::Time;

use crate::repair::ledger::RepairLedger;
use crate::repair::why_not::Nothing;

const PREFIX: &str = "root-access-key-watch-";

/// Returns the ID of the watch's operation of that day.
#[must_use]
pub fn id(day: NaiveDate, action: Action) -> String {
    format!("{PREFIX}{day}-{}", action.word())
}

/// The day and the action of an operation of the watch; `None` for another's.
fn ours(id: &str) -> Option<(NaiveDate, Action)> {
    let (day, action) = id.strip_prefix(PREFIX)?.rsplit_once('-')?;
    let actions = [Action::Create, Action::Update].into_iter();
    let action = actions.into_iter().find(|it| it.word() == action)?;
    Some((day.parse().ok()?, action))
}

/// Whether an operation may be started now; `read` is when the StackSet was read. An attempt
/// that was not recorded is recorded now, in all of `tried`.
///
/// # Errors
/// Why none may be started.
pub(super) fn permit(
    operations: &[StackSetOperation],
    tried: &BTreeSet<String>,
    read: Time,
    ledger: &mut RepairLedger,
) -> Result<(), Nothing> {
    let not_recorded = not_recorded(operations, ledger);
    match not_recorded[..] {
        [] => {}
        [(day, _, id)] => ledger.count(tried, day, id),
        // The record is lost, or an old one was restored.
        [.., (day, _, id)] => ledger.assume_longest_pause(tried, day, id),
    }
    if let Some(running) = operations.iter().find(|it| it.is_in_progress()) {
        return Err(Nothing::OperationInProgress(running.id.clone()));
    }
    match not_recorded[..] {
        [] => {}
        [(.., id)] => return Err(Nothing::AttemptNotRecorded(id.to_owned())),
        [.., (.., id)] => return Err(Nothing::AttemptsNotRecorded(id.to_owned())),
    }
    // What was read may not be true anymore.
    let since = |it: &&StackSetOperation| it.ended.is_some_and(|ended| ended > read);
    if let Some(ended) = operations.iter().find(since) {
        return Err(Nothing::OperationSince(ended.id.clone()));
    }
    match last_update(operations) {
        Some(update) if update.is_stopped() => Err(Nothing::UpdateStopped(update.id.clone())),
        _ => Ok(()),
    }
}

/// The operations of the watch that the last report did not know, the newest last.
fn not_recorded<'a>(
    operations: &'a [StackSetOperation],
    ledger: &RepairLedger,
) -> Vec<(NaiveDate, Action, &'a str)> {
    let known = ledger.last_operation.as_deref();
    let known_day = known.and_then(ours).map(|(day, _)| day);
    let mut not_recorded: Vec<_> = operations
        .iter()
        .filter_map(|it| ours(&it.id).map(|(day, action)| (day, action, it.id.as_str())))
        .filter(|(day, _, id)| known != Some(id) && known_day.is_none_or(|known| known <= *day))
        .collect();
    not_recorded.sort();
    not_recorded
}

/// The last update that somebody else than the watch started: one of the StackSet, or of
/// some of its stacks.
fn last_update(operations: &[StackSetOperation]) -> Option<&StackSetOperation> {
    let updates = operations
        .iter()
        .filter(|it| it.action == "UPDATE" && ours(&it.id).is_none());
    // AWS does not say in which order it lists them. One without a time counts as the last.
    updates.max_by_key(|it| (it.created.is_none(), it.created))
}
