//! Decides which operation on the StackSet is started today, if any, and says of every
//! account that stays as it is why. Pure.
//!
//! At most one operation a run, in at most [`MAX_ACCOUNTS`] accounts: it creates stacks
//! that are missing, or updates stacks whose own last operation failed for a reason that
//! passes. Whatever is not known forbids it.
//!
//! | file | what is in it |
//! |---|---|
//! | `account` | what can be done in one account |
//! | `reason` | the reasons of CloudFormation that another attempt can fix |
//! | `operations` | what the operations of the last 90 days say |
//! | `ledger` | the attempts so far, and the pauses between them |
//! | `why_not` | why nothing is done, with words for the report |
//! | `outcome` | what was decided, and what became of it |

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use root_keys::organization::facts::{Facts, SourceResult, StackSet};
use root_keys::organization::operation::{Action, StackSetOperation, StartOperation};

use crate::repair::account::{Standing, Units};
use crate::repair::ledger::RepairLedger;
use crate::repair::outcome::Decision;
use crate::repair::why_not::{NotRepaired, Nothing};

mod account;
pub mod ledger;
pub mod operations;
pub mod outcome;
mod reason;
pub mod why_not;

/// The most accounts that an operation works in.
pub const MAX_ACCOUNTS: usize = 50;

/// What the decision depends on.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// What was read of the organization.
    pub facts: &'a Facts,
    /// What the last report knew of earlier attempts.
    pub known: Known<'a>,
    /// The organizational units that the deployment configured for the StackSet.
    pub configured_units: &'a [String],
    /// Whether the deployment permits repairs.
    pub deployed: bool,
    /// The operator's switch; `None` if it could not be read.
    pub switch: Option<bool>,
    /// The UTC day of the run.
    pub day: NaiveDate,
}

/// What the last report knew of earlier attempts.
#[derive(Debug, Clone, Copy)]
pub enum Known<'a> {
    /// There is no last report.
    First,
    /// There is one, and it could not be read.
    Unreadable,
    /// These attempts.
    Ledger(&'a RepairLedger),
}

/// The accounts in which something can be done.
type Candidates = BTreeMap<String, (Action, String)>;

/// Whether the decision depends on the operations on the StackSet, so that they have to be
/// listed first.
#[must_use]
pub fn needs_operations(situation: &Situation<'_>) -> bool {
    let (mut decision, candidates) = examine(situation);
    may_repair(situation, &candidates).is_ok()
        && !due(&candidates, &mut decision, situation.day).is_empty()
}

/// Decides. `operations` are those on the StackSet, or why they could not be listed;
/// `None` where [`needs_operations`] is false.
#[must_use]
pub fn decide(
    situation: &Situation<'_>,
    operations: Option<&SourceResult<Vec<StackSetOperation>>>,
) -> Decision {
    let (mut decision, candidates) = examine(situation);
    let operation = may_repair(situation, &candidates).and_then(|()| {
        let due = due(&candidates, &mut decision, situation.day);
        if due.is_empty() {
            return Err(Nothing::NoneDue);
        }
        let operations = match operations {
            Some(Ok(operations)) => operations,
            Some(Err(why)) => return Err(Nothing::OperationsNotVisible(why.clone())),
            None => {
                return Err(Nothing::OperationsNotVisible(
                    "they were not listed".to_owned(),
                ));
            }
        };
        let tried = possibly_tried(&candidates, &decision);
        let read = situation.facts.now;
        operations::permit(operations, &tried, read, &mut decision.ledger)?;
        Ok(choose(&candidates, &due, &decision.ledger, situation.day))
    });
    let started: BTreeSet<&String> = operation.iter().flat_map(|it| &it.accounts).collect();
    for account in candidates.keys().filter(|it| !started.contains(it)) {
        let later = || NotRepaired::Later;
        let why = decision.not_repaired.entry(account.clone());
        why.or_insert_with(later);
    }
    match operation {
        Ok(operation) => decision.repair = Some(operation),
        Err(nothing) => decision.nothing = Some(nothing),
    }
    decision
}

/// Sorts the accounts into those in which something can be done and the others.
fn examine(situation: &Situation<'_>) -> (Decision, Candidates) {
    let facts = situation.facts;
    let before = match situation.known {
        Known::Ledger(ledger) => ledger.clone(),
        Known::First | Known::Unreadable => RepairLedger::default(),
    };
    let mut decision = Decision::new(before, situation.day);
    let mut candidates = Candidates::new();
    let Some(stack_set) = facts.stack_set() else {
        return (decision, candidates);
    };
    let units = Units::new(facts, stack_set, situation.configured_units);
    for account in &facts.accounts {
        match account::standing(facts, stack_set, &units, account) {
            Standing::InOrder => decision.succeeded(&account.id),
            Standing::NothingToDo => {}
            Standing::Candidate(action, unit) => {
                candidates.insert(account.id.clone(), (action, unit));
            }
            Standing::No(why) => {
                decision.not_repaired.insert(account.id.clone(), why);
            }
        }
    }
    let listed: BTreeSet<&String> = facts.accounts.iter().map(|it| &it.id).collect();
    decision.ledger.accounts.retain(|id, _| listed.contains(id));
    (decision, candidates)
}

/// Whether anything may be done at all, before the operations on the StackSet are known.
fn may_repair(situation: &Situation<'_>, candidates: &Candidates) -> Result<(), Nothing> {
    if !situation.deployed {
        return Err(Nothing::NotDeployed);
    }
    match situation.switch {
        None => return Err(Nothing::SwitchNotRead),
        Some(false) => return Err(Nothing::SwitchedOff),
        Some(true) => {}
    }
    match situation.known {
        Known::First => return Err(Nothing::FirstReport),
        Known::Unreadable => return Err(Nothing::LastReportNotReadable),
        Known::Ledger(_) => {}
    }
    let stack_set = match &situation.facts.stack_set {
        Err(_) => return Err(Nothing::StackSetNotVisible),
        Ok(None) => return Err(Nothing::NoStackSet),
        Ok(Some(stack_set)) => stack_set,
    };
    if !stack_set.brings_the_rule {
        return Err(Nothing::NoStackSet);
    }
    if candidates.is_empty() {
        return Err(Nothing::NothingToRepair);
    }
    if !has_succeeded(stack_set) {
        return Err(Nothing::NotSucceededElsewhere);
    }
    Ok(())
}

/// Whether the template that the StackSet has now was deployed to some account.
fn has_succeeded(stack_set: &StackSet) -> bool {
    let mut instances = stack_set.instances.values();
    instances
        .any(|it| it.is_current() && matches!(it.detailed_status.as_deref(), Some("SUCCEEDED")))
}

/// The candidates that are neither in their pause nor given up; the others get their
/// reason.
fn due(candidates: &Candidates, decision: &mut Decision, day: NaiveDate) -> Vec<String> {
    let mut due = Vec::new();
    for account in candidates.keys() {
        match decision.ledger.waits(account, day) {
            Some(why) => drop(decision.not_repaired.insert(account.clone(), why)),
            None => due.push(account.clone()),
        }
    }
    due
}

/// The accounts in which an operation that was not recorded may have worked: AWS's list of
/// operations does not name them.
fn possibly_tried(candidates: &Candidates, decision: &Decision) -> BTreeSet<String> {
    let in_progress = decision.not_repaired.iter();
    let in_progress = in_progress.filter(|(_, why)| **why == NotRepaired::InProgress);
    let in_progress = in_progress.map(|(account, _)| account);
    candidates.keys().chain(in_progress).cloned().collect()
}

/// The operation for the accounts with the fewest attempts, of one kind.
fn choose(
    candidates: &Candidates,
    due: &[String],
    ledger: &RepairLedger,
    day: NaiveDate,
) -> StartOperation {
    let mut due: Vec<_> = due
        .iter()
        .filter_map(|id| Some((ledger.rank(id), id, candidates.get(id)?)))
        .collect();
    due.sort();
    let action = due
        .first()
        .map_or(Action::Create, |(.., (action, _))| *action);
    let of_one_kind = due.into_iter().filter(|(.., (it, _))| *it == action);
    let (mut units, mut accounts) = (BTreeSet::new(), BTreeSet::new());
    for (_, account, (_, unit)) in of_one_kind.take(MAX_ACCOUNTS) {
        units.insert(unit.clone());
        accounts.insert(account.clone());
    }
    StartOperation {
        operation_id: operations::id(day, action),
        action,
        units: units.into_iter().collect(),
        accounts: accounts.into_iter().collect(),
    }
}
