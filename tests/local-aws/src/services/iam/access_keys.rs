//! IAM: the root user's access keys by name.
//!
//! The stand-in holds no IAM users: a request that names one finds nobody.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use crate::{
    protocol::error::AwsError,
    protocol::operation::{Operation, Service},
    protocol::query::{Xml, done, parent, response, text},
    state::account::{Account, LastUse, RootKey},
    state::signer::{Principal, Signer},
};

/// Answers `ListAccessKeys`, `GetAccessKeyLastUsed`, `UpdateAccessKey` or `DeleteAccessKey`.
pub(crate) fn answer(
    account: &mut Account,
    signer: &Signer,
    operation: Operation,
    parameters: &Value,
    (now, request_id): (DateTime<Utc>, &str),
) -> Result<String, AwsError> {
    if operation == Operation::GetAccessKeyLastUsed {
        let slot = slot_of(account, parameters).map_err(|_| not_ours(signer))?;
        let key = account.root_keys[slot].as_ref();
        let last = key.and_then(|key| key.last_use(now));
        return Ok(last_used(last.as_ref(), request_id));
    }
    as_root_user(signer, parameters)?;
    if operation == Operation::ListAccessKeys {
        return Ok(list(account, request_id));
    }
    let slot = slot_of(account, parameters)?;
    if operation == Operation::DeleteAccessKey {
        account.root_keys[slot] = None;
    } else if let Some(key) = &mut account.root_keys[slot] {
        key.set_active(status(parameters)?, now);
    }
    Ok(done(Service::Iam, &operation.to_string(), request_id))
}

/// Without a user name IAM means the user that signs, which a role is not.
fn as_root_user(signer: &Signer, parameters: &Value) -> Result<(), AwsError> {
    if let Some(user) = parameters["UserName"].as_str() {
        let message = format!("The user with name {user} cannot be found.");
        return Err(AwsError::new(404, "NoSuchEntity", message));
    }
    match signer.principal {
        Principal::Role => Err(AwsError::new(
            400,
            "ValidationError",
            "Must specify userName when calling with non-User credentials",
        )),
        Principal::RootUser | Principal::RootSession(_) => Ok(()),
    }
}

fn slot_of(account: &Account, parameters: &Value) -> Result<usize, AwsError> {
    let id = parameters["AccessKeyId"].as_str().unwrap_or_default();
    (0..2)
        .find(|slot| account.root_keys[*slot].is_some() && account.root_key_id(*slot) == id)
        .ok_or_else(|| {
            let message = format!("The Access Key with id {id} cannot be found.");
            AwsError::new(404, "NoSuchEntity", message)
        })
}

fn not_ours(signer: &Signer) -> AwsError {
    let message = format!(
        "User: {} is not authorized to perform: iam:GetAccessKeyLastUsed",
        signer.arn()
    );
    AwsError::new(403, "AccessDenied", message)
}

fn status(parameters: &Value) -> Result<bool, AwsError> {
    match parameters["Status"].as_str() {
        Some("Active") => Ok(true),
        Some("Inactive") => Ok(false),
        _ => Err(AwsError::new(
            400,
            "ValidationError",
            "status: none of [Active, Inactive]",
        )),
    }
}

fn list(account: &Account, request_id: &str) -> String {
    response(Service::Iam, "ListAccessKeys", request_id, |result| {
        text(result, "IsTruncated", "false");
        parent(result, "AccessKeyMetadata", |keys| {
            for (slot, key) in account.root_keys.iter().enumerate() {
                if let Some(key) = key {
                    parent(keys, "member", |member| {
                        write_key(member, &account.root_key_id(slot), key);
                    });
                }
            }
        });
    })
}

fn write_key(member: &mut Xml, id: &str, key: &RootKey) {
    text(member, "AccessKeyId", id);
    text(
        member,
        "Status",
        if key.active { "Active" } else { "Inactive" },
    );
    let created = key.created.to_rfc3339_opts(SecondsFormat::Secs, true);
    text(member, "CreateDate", &created);
}

fn last_used(last: Option<&LastUse>, request_id: &str) -> String {
    response(Service::Iam, "GetAccessKeyLastUsed", request_id, |result| {
        parent(result, "AccessKeyLastUsed", |used| {
            if let Some(last) = last {
                let at = last.at.to_rfc3339_opts(SecondsFormat::Secs, true);
                text(used, "LastUsedDate", &at);
            }
            text(
                used,
                "ServiceName",
                last.map_or("N/A", |last| &last.service),
            );
            text(used, "Region", last.map_or("N/A", |last| &last.region));
        });
    })
}
