//! IAM (Query and XML).
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html>

mod access_keys;
pub(crate) mod account_summary;
pub(crate) mod credential_report;
mod root_access;

use serde_json::{Value, json};

use crate::{
    protocol::{error::AwsError, operation::Operation},
    services::admitted_request::AdmittedRequest,
    state::world::State,
};

/// Answers one operation.
pub(crate) fn answer(state: &mut State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    match admitted.operation {
        Operation::GetAccountSummary => {
            let held = state.held(admitted.caller())?;
            Ok(account_summary::summary(&held.account))
        }
        // Other tools call this first. No account has an alias here.
        Operation::ListAccountAliases => Ok(json!({ "IsTruncated": false, "AccountAliases": [] })),
        Operation::GenerateCredentialReport | Operation::GetCredentialReport => {
            credential_report::answer(state, admitted)
        }
        Operation::ListAccessKeys
        | Operation::GetAccessKeyLastUsed
        | Operation::UpdateAccessKey
        | Operation::DeleteAccessKey => access_keys::answer(state, admitted),
        _ => root_access::answer(state, admitted),
    }
}
