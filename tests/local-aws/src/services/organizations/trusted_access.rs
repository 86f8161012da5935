//! AWS Organizations: services with trusted access, and delegated administrators.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html>

use serde_json::{Value, json};

use crate::{
    protocol::error::AwsError,
    protocol::json::required,
    protocol::operation::Operation,
    state::identifiers::{IAM, PACKS, STACK_SETS},
    state::organization::Organization,
};

/// The services that the emulator has an opinion about; AWS refuses a principal
/// that it does not know, and so does the emulator.
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
            let account = member(organization, required(request, "AccountId")?)?;
            if operation == Operation::RegisterDelegatedAdministrator {
                register(organization, service, account)?;
            } else {
                deregister(organization, service, &account)?;
            }
        }
    }
    Ok(json!({}))
}

fn register(
    organization: &mut Organization,
    service: &'static str,
    account: String,
) -> Result<(), AwsError> {
    if !organization.trusts(service) {
        return Err(AwsError::refused(
            "ConstraintViolationException",
            "You must first enable service access: call EnableAWSServiceAccess.",
        ));
    }
    if is_registered(organization, service, &account) {
        return Err(AwsError::refused(
            "AccountAlreadyRegisteredException",
            "The provided account is already a delegated administrator for your organization.",
        ));
    }
    if service == IAM {
        organization.iam_administrators.push(account);
    } else {
        organization.delegated.push((service, account));
    }
    Ok(())
}

fn deregister(
    organization: &mut Organization,
    service: &str,
    account: &str,
) -> Result<(), AwsError> {
    if !is_registered(organization, service, account) {
        return Err(AwsError::refused(
            "AccountNotRegisteredException",
            "The provided account is not a registered delegated administrator for your organization.",
        ));
    }
    if service == IAM {
        organization.iam_administrators.retain(|it| it != account);
    } else {
        let delegated = &mut organization.delegated;
        delegated.retain(|(principal, it)| *principal != service || it != account);
    }
    Ok(())
}

fn is_registered(organization: &Organization, service: &str, account: &str) -> bool {
    match service {
        IAM => organization
            .iam_administrators
            .iter()
            .any(|it| it == account),
        _ => organization.has_delegated(service, account),
    }
}

fn member(organization: &Organization, account: &str) -> Result<String, AwsError> {
    if account == organization.management_account {
        return Err(AwsError::refused(
            "ConstraintViolationException",
            "You cannot register the management account as a delegated administrator for your organization.",
        ));
    }
    if !organization.has(account) {
        return Err(AwsError::refused(
            "AccountNotFoundException",
            "You specified an account that doesn't exist.",
        ));
    }
    Ok(account.to_owned())
}

fn service(principal: &str) -> Result<&'static str, AwsError> {
    let known = SERVICES.into_iter().find(|known| *known == principal);
    known.ok_or_else(|| {
        let known = SERVICES.join(", ");
        let message = format!(
            "You specified an unrecognized service principal; the local emulator knows only: {known}"
        );
        AwsError::refused("InvalidInputException", message)
    })
}
