//! AWS Config's recorder of one account.

use chrono::{DateTime, Utc};

/// A configuration recorder that exists, recording or not.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    pub name: String,
    pub role: String,
    pub recording: bool,
    /// When it was switched on last.
    pub started: Option<DateTime<Utc>>,
    /// When it was switched off last.
    pub stopped: Option<DateTime<Utc>>,
}

impl Recorder {
    /// One that records since then.
    pub fn recording(account: &str, since: DateTime<Utc>) -> Self {
        Self {
            name: "default".to_owned(),
            role: format!(
                "arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
            ),
            recording: true,
            started: Some(since),
            stopped: None,
        }
    }
}
