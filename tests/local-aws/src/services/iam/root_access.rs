//! IAM's centralized root access: the organization's features, read and changed.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOrganizationsRootCredentialsManagement.html>

use serde_json::{Value, json};

use crate::{
    protocol::{error::AwsError, operation::Operation},
    services::admitted_request::AdmittedRequest,
    state::{
        identifiers::{ID, ROOT_CREDENTIALS_MANAGEMENT},
        organization::Organization,
        world::State,
    },
};

const ROOT_SESSIONS: &str = "RootSessions";

/// Answers `ListOrganizationsFeatures` and the four operations that enable or disable a
/// feature: each with the features that are enabled afterwards.
pub(crate) fn answer(state: &mut State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let change = match admitted.operation {
        Operation::EnableOrganizationsRootCredentialsManagement => {
            Some((ROOT_CREDENTIALS_MANAGEMENT, true))
        }
        Operation::DisableOrganizationsRootCredentialsManagement => {
            Some((ROOT_CREDENTIALS_MANAGEMENT, false))
        }
        Operation::EnableOrganizationsRootSessions => Some((ROOT_SESSIONS, true)),
        Operation::DisableOrganizationsRootSessions => Some((ROOT_SESSIONS, false)),
        _ => None,
    };
    let organization = state.organization.as_mut();
    let organization = organization.filter(|it| it.has(admitted.caller()));
    let organization = organization.ok_or_else(|| {
        let message = "The account is not a member of an organization.";
        AwsError::bad_request("OrganizationNotFoundException", message)
    })?;
    let enables = change.is_some_and(|(_, enables)| enables);
    check(organization, admitted.caller(), enables)?;
    if let Some((feature, enables)) = change {
        organization.enabled_features.retain(|it| *it != feature);
        organization
            .enabled_features
            .extend(enables.then_some(feature));
        organization.enabled_features.sort_unstable();
    }
    Ok(json!({ "OrganizationId": ID, "EnabledFeatures": organization.enabled_features }))
}

/// In AWS's order: the first condition that does not hold is the error.
fn check(organization: &Organization, caller: &str, enables: bool) -> Result<(), AwsError> {
    let is_management = caller == organization.management_account;
    AwsError::of_first_broken([
        (
            organization.all_features,
            "OrganizationNotInAllFeaturesModeException",
            "The organization does not have All features enabled.",
        ),
        (
            is_management || !enables,
            "CallerIsNotManagementAccountException",
            "The account is not the management account of the organization.",
        ),
        (
            organization.is_administrator(caller),
            "AccountNotManagementOrDelegatedAdministratorException",
            "The account is not the management account or delegated administrator.",
        ),
        (
            organization.trusted_access,
            "ServiceAccessNotEnabledException",
            "Trusted access is not enabled for IAM in Organizations.",
        ),
    ])
}
