//! IAM: Query and XML.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html>

mod access_keys;
pub(crate) mod account_summary;
mod root_access;

use serde_json::Value;

use crate::{
    protocol::{error::AwsError, operation::Operation},
    state::{signer::Signer, world::State},
};

/// Answers one operation.
pub(crate) fn answer(
    state: &mut State,
    signer: &Signer,
    operation: Operation,
    parameters: &Value,
    request_id: &str,
) -> Result<String, AwsError> {
    let now = state.now();
    if matches!(
        operation,
        Operation::ListOrganizationsFeatures
            | Operation::EnableOrganizationsRootCredentialsManagement
            | Operation::EnableOrganizationsRootSessions
            | Operation::DisableOrganizationsRootCredentialsManagement
            | Operation::DisableOrganizationsRootSessions
    ) {
        let organization = state.organization.as_mut();
        return root_access::answer(organization, &signer.account, operation, request_id);
    }
    let account = &mut state.held(&signer.account)?.account;
    match operation {
        Operation::ListAccessKeys
        | Operation::GetAccessKeyLastUsed
        | Operation::UpdateAccessKey
        | Operation::DeleteAccessKey => {
            access_keys::answer(account, signer, operation, parameters, (now, request_id))
        }
        _ => account_summary::answer(account, operation, now, request_id),
    }
}
