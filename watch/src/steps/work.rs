//! The step `work`: continues from the checkpoint until the time is used up or the run
//! has decided.

use std::mem;
use std::time::Duration;

use root_keys::failure::Failure;
use root_keys::organization::clients::OrganizationClients;
use root_keys::organization::reading::Reading;
use root_keys::time::Time;
use tokio::time::{Instant, timeout_at};

use crate::answer::{Answer, Next};
use crate::checkpoint::{Checkpoint, Stage};
use crate::error::{ErrorKind, WatchError};
use crate::event::Switches;
use crate::keys;
use crate::latest::{DigestKind, Previous};
use crate::steps::context::{Progressed, StepContext, clients};
use crate::steps::report;
use crate::stored::Stored;

/// After so many attempts in a row that cannot read something, the run reports what it has
/// seen until then. The state machine pauses between them, about five minutes in all, and
/// permits more of them.
const MAX_FAILURES: u32 = 6;

pub(super) async fn work(
    step: &StepContext<'_>,
    switches: Option<Switches>,
) -> Result<Answer, WatchError> {
    let Some(mut checkpoint) = load(step, switches).await? else {
        return Ok(Answer::only(Next::Done));
    };
    loop {
        let progressed = match &mut checkpoint.stage {
            Stage::Decided { answer, .. } => return Ok(answer.clone()),
            Stage::Started => match open(step, &mut checkpoint).await {
                // It could not be read before.
                Progressed::On if is_reported(step, &checkpoint.latest, switches) => {
                    return Ok(Answer::only(Next::Done));
                }
                Progressed::On => read(step, &mut checkpoint).await,
                ends => ends,
            },
            Stage::Reading(_) => read(step, &mut checkpoint).await,
            Stage::Read(_) | Stage::Blind { .. } => {
                report::decide(step, &mut checkpoint, switches).await?
            }
        };
        step.store(&checkpoint).await?;
        match progressed {
            Progressed::On => {}
            Progressed::Ends => return Ok(Answer::only(Next::Work)),
            Progressed::Failed(error) => return Err(error),
        }
    }
}

/// How long the reading of everything but the results may go on after the time for results
/// is up: the checkpoint is stored after it.
const BEGIN_MARGIN: Duration = Duration::from_secs(80);

/// The run's checkpoint; a new one in its first step. `None` if the run has nothing to add to
/// the report that is there.
async fn load(
    step: &StepContext<'_>,
    switches: Option<Switches>,
) -> Result<Option<Checkpoint>, WatchError> {
    match step.bucket.get(&keys::checkpoint(&step.run.name)).await {
        Stored::Found { text, .. } => Checkpoint::parse(&text, &step.run).map(Some),
        Stored::Unreadable { why } => Err(WatchError::new(ErrorKind::BucketUnavailable, why)),
        Stored::Absent => {
            let latest = step.bucket.get(keys::LATEST).await;
            if is_reported(step, &latest, switches) {
                return Ok(None);
            }
            let exemptions = step.bucket.get(keys::EXEMPTIONS).await;
            Ok(Some(Checkpoint::begin(&step.run, latest, exemptions)))
        }
    }
}

/// Whether the run has nothing to add: there is a complete report of its day, or one of a
/// later day. A run after one that could not see everything, or could not publish its digest,
/// reports again.
fn is_reported(step: &StepContext<'_>, latest: &Stored, switches: Option<Switches>) -> bool {
    let Previous::Known(latest) = step.previous(latest) else {
        return false;
    };
    let is_off = latest.digest == DigestKind::SwitchedOff;
    let switched_on_since = is_off && switches.is_some_and(|it| it.digest);
    let complete = latest.is_complete() && !switched_on_since;
    let day = step.run.day();
    if latest.day < day || latest.day == day && !complete {
        return false;
    }
    step.emit(&latest, complete);
    true
}

/// Reads the objects again that could not be read. Only after too many failures, the run
/// goes on without them.
async fn open(step: &StepContext<'_>, checkpoint: &mut Checkpoint) -> Progressed {
    let mut failure = None;
    for (key, stored) in [
        (keys::LATEST, &mut checkpoint.latest),
        (keys::EXEMPTIONS, &mut checkpoint.exemptions),
    ] {
        if matches!(stored, Stored::Unreadable { .. }) {
            *stored = step.bucket.get(key).await;
        }
        if let Stored::Unreadable { why } = stored {
            failure = Some(why.clone());
        }
    }
    match failure {
        Some(why) if may_repeat(checkpoint) => {
            Progressed::Failed(WatchError::new(ErrorKind::BucketUnavailable, why))
        }
        _ => Progressed::On,
    }
}

/// Counts a failure. Says whether the state machine may repeat the step, or there were too
/// many.
fn may_repeat(checkpoint: &mut Checkpoint) -> bool {
    checkpoint.failures += 1;
    checkpoint.failures < MAX_FAILURES
}

/// Reads as much of the organization as the time permits.
async fn read(step: &StepContext<'_>, checkpoint: &mut Checkpoint) -> Progressed {
    let clients = match clients(step).await {
        Ok(clients) => clients,
        Err(failure) => return failed(checkpoint, &failure),
    };
    let time_is_up = || Instant::now() >= step.until;
    if let Stage::Reading(reading) = &mut checkpoint.stage {
        let finished = reading.advance(&clients, time_is_up).await;
        checkpoint.failures = 0;
        if !finished {
            return Progressed::Ends;
        }
        finish(checkpoint);
    } else {
        match begin(step, &clients).await {
            Ok(reading) => {
                checkpoint.failures = 0;
                checkpoint.stage = Stage::Reading(Box::new(reading));
            }
            Err(failure) => return failed(checkpoint, &failure),
        }
    }
    if time_is_up() {
        Progressed::Ends
    } else {
        Progressed::On
    }
}

/// Reads everything but the results of each account. Calls without a response could take
/// longer than the step has: that is a failure like others, so that the run reports it.
async fn begin(step: &StepContext<'_>, clients: &OrganizationClients) -> Result<Reading, Failure> {
    let begun = Reading::begin(clients, None, Time(step.now()));
    let begun = timeout_at(step.until + BEGIN_MARGIN, Box::pin(begun)).await;
    begun.unwrap_or_else(|_| {
        Err(Failure::new(
            "the organization could not be read within the time of a step; look for throttled calls of AWS \
             Organizations, AWS CloudFormation and AWS Config in this account",
        ))
    })
}

/// After too many failures, the run reports what it has seen until then.
fn failed(checkpoint: &mut Checkpoint, failure: &Failure) -> Progressed {
    if may_repeat(checkpoint) {
        let (run, attempt) = (&checkpoint.run, checkpoint.failures);
        let message = format!(
            "run {run} cannot read the organization (attempt {attempt} of {MAX_FAILURES}, then it reports that): {failure}"
        );
        return Progressed::Failed(WatchError::new(ErrorKind::OrganizationNotRead, message));
    }
    if !finish(checkpoint) {
        checkpoint.stage = Stage::Blind {
            why: failure.to_string(),
        };
    }
    Progressed::On
}

/// Ends the reading, if it has begun.
fn finish(checkpoint: &mut Checkpoint) -> bool {
    match mem::replace(&mut checkpoint.stage, Stage::Started) {
        Stage::Reading(reading) => {
            checkpoint.stage = Stage::Read(Box::new(reading.finish()));
            true
        }
        _ => false,
    }
}
