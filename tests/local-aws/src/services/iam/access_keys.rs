//! The operations of IAM on the root user's access keys.
//!
//! The emulator has no IAM users: a request that names one is rejected.

use serde_json::{Value, json};

use crate::{
    protocol::{error::AwsError, operation::Operation, query::timestamp},
    services::admitted_request::AdmittedRequest,
    state::{account::Account, signer::Principal, world::State},
};

/// Answers `ListAccessKeys`, `GetAccessKeyLastUsed`, `UpdateAccessKey` or `DeleteAccessKey`.
pub(crate) fn answer(state: &mut State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let now = state.now();
    let account = &mut state.held(admitted.caller())?.account;
    if admitted.operation == Operation::GetAccessKeyLastUsed {
        let slot = slot_of(account, admitted).map_err(|_| not_ours(admitted))?;
        let key = account.root_keys[slot].as_ref();
        let last = key.and_then(|key| key.last_use(now));
        return Ok(json!({ "AccessKeyLastUsed": {
            "LastUsedDate": last.as_ref().map(|last| timestamp(last.at)),
            "ServiceName": last.as_ref().map_or("N/A", |last| &last.service),
            "Region": last.as_ref().map_or("N/A", |last| &last.region),
        } }));
    }
    as_root_user(admitted)?;
    if admitted.operation == Operation::ListAccessKeys {
        return Ok(json!({ "IsTruncated": false, "AccessKeyMetadata": listed(account) }));
    }
    let slot = slot_of(account, admitted)?;
    if admitted.operation == Operation::DeleteAccessKey {
        account.root_keys[slot] = None;
    } else if let Some(key) = &mut account.root_keys[slot] {
        key.set_active(is_active(admitted)?, now);
    }
    Ok(Value::Null)
}

/// Without a user name, IAM takes the user that signed the request. A role is not a user.
fn as_root_user(admitted: &AdmittedRequest) -> Result<(), AwsError> {
    if let Some(user) = admitted.parameters["UserName"].as_str() {
        let message = format!("The user with name {user} cannot be found.");
        return Err(AwsError::new(404, "NoSuchEntity", message));
    }
    if admitted.signer.principal == Principal::Role {
        let message = "Must specify userName when calling with non-User credentials";
        return Err(AwsError::bad_request("ValidationError", message));
    }
    Ok(())
}

fn slot_of(account: &Account, admitted: &AdmittedRequest) -> Result<usize, AwsError> {
    let id = admitted.text("AccessKeyId");
    (0..2)
        .find(|slot| account.root_keys[*slot].is_some() && account.root_key_id(*slot) == id)
        .ok_or_else(|| {
            let message = format!("The Access Key with id {id} cannot be found.");
            AwsError::new(404, "NoSuchEntity", message)
        })
}

fn not_ours(admitted: &AdmittedRequest) -> AwsError {
    let arn = admitted.signer.arn();
    let message = format!("User: {arn} is not authorized to perform: iam:GetAccessKeyLastUsed");
    AwsError::new(403, "AccessDenied", message)
}

fn is_active(admitted: &AdmittedRequest) -> Result<bool, AwsError> {
    match admitted.text("Status") {
        "Active" => Ok(true),
        "Inactive" => Ok(false),
        _ => {
            let message = "status: none of [Active, Inactive]";
            Err(AwsError::bad_request("ValidationError", message))
        }
    }
}

fn listed(account: &Account) -> Vec<Value> {
    let slots = account.root_keys.iter().enumerate();
    let keys = slots.filter_map(|(slot, key)| Some((slot, key.as_ref()?)));
    keys.map(|(slot, key)| {
        json!({
            "AccessKeyId": account.root_key_id(slot),
            "Status": if key.active { "Active" } else { "Inactive" },
            "CreateDate": timestamp(key.created),
        })
    })
    .collect()
}
