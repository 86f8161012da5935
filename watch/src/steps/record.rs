//! The step `record`: writes `latest.json`, the last object of a run.

use crate::answer::{Answer, Next};
use crate::bucket::{Condition, Written};
use crate::checkpoint::{self, Checkpoint, Stage};
use crate::error::{ErrorKind, WatchError};
use crate::keys;
use crate::latest::{Latest, Previous};
use crate::steps::context::{JSON, StepContext};
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
    if put.await? == Written::ConditionFailed {
        is_recorded(step).await?;
    }
    step.emit(&latest, published || answer.next != Next::Publish);
    Ok(Answer::only(Next::Done))
}

/// The condition where the object could not be read at the beginning. If it can be read
/// now, it stays: this run knows neither the ages of the problems nor the repairs in it.
async fn of_unreadable(step: &StepContext<'_>) -> Result<Condition, WatchError> {
    let found = step.bucket.get(keys::LATEST).await;
    match (step.previous(&found), found) {
        (Previous::Known(latest), _) if latest.run != step.run.name => {
            let why = format!(
                "it is of run {} and could not be read when this run began",
                latest.run
            );
            Err(conflict(step, &why))
        }
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
///
/// # Errors
/// What has become of the object, if it was not written by this step.
async fn is_recorded(step: &StepContext<'_>) -> Result<(), WatchError> {
    let found = step.bucket.get(keys::LATEST).await;
    if let Stored::Unreadable { why } = found {
        return Err(WatchError::new(ErrorKind::BucketUnavailable, why));
    }
    let why = match step.previous(&found) {
        Previous::Known(latest) if latest.run == step.run.name => return Ok(()),
        Previous::Known(latest) => {
            format!("run {} has written it since this run began", latest.run)
        }
        Previous::First => "it was deleted after this run began".to_owned(),
        Previous::Unreadable(why) => format!("it was changed after this run began: {why}"),
    };
    Err(conflict(step, &why))
}

fn conflict(step: &StepContext<'_>, why: &str) -> WatchError {
    WatchError::new(
        ErrorKind::RecordConflict,
        format!(
            "run {} was not recorded in {} of s3://{}: {why}; compare the executions of the state machine \
             root-access-key-rule-org-watch of this day, and start a new one if none succeeded",
            step.run.name,
            keys::LATEST,
            step.settings.bucket
        ),
    )
}
