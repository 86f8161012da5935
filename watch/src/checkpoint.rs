//! The state that the steps of a run share, as an object of the bucket (pure).

use root_keys::organization::facts::Facts;
use root_keys::organization::reading::Reading;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::error::{ErrorKind, WatchError};
use crate::event::Run;
use crate::latest::Latest;
use crate::repair::outcome::Decision;
use crate::stored::Stored;

/// How far a run is, and what it started from.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Checkpoint {
    /// The version of the function that wrote it. Another version does not continue it.
    version: String,
    /// The name of the execution.
    pub run: String,
    /// `latest.json` as the run found it.
    pub latest: Stored,
    /// `exemptions.json` as the run found it.
    pub exemptions: Stored,
    /// How many attempts in a row could not read something.
    pub failures: u32,
    /// The decision to start an operation on the StackSet, which may have been started.
    pub repair: Option<Decision>,
    /// How far the run is.
    pub stage: Stage,
}

/// How far a run is. A step that is retried continues at the stage that was stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Nothing of the organization was read.
    Started,
    /// Results are being read.
    Reading(Box<Reading>),
    /// Everything was read, or the run gave up reading more.
    Read(Box<Facts>),
    /// The accounts could not be listed.
    Blind {
        /// Why, in a sentence.
        why: String,
    },
    /// The files are stored, and it is decided what to publish and to record.
    Decided {
        /// The answer of each further step `work`.
        answer: Answer,
        /// What the step `record` writes, before it knows whether the digest was published.
        latest: Box<Latest>,
    },
}

impl Checkpoint {
    /// Begins a run with what the bucket has.
    #[must_use]
    pub fn begin(run: &Run, latest: Stored, exemptions: Stored) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run: run.name.clone(),
            latest,
            exemptions,
            failures: 0,
            repair: None,
            stage: Stage::Started,
        }
    }

    /// Reads the object.
    ///
    /// # Errors
    /// `CheckpointUnreadable` if it is not the checkpoint of that run and this version.
    pub fn parse(text: &str, run: &Run) -> Result<Self, WatchError> {
        let checkpoint: Self =
            serde_json::from_str(text).map_err(|error| unreadable(run, &error.to_string()))?;
        if checkpoint.version != env!("CARGO_PKG_VERSION") {
            let why = format!("version {} of the function wrote it", checkpoint.version);
            return Err(unreadable(run, &why));
        }
        if checkpoint.run != run.name {
            let why = format!("it is that of run {}", checkpoint.run);
            return Err(unreadable(run, &why));
        }
        Ok(checkpoint)
    }

    /// Returns the object as JSON in one line.
    ///
    /// # Errors
    /// `InternalError` if it cannot be written as JSON.
    pub fn json(&self) -> Result<String, WatchError> {
        serde_json::to_string(self).map_err(|error| {
            let message =
                format!("cannot write the checkpoint as JSON: {error}; report this message");
            WatchError::new(ErrorKind::InternalError, message)
        })
    }
}

/// The error of a checkpoint that does not let the run continue.
#[must_use]
pub fn unreadable(run: &Run, why: &str) -> WatchError {
    WatchError::new(
        ErrorKind::CheckpointUnreadable,
        format!(
            "run {} cannot continue: its checkpoint cannot be used: {why}; start a new execution of the state \
             machine root-access-key-rule-org-watch",
            run.name
        ),
    )
}
