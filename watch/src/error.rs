//! The error of a failed step: its kind, and what to do about it.

use std::error::Error;
use std::fmt;

use root_access_key_rule::error::{RuleError, RunError};

/// The kind of a failed step. Its name is the `errorType` that the state machine
/// sees, stable across versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// An environment variable is absent or has an invalid value. Fixed by whoever
    /// deployed the function.
    InvalidEnvironment,
    /// The payload is not a step of the state machine. Fixed by whoever invoked the
    /// function.
    InvalidEvent,
    /// An object of the watch's bucket could not be read or written. The state machine
    /// retries the step; the message says what to do if that does not help.
    BucketUnavailable,
    /// The organization could not be read. The state machine retries the step; after too
    /// many attempts, the run reports that it is not visible.
    OrganizationNotRead,
    /// The run's checkpoint is absent or unreadable, so that the step cannot continue.
    CheckpointUnreadable,
    /// Something else than this run has changed `latest.json` in the meantime, so that it
    /// stays as it is.
    RecordConflict,
    /// The step did not end within the function's timeout. The state machine retries it.
    OutOfTime,
    /// A bug in the watch. Fixed by its authors.
    InternalError,
}

impl ErrorKind {
    /// Returns the `errorType` that the state machine sees.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidEnvironment => "InvalidEnvironment",
            Self::InvalidEvent => "InvalidEvent",
            Self::BucketUnavailable => "BucketUnavailable",
            Self::OrganizationNotRead => "OrganizationNotRead",
            Self::CheckpointUnreadable => "CheckpointUnreadable",
            Self::RecordConflict => "RecordConflict",
            Self::OutOfTime => "OutOfTime",
            Self::InternalError => "InternalError",
        }
    }
}

/// A failed step: its kind, and a message that says what was attempted, the cause, and
/// one next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchError {
    /// The kind of failure.
    pub kind: ErrorKind,
    /// What was attempted, the cause, and one next step; never a secret.
    pub message: String,
}

impl WatchError {
    /// Creates an error of that kind with that message.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message }
    }
}

impl RunError for WatchError {
    fn error_type(&self) -> &'static str {
        self.kind.name()
    }

    fn message(&self) -> &str {
        &self.message
    }

    fn of_panic(place: &str) -> Self {
        Self::new(
            ErrorKind::InternalError,
            format!(
                "the watch panicked at {place}, which is a bug; the state machine retries the step, which \
                 continues from the checkpoint; report this message"
            ),
        )
    }

    fn of_event(why: &str) -> Self {
        Self::new(ErrorKind::InvalidEvent, why)
    }
}

impl From<RuleError> for WatchError {
    /// Converts what the start of every function checks: the variables that Lambda and
    /// the SDK need.
    fn from(error: RuleError) -> Self {
        Self::new(ErrorKind::InvalidEnvironment, error.message())
    }
}

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for WatchError {}
