//! IAM's centralized root access: the organization's features, read and switched.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOrganizationsRootCredentialsManagement.html>

use serde_json::{Value, json};

use crate::{
    protocol::{error::AwsError, operation::Operation},
    services::asked::Asked,
    state::{
        identifiers::{ID, ROOT_CREDENTIALS_MANAGEMENT},
        organization::Organization,
        world::State,
    },
};

const ROOT_SESSIONS: &str = "RootSessions";

/// Answers `ListOrganizationsFeatures` and the four operations that switch a
/// feature: each with the features that are on then.
pub(crate) fn answer(state: &mut State, asked: &Asked) -> Result<Value, AwsError> {
    let organization = state.organization.as_mut();
    let organization = organization.filter(|it| it.has(asked.caller()));
    let organization = organization.ok_or_else(|| {
        let message = "The account is not a member of an organization.";
        AwsError::refused("OrganizationNotFoundException", message)
    })?;
    admit(organization, asked)?;
    switch(organization, asked.operation);
    Ok(json!({
        "OrganizationId": ID,
        "EnabledFeatures": organization.enabled_features,
    }))
}

fn admit(organization: &Organization, asked: &Asked) -> Result<(), AwsError> {
    let enables = matches!(
        asked.operation,
        Operation::EnableOrganizationsRootCredentialsManagement
            | Operation::EnableOrganizationsRootSessions
    );
    let refused = |code, message: &str| Err(AwsError::refused(code, message));
    if !organization.all_features {
        refused(
            "OrganizationNotInAllFeaturesModeException",
            "The organization does not have All features enabled.",
        )
    } else if enables && asked.caller() != organization.management_account {
        refused(
            "CallerIsNotManagementAccountException",
            "The account is not the management account of the organization.",
        )
    } else if !organization.is_administrator(asked.caller()) {
        refused(
            "AccountNotManagementOrDelegatedAdministratorException",
            "The account is not the management account or delegated administrator.",
        )
    } else if !organization.trusted_access {
        refused(
            "ServiceAccessNotEnabledException",
            "Trusted access is not enabled for IAM in Organizations.",
        )
    } else {
        Ok(())
    }
}

fn switch(organization: &mut Organization, operation: Operation) {
    let (feature, on) = match operation {
        Operation::EnableOrganizationsRootCredentialsManagement => {
            (ROOT_CREDENTIALS_MANAGEMENT, true)
        }
        Operation::DisableOrganizationsRootCredentialsManagement => {
            (ROOT_CREDENTIALS_MANAGEMENT, false)
        }
        Operation::EnableOrganizationsRootSessions => (ROOT_SESSIONS, true),
        Operation::DisableOrganizationsRootSessions => (ROOT_SESSIONS, false),
        _ => return,
    };
    organization.enabled_features.retain(|it| *it != feature);
    if on {
        organization.enabled_features.push(feature);
        organization.enabled_features.sort_unstable();
    }
}
