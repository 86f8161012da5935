//! What IAM says of a root user's access keys.

use std::fmt;

use aws_sdk_iam::types::AccessKeyMetadata;
use aws_smithy_types::DateTime as SmithyTime;
use chrono::DateTime;
use root_access_key_rule::aws::failure::CallFailure;
use root_access_key_rule::rule::credential_report::USE_RECORDED_SINCE;
use serde::Serialize;

use crate::DOCS;
use crate::failure::{Call, Failure, aws_answer, incomplete, remedy};
use crate::organization::Member;
use crate::root_session::AuditSession;
pub use crate::time::Time;

/// An access key of a root user.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RootKey {
    pub access_key_id: String,
    /// `Active`, `Inactive` or `Expired`.
    pub status: String,
    /// IAM's `CreateDate`, which later changes of the key's status do not move.
    pub created: Option<Time>,
    /// `None` if IAM knows of no use; it records use since 2015-04-22.
    pub last_used: Option<LastUse>,
}

/// When and for what a key was used last.
#[derive(Debug, Clone, Serialize)]
pub struct LastUse {
    /// To the quarter of an hour, as IAM keeps it.
    pub at: Time,
    pub service: String,
    pub region: String,
}

impl Time {
    fn of(time: &SmithyTime) -> Option<Self> {
        DateTime::from_timestamp(time.secs(), 0).map(Self)
    }
}

impl fmt::Display for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, ", self.access_key_id, self.status)?;
        match self.created {
            Some(created) => write!(f, "created {created}, ")?,
            None => f.write_str("creation unknown, ")?,
        }
        match &self.last_used {
            Some(LastUse {
                at,
                service,
                region,
            }) => write!(f, "last used {at} ({service}, {region})"),
            // Not "never used": older uses are not on record, and new ones come late.
            None => write!(f, "no use on record since {USE_RECORDED_SINCE}"),
        }
    }
}

/// All access keys of the root user: `ListAccessKeys`, then
/// `GetAccessKeyLastUsed` for each. A root user has at most two, so IAM never
/// needs a second page; an answer that says otherwise is refused.
pub async fn read(session: &AuditSession, member: &Member) -> Result<Vec<RootKey>, Failure> {
    let mut keys = Vec::new();
    for known in list(session, member).await? {
        let last_used = last_use(session, member, known.access_key_id()).await?;
        keys.push(RootKey {
            access_key_id: known.access_key_id().unwrap_or_default().to_owned(),
            status: known
                .status()
                .map_or("?", |status| status.as_str())
                .to_owned(),
            created: known.create_date().and_then(Time::of),
            last_used,
        });
    }
    Ok(keys)
}

/// The ids of the keys that are there.
pub async fn read_ids(session: &AuditSession, member: &Member) -> Result<Vec<String>, Failure> {
    let keys = list(session, member).await?;
    let id = |key: AccessKeyMetadata| key.access_key_id.unwrap_or_default();
    Ok(keys.into_iter().map(id).collect())
}

async fn list(session: &AuditSession, member: &Member) -> Result<Vec<AccessKeyMetadata>, Failure> {
    let answer = session
        .iam()
        .list_access_keys()
        .send()
        .await
        .map_err(|error| unreadable(member, "iam:ListAccessKeys", &aws_answer(&error)))?;
    if answer.is_truncated() {
        let why = incomplete("the response has a second page, which no root user's has");
        return Err(unreadable(member, "iam:ListAccessKeys", &why));
    }
    Ok(answer.access_key_metadata)
}

async fn last_use(
    session: &AuditSession,
    member: &Member,
    key: Option<&str>,
) -> Result<Option<LastUse>, Failure> {
    let call = "iam:GetAccessKeyLastUsed";
    let answer = session
        .iam()
        .get_access_key_last_used()
        .set_access_key_id(key.map(str::to_owned))
        .send()
        .await
        .map_err(|error| unreadable(member, call, &aws_answer(&error)))?;
    // An absent element must not read as "no use on record".
    let used = answer
        .access_key_last_used()
        .ok_or_else(|| unreadable(member, call, &incomplete("the response does not say")))?;
    Ok(used.last_used_date().and_then(Time::of).map(|at| LastUse {
        at,
        service: used.service_name().to_owned(),
        region: used.region().to_owned(),
    }))
}

fn unreadable(member: &Member, call: &str, failure: &CallFailure) -> Failure {
    let account = &member.account;
    // The call is the member's own, and so are the policies that decide about it.
    let deciding = Call {
        action: call,
        by: &format!("the root user of account {account}"),
        account: Some(account.as_str()),
        as_root: true,
    };
    let remedy = remedy(failure, &deciding, || {
        format!(
            "look for a service control policy on account {account} that does not allow it, and \
             read {DOCS}/remediation.md#what-you-need"
        )
    });
    Failure::new(format!(
        "cannot see the root access keys of account {account}: {call} as its root user: {}; \
         {remedy}",
        failure.cause
    ))
}
