//! Operations on the StackSet, as plain data.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackSetOperationSummary.html>

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// An operation on the StackSet. AWS lists those of the last 90 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StackSetOperation {
    /// The ID that whoever started it chose, or a UUID.
    pub id: String,
    /// `CREATE`, `UPDATE`, `DELETE` or `DETECT_DRIFT`.
    pub action: String,
    /// `RUNNING`, `QUEUED`, `STOPPING`, `SUCCEEDED`, `FAILED` or `STOPPED`.
    pub status: String,
    /// When it was started.
    pub created: Option<Time>,
    /// When it ended.
    pub ended: Option<Time>,
}

/// What an operation of ours does with stacks of the StackSet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Creates those that are missing: `CreateStackInstances`.
    Create,
    /// Updates those that failed: `UpdateStackInstances`.
    Update,
}

/// An operation to start. Its ID is fixed beforehand: AWS performs it once, however often
/// it is requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartOperation {
    /// Up to 128 letters, digits and hyphens.
    pub operation_id: String,
    /// What it does.
    pub action: Action,
    /// The organizational units of the StackSet that the accounts are in.
    pub units: Vec<String>,
    /// The accounts whose stacks it creates or updates, and no others.
    pub accounts: Vec<String>,
}

/// What became of the request to start an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Started {
    /// AWS accepted it.
    Started,
    /// AWS had accepted it before: the response to an earlier request was lost.
    AlreadyStarted,
    /// AWS refused it: why, in a sentence.
    Refused(String),
    /// It is not known whether AWS accepted it: why, in a sentence.
    Unknown(String),
}

impl StackSetOperation {
    /// Whether it has not ended. A status that is not known counts as not ended.
    #[must_use]
    pub fn is_in_progress(&self) -> bool {
        !matches!(self.status.as_str(), "SUCCEEDED" | "FAILED" | "STOPPED")
    }

    /// Whether it ended before it had reached all accounts: too many failed, or somebody
    /// stopped it.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self.status.as_str(), "FAILED" | "STOPPED")
    }
}

impl Action {
    /// Returns the word for it in IDs and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
        }
    }
}
