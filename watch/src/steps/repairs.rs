//! Starts the operation on the StackSet that is decided. It is stored before, so that a step
//! that is retried finds out whether it was started; if it was not, the step decides again,
//! because what forbids it may have come since.

use root_keys::organization::facts::{Facts, SourceResult};
use root_keys::organization::operation::{StackSetOperation, StartOperation, Started};
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
    if let Some(earlier) = &checkpoint.repair
        && let Some(started) = started_before(step, earlier).await
    {
        return Ok(Some(earlier.clone().outcome(Some(started))));
    }
    let decision = decide(step, facts, previous, switches).await;
    let Some(operation) = decision.repair.clone() else {
        return Ok(Some(decision.outcome(None)));
    };
    checkpoint.repair = Some(decision.clone());
    step.store(checkpoint).await?;
    let started = start(step, &operation).await;
    Ok(Some(decision.outcome(Some(started))))
}

/// What became of an operation that an earlier attempt of this step stored; `None` if it did
/// not start it.
async fn started_before(step: &StepContext<'_>, earlier: &Decision) -> Option<Started> {
    let stored = earlier.repair.as_ref()?;
    match operations(step).await {
        Ok(operations) if operations.iter().any(|it| it.id == stored.operation_id) => {
            Some(Started::AlreadyStarted)
        }
        Ok(_) => None,
        Err(why) => Some(Started::Unknown(why)),
    }
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
    repair::decide(&situation, Some(&operations(step).await))
}

async fn operations(step: &StepContext<'_>) -> SourceResult<Vec<StackSetOperation>> {
    let operations = match clients(step).await {
        Ok(clients) => stack_set_operations::read(&clients).await,
        Err(failure) => Err(failure),
    };
    operations.map_err(|failure| failure.to_string())
}

async fn start(step: &StepContext<'_>, operation: &StartOperation) -> Started {
    match clients(step).await {
        Ok(clients) => stack_set_operations::start(&clients, operation).await,
        // An earlier attempt of this step may have started it.
        Err(failure) => Started::Unknown(failure.to_string()),
    }
}
