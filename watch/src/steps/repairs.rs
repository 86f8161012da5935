//! Starts the operation on the StackSet that is decided: its ID is stored before, so that
//! a step that is retried starts the same one again, which AWS does once.

use root_keys::organization::facts::Facts;
use root_keys::organization::operation::{StartOperation, Started};
use root_keys::organization::stack_set_operations;

use crate::checkpoint::{Checkpoint, Stage};
use crate::error::WatchError;
use crate::event::Switches;
use crate::latest::Previous;
use crate::repair::outcome::{Decision, RepairOutcome};
use crate::repair::{self, Known, Situation};
use crate::steps::context::{StepContext, clients};

/// Repairs what may be repaired; `None` if nothing of the organization was read.
pub async fn repair(
    step: &StepContext<'_>,
    checkpoint: &mut Checkpoint,
    previous: &Previous,
    switches: Option<Switches>,
) -> Result<Option<RepairOutcome>, WatchError> {
    let Stage::Read(facts) = &checkpoint.stage else {
        return Ok(None);
    };
    let decision = match &checkpoint.repair {
        Some(decision) => decision.clone(),
        None => decide(step, facts, previous, switches).await,
    };
    let Some(operation) = decision.repair.clone() else {
        return Ok(Some(decision.outcome(None)));
    };
    if checkpoint.repair.is_none() {
        checkpoint.repair = Some(decision.clone());
        step.store(checkpoint).await?;
    }
    let started = start(step, &operation).await;
    Ok(Some(decision.outcome(Some(started))))
}

async fn decide(
    step: &StepContext<'_>,
    facts: &Facts,
    previous: &Previous,
    switches: Option<Switches>,
) -> Decision {
    let situation = Situation {
        facts,
        known: match previous {
            Previous::First => Known::First,
            Previous::Unreadable(_) => Known::Unreadable,
            Previous::Known(latest) => Known::Ledger(&latest.repairs),
        },
        configured_units: &step.settings.configured_units,
        deployed: step.settings.repair,
        switch: switches.map(|it| it.repair),
        day: step.run.day(),
    };
    if !repair::needs_operations(&situation) {
        return repair::decide(&situation, None);
    }
    let operations = match clients(step).await {
        Ok(clients) => stack_set_operations::read(&clients).await,
        Err(failure) => Err(failure),
    };
    let operations = operations.map_err(|failure| failure.to_string());
    repair::decide(&situation, Some(&operations))
}

async fn start(step: &StepContext<'_>, operation: &StartOperation) -> Started {
    match clients(step).await {
        Ok(clients) => stack_set_operations::start(&clients, operation).await,
        // An earlier attempt of this step may have started it.
        Err(failure) => Started::Unknown(failure.to_string()),
    }
}
