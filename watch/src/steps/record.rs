//! The step `record`: writes `latest.json`, the last object of a run.

use crate::answer::{Answer, Next};
use crate::bucket::{Condition, Written};
use crate::checkpoint::{self, Checkpoint, Stage};
use crate::error::{ErrorKind, WatchError};
use crate::keys;
use crate::latest::{Latest, Previous};
use crate::steps::context::{JSON, StepContext, previous};
use crate::stored::Stored;

pub(super) async fn record(step: &StepContext<'_>, published: bool) -> Result<Answer, WatchError> {
    let (found, answer, latest) = decided(step).await?;
    let latest = latest.after_publishing(published);
    let condition = match found {
        Stored::Absent => Condition::Absent,
        Stored::Found { etag, .. } => Condition::Unchanged(etag),
        Stored::Unreadable { .. } => of_unreadable(step).await?,
    };
    let text = latest.json();
    let put = step.put(keys::LATEST, JSON, &text, &condition);
    if put.await? == Written::ConditionFailed && !is_recorded(step).await? {
        return Err(conflict(step));
    }
    step.emit(&latest, published || answer.next != Next::Publish);
    Ok(Answer::only(Next::Done))
}

/// The condition where the object could not be read at the beginning. If it can be read
/// now, it stays: this run knows neither the ages of the problems nor the repairs in it.
async fn of_unreadable(step: &StepContext<'_>) -> Result<Condition, WatchError> {
    let found = step.bucket.get(keys::LATEST).await;
    match (previous(&found), found) {
        (Previous::Known(latest), _) if latest.run != step.run.name => Err(conflict(step)),
        (_, Stored::Absent) => Ok(Condition::Absent),
        (_, Stored::Found { etag, .. }) => Ok(Condition::Unchanged(etag)),
        (_, Stored::Unreadable { why }) => Err(WatchError::new(ErrorKind::BucketUnavailable, why)),
    }
}

/// `latest.json` as the run found it, and what the run decided.
async fn decided(step: &StepContext<'_>) -> Result<(Stored, Answer, Latest), WatchError> {
    let run = &step.run;
    let text = match step.bucket.get(&keys::checkpoint(&run.name)).await {
        Stored::Found { text, .. } => text,
        Stored::Absent => return Err(checkpoint::unreadable(run, "there is none")),
        Stored::Unreadable { why } => {
            return Err(WatchError::new(ErrorKind::BucketUnavailable, why));
        }
    };
    let Checkpoint { latest, stage, .. } = Checkpoint::parse(&text, run)?;
    match stage {
        Stage::Decided {
            answer,
            latest: draft,
        } => Ok((latest, answer, *draft)),
        _ => Err(checkpoint::unreadable(run, "the run has not decided yet")),
    }
}

/// Whether an earlier attempt of this step wrote the object, and its response was lost.
async fn is_recorded(step: &StepContext<'_>) -> Result<bool, WatchError> {
    match step.bucket.get(keys::LATEST).await {
        Stored::Unreadable { why } => Err(WatchError::new(ErrorKind::BucketUnavailable, why)),
        found => Ok(match previous(&found) {
            Previous::Known(latest) => latest.run == step.run.name,
            Previous::First | Previous::Unreadable(_) => false,
        }),
    }
}

fn conflict(step: &StepContext<'_>) -> WatchError {
    WatchError::new(
        ErrorKind::RecordConflict,
        format!(
            "run {} was not recorded: {} in s3://{} is of another run, which this run could not read when it began; compare the executions of \
             the state machine root-access-key-rule-org-watch of this day, and start a new one if none succeeded",
            step.run.name,
            keys::LATEST,
            step.settings.bucket
        ),
    )
}
