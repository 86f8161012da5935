//! AWS Config's recorder of one account.

use chrono::{DateTime, Utc};

/// A configuration recorder that exists, recording or not.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    pub name: String,
    pub recording: bool,
    /// When it was started last.
    pub started: Option<DateTime<Utc>>,
    /// When it was stopped last.
    pub stopped: Option<DateTime<Utc>>,
}

impl Recorder {
    /// One that was never started.
    pub fn stopped(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            recording: false,
            started: None,
            stopped: None,
        }
    }

    /// The default one of an account, recording since then.
    pub fn recording(since: DateTime<Utc>) -> Self {
        Self {
            recording: true,
            started: Some(since),
            ..Self::stopped("default")
        }
    }
}
