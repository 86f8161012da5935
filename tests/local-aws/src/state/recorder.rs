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
    /// One that was never switched on.
    pub fn stopped(name: &str, role: &str) -> Self {
        Self {
            name: name.to_owned(),
            role: role.to_owned(),
            recording: false,
            started: None,
            stopped: None,
        }
    }

    /// The usual one of an account, recording since then.
    pub fn recording(account: &str, since: DateTime<Utc>) -> Self {
        let role = format!(
            "arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        );
        Self {
            recording: true,
            started: Some(since),
            ..Self::stopped("default", &role)
        }
    }
}
