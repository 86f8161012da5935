//! AWS Organizations: services with trusted access, and delegated administrators.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html>

use serde_json::{Value, json};

use crate::{
    protocol::{error::AwsError, json::required, operation::Operation},
    state::{
        identifiers::{IAM, PACKS, STACK_SETS},
        organization::Organization,
    },
};

/// The services that the emulator knows. AWS rejects a principal that it does not know, and so
/// does the emulator.
const SERVICES: [&str; 5] = [
    IAM,
    "config.amazonaws.com",
    PACKS,
    STACK_SETS,
    "cloudtrail.amazonaws.com",
];

/// Answers the operations that change them, for the management account.
pub(crate) fn change(
    organization: &mut Organization,
    operation: Operation,
    request: &Value,
) -> Result<Value, AwsError> {
    let service = service(required(request, "ServicePrincipal")?)?;
    match operation {
        Operation::EnableAWSServiceAccess => organization.trust(service, true),
        Operation::DisableAWSServiceAccess => organization.trust(service, false),
        _ => {
            let account = required(request, "AccountId")?;
            let registers = operation == Operation::RegisterDelegatedAdministrator;
            check(organization, service, account, registers)?;
            organization.delegate(service, account, registers);
        }
    }
    Ok(json!({}))
}

/// In AWS's order: the first condition that does not hold is the error.
fn check(
    organization: &Organization,
    service: &str,
    account: &str,
    registers: bool,
) -> Result<(), AwsError> {
    let is_registered = organization.has_delegated(service, account);
    AwsError::of_first_broken([
        (
            account != organization.management_account,
            "ConstraintViolationException",
            "You cannot register the management account as a delegated administrator for your organization.",
        ),
        (
            organization.has(account),
            "AccountNotFoundException",
            "You specified an account that doesn't exist.",
        ),
        (
            !registers || organization.trusts(service),
            "ConstraintViolationException",
            "You must first enable service access: call EnableAWSServiceAccess.",
        ),
        (
            !registers || !is_registered,
            "AccountAlreadyRegisteredException",
            "The provided account is already a delegated administrator for your organization.",
        ),
        (
            registers || is_registered,
            "AccountNotRegisteredException",
            "The provided account is not a registered delegated administrator for your organization.",
        ),
    ])
}

fn service(principal: &str) -> Result<&'static str, AwsError> {
    let known = SERVICES.into_iter().find(|known| *known == principal);
    known.ok_or_else(|| {
        let known = SERVICES.join(", ");
        let message = format!(
            "You specified an unrecognized service principal; the local emulator knows only: {known}"
        );
        AwsError::bad_request("InvalidInputException", message)
    })
}
