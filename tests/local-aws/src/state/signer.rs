//! Who signs a request, and what they may do.

use chrono::{DateTime, Utc};

use crate::{protocol::operation::Operation, state::account::Credentials};

/// A principal whose credentials the emulator knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signer {
    /// The account that the principal acts in.
    pub account: String,
    pub principal: Principal,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Principal {
    /// A role of the account with every permission.
    Role,
    /// The root user, by an access key of its own.
    RootUser,
    /// The root user, by `AssumeRoot`, within a task policy.
    RootSession(TaskPolicy),
}

/// The managed policies of `AssumeRoot` sessions that are about access keys
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskPolicy {
    IamAuditRootUserCredentials,
    IamDeleteRootUserCredentials,
}

/// A session that `AssumeRoot` returned.
#[derive(Clone, Debug)]
pub(crate) struct RootSession {
    pub account: String,
    pub policy: TaskPolicy,
    pub credentials: Credentials,
    pub expires_at: DateTime<Utc>,
}

impl Signer {
    /// The principal's ARN.
    pub fn arn(&self) -> String {
        let account = &self.account;
        match self.principal {
            Principal::Role => format!(
                "arn:aws:sts::{account}:assumed-role/root-access-key-rule/root-access-key-rule"
            ),
            Principal::RootUser | Principal::RootSession(_) => {
                format!("arn:aws:iam::{account}:root")
            }
        }
    }
}

impl TaskPolicy {
    /// The policy of that ARN, in any partition.
    pub fn of_arn(arn: &str) -> Option<Self> {
        match arn.split_once("iam::aws:policy/root-task/")?.1 {
            "IAMAuditRootUserCredentials" => Some(Self::IamAuditRootUserCredentials),
            "IAMDeleteRootUserCredentials" => Some(Self::IamDeleteRootUserCredentials),
            _ => None,
        }
    }

    /// Whether the managed policy names the operation.
    pub fn allows(self, operation: Operation) -> bool {
        match operation {
            Operation::GetCallerIdentity
            | Operation::GetAccessKeyInfo
            | Operation::ListAccessKeys
            | Operation::GetAccessKeyLastUsed => true,
            Operation::GetAccountSummary => self == Self::IamAuditRootUserCredentials,
            Operation::DeleteAccessKey => self == Self::IamDeleteRootUserCredentials,
            _ => false,
        }
    }
}
