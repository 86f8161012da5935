//! What can be done in one account.

use std::collections::{BTreeMap, BTreeSet};

use root_keys::organization::account::Account;
use root_keys::organization::facts::{Facts, Instance, StackSet};
use root_keys::organization::operation::Action;

use crate::repair::reason::PassingReason;
use crate::repair::why_not::NotRepaired;

/// How the account stands with the StackSet.
pub enum Standing {
    /// Its stack is there, in the present form.
    InOrder,
    /// Nothing is missing, or nothing is meant to be there.
    NothingToDo,
    /// The operation can be tried, through that organizational unit.
    Candidate(Action, String),
    /// It needs something that the watch does not do.
    No(NotRepaired),
}

/// The organizational unit of each account through which the StackSet deploys to it: one
/// that is configured and that the StackSet has.
pub struct Units<'a> {
    of: BTreeMap<&'a str, &'a String>,
    /// The units that the present template has not been rolled out to.
    not_updated: BTreeSet<&'a String>,
}

impl<'a> Units<'a> {
    /// Finds the unit of each account.
    pub fn new(facts: &'a Facts, stack_set: &'a StackSet, configured: &[String]) -> Self {
        let of: BTreeMap<_, _> = facts
            .accounts
            .iter()
            .filter_map(|account| {
                let mut units = stack_set.organizational_units.iter();
                let unit = units
                    .find(|unit| configured.contains(unit) && account.is_in(unit) == Some(true));
                Some((account.id.as_str(), unit?))
            })
            .collect();
        let waiting = stack_set
            .instances
            .iter()
            .filter(|(_, it)| is_not_updated(it));
        let not_updated = waiting.filter_map(|(id, _)| of.get(id.as_str()).copied());
        Self {
            not_updated: not_updated.collect(),
            of,
        }
    }
}

/// Whether the stack has an older template, and no operation has tried to update it.
fn is_not_updated(instance: &Instance) -> bool {
    let detailed = instance.detailed_status.as_deref();
    instance.status == "OUTDATED" && matches!(detailed, None | Some("SUCCEEDED"))
}

/// Says how the account stands.
pub fn standing(
    facts: &Facts,
    stack_set: &StackSet,
    units: &Units<'_>,
    account: &Account,
) -> Standing {
    let instance = stack_set.instances.get(&account.id);
    if instance.is_some_and(Instance::is_current) {
        return Standing::InOrder;
    }
    if account.id == facts.viewpoint.management {
        // A StackSet never deploys to it.
        return Standing::NothingToDo;
    }
    let action = match instance {
        Some(instance) => of_instance(instance),
        None => of_missing(facts, stack_set, account),
    };
    let action = match action {
        Ok(Some(action)) => action,
        Ok(None) => return Standing::NothingToDo,
        Err(why) => return Standing::No(why),
    };
    if account.state.as_deref() != Some("ACTIVE") {
        return Standing::No(NotRepaired::NotActive);
    }
    if account.path.is_none() {
        return Standing::No(NotRepaired::UnitNotKnown);
    }
    match units.of.get(account.id.as_str()) {
        None => Standing::No(NotRepaired::OutsideUnits),
        Some(unit) if units.not_updated.contains(unit) => {
            Standing::No(NotRepaired::UnitNotUpdated((*unit).clone()))
        }
        Some(unit) => Standing::Candidate(action, (*unit).clone()),
    }
}

/// What can be done about a stack that is not current.
fn of_instance(instance: &Instance) -> Result<Option<Action>, NotRepaired> {
    if instance.status == "INOPERABLE" {
        return Err(NotRepaired::Inoperable);
    }
    match instance.detailed_status.as_deref() {
        Some("FAILED") => match instance.reason.as_deref().and_then(PassingReason::of) {
            Some(_) => Ok(Some(Action::Update)),
            None => Err(NotRepaired::OtherReason),
        },
        Some("SUCCEEDED") | None => Err(NotRepaired::NotUpdated),
        Some("CANCELLED") => Err(NotRepaired::Cancelled),
        Some("INOPERABLE") => Err(NotRepaired::Inoperable),
        Some("PENDING" | "RUNNING") => Err(NotRepaired::InProgress),
        Some(other) => Err(NotRepaired::OtherStatus(other.to_owned())),
    }
}

/// What can be done about a stack that is missing in this region.
fn of_missing(
    facts: &Facts,
    stack_set: &StackSet,
    account: &Account,
) -> Result<Option<Action>, NotRepaired> {
    if stack_set.other_regions.contains_key(&account.id) {
        return Err(NotRepaired::InOtherRegion);
    }
    let Ok(results) = &facts.results else {
        return Err(NotRepaired::ResultsNotVisible);
    };
    let evaluated = results.by_account.contains_key(&account.id);
    // Whoever deployed that rule may not want another one.
    Ok((!evaluated).then_some(Action::Create))
}
