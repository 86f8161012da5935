//! IAM's centralized root access: the organization's features, read and switched.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOrganizationsRootCredentialsManagement.html>

use crate::{
    protocol::error::AwsError,
    protocol::operation::{Operation, Service},
    protocol::query::{parent, response, text},
    state::identifiers::{ID, ROOT_CREDENTIALS_MANAGEMENT},
    state::organization::Organization,
};

const SESSIONS: &str = "RootSessions";

/// Answers `ListOrganizationsFeatures` and the four operations that switch a
/// feature: each with the features that are on then.
pub(crate) fn answer(
    organization: Option<&mut Organization>,
    caller: &str,
    operation: Operation,
    request_id: &str,
) -> Result<String, AwsError> {
    let organization = organization
        .filter(|organization| organization.has(caller))
        .ok_or_else(|| {
            refused(
                "OrganizationNotFoundException",
                "The account is not a member of an organization.",
            )
        })?;
    admit(organization, caller, operation)?;
    switch(organization, operation);
    let operation = operation.to_string();
    Ok(response(Service::Iam, &operation, request_id, |result| {
        text(result, "OrganizationId", ID);
        parent(result, "EnabledFeatures", |features| {
            for feature in &organization.enabled_features {
                text(features, "member", feature);
            }
        });
    }))
}

fn admit(organization: &Organization, caller: &str, operation: Operation) -> Result<(), AwsError> {
    let enables = matches!(
        operation,
        Operation::EnableOrganizationsRootCredentialsManagement
            | Operation::EnableOrganizationsRootSessions
    );
    if !organization.all_features {
        Err(refused(
            "OrganizationNotInAllFeaturesModeException",
            "The organization does not have All features enabled.",
        ))
    } else if enables && caller != organization.management_account {
        Err(refused(
            "CallerIsNotManagementAccountException",
            "The account is not the management account of the organization.",
        ))
    } else if !organization.is_administrator(caller) {
        Err(refused(
            "AccountNotManagementOrDelegatedAdministratorException",
            "The account is not the management account or delegated administrator.",
        ))
    } else if !organization.trusted_access {
        Err(refused(
            "ServiceAccessNotEnabledException",
            "Trusted access is not enabled for IAM in Organizations.",
        ))
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
        Operation::EnableOrganizationsRootSessions => (SESSIONS, true),
        Operation::DisableOrganizationsRootSessions => (SESSIONS, false),
        _ => return,
    };
    organization.enabled_features.retain(|it| *it != feature);
    if on {
        organization.enabled_features.push(feature);
        organization.enabled_features.sort_unstable();
    }
}

fn refused(code: &str, message: &str) -> AwsError {
    AwsError::new(400, code, message)
}
