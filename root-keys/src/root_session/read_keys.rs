//! Reads the access keys of a member's root user from IAM.

use aws_sdk_iam::types::AccessKeyMetadata;
use root_access_key_rule::aws::failure::CallFailure;

use crate::aws::call::call_failure;
use crate::aws::next_step::{Call, next_step};
use crate::aws::time::time;
use crate::docs::DOCS;
use crate::failure::Failure;
use crate::organization::reachability::Member;
use crate::root_session::root_key::{LastUse, RootKey};
use crate::root_session::session::AuditSession;

/// Reads all access keys of the root user: `ListAccessKeys`, then
/// `GetAccessKeyLastUsed` for each.
///
/// # Errors
/// When a call fails or its response is incomplete. A root user has at most two keys,
/// so a response with a second page is an error, too.
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
            created: known.create_date().and_then(time),
            last_used,
        });
    }
    Ok(keys)
}

/// Reads the IDs of the keys.
///
/// # Errors
/// As [`read`].
pub async fn read_ids(session: &AuditSession, member: &Member) -> Result<Vec<String>, Failure> {
    let keys = list(session, member).await?;
    let id = |key: AccessKeyMetadata| key.access_key_id.unwrap_or_default();
    Ok(keys.into_iter().map(id).collect())
}

async fn list(session: &AuditSession, member: &Member) -> Result<Vec<AccessKeyMetadata>, Failure> {
    let response = session
        .iam()
        .list_access_keys()
        .send()
        .await
        .map_err(|error| unreadable(member, "iam:ListAccessKeys", &call_failure(&error)))?;
    if response.is_truncated() {
        let why = CallFailure::incomplete("it has a second page, which a root user never needs");
        return Err(unreadable(member, "iam:ListAccessKeys", &why));
    }
    Ok(response.access_key_metadata)
}

async fn last_use(
    session: &AuditSession,
    member: &Member,
    key: Option<&str>,
) -> Result<Option<LastUse>, Failure> {
    let call = "iam:GetAccessKeyLastUsed";
    let response = session
        .iam()
        .get_access_key_last_used()
        .set_access_key_id(key.map(str::to_owned))
        .send()
        .await
        .map_err(|error| unreadable(member, call, &call_failure(&error)))?;
    // An absent element must not read as "no use on record".
    let used = response.access_key_last_used().ok_or_else(|| {
        unreadable(
            member,
            call,
            &CallFailure::incomplete("it has no AccessKeyLastUsed"),
        )
    })?;
    Ok(used.last_used_date().and_then(time).map(|at| LastUse {
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
    let next_step = next_step(failure, &deciding, || {
        format!(
            "check whether a service control policy on account {account} denies it, and \
             read {DOCS}/remediation.md#what-you-need"
        )
    });
    Failure::new(format!(
        "cannot read the root access keys of account {account}: {call} as its root user: {}; \
         {next_step}",
        failure.cause
    ))
}
