//! Reads which services the organization trusts, and which accounts administer them.

use std::collections::BTreeSet;

use aws_sdk_cloudformation::types::OrganizationStatus;

use crate::aws::call::call_failure;
use crate::failure::Failure;
use crate::organization::clients::OrganizationClients;
use crate::organization::facts::Source;

/// Reads the principals of the services that the organization trusts.
pub async fn trusted(clients: &OrganizationClients) -> Result<(BTreeSet<String>, Source), Failure> {
    let call = "organizations:ListAWSServiceAccessForOrganization";
    let (services, source) = clients
        .listings
        .all(call, async |token| {
            let response = clients
                .organizations
                .list_aws_service_access_for_organization();
            let response = response.set_next_token(token).send().await;
            let response =
                response.map_err(|error| clients.refused(call, &call_failure(&error)))?;
            Ok((
                response.enabled_service_principals.unwrap_or_default(),
                response.next_token,
            ))
        })
        .await?;
    let principals = services.into_iter().filter_map(|it| it.service_principal);
    Ok((principals.collect(), source))
}

/// Reads the accounts registered as delegated administrators for the service.
pub async fn administrators(
    clients: &OrganizationClients,
    service: &str,
) -> Result<(BTreeSet<String>, Source), Failure> {
    let call = "organizations:ListDelegatedAdministrators";
    let (accounts, source) = clients
        .listings
        .all(call, async |token| {
            let response = clients.organizations.list_delegated_administrators();
            let response = response
                .service_principal(service)
                .set_next_token(token)
                .send();
            let response = response.await;
            let response =
                response.map_err(|error| clients.refused(call, &call_failure(&error)))?;
            Ok((
                response.delegated_administrators.unwrap_or_default(),
                response.next_token,
            ))
        })
        .await?;
    let ids = accounts.into_iter().filter_map(|it| it.id);
    Ok((ids.collect(), source))
}

/// Reads whether CloudFormation lets StackSets deploy to the organization.
pub async fn stack_sets_access(clients: &OrganizationClients) -> Result<(bool, Source), Failure> {
    let call = "cloudformation:DescribeOrganizationsAccess";
    let response = clients.cloudformation.describe_organizations_access();
    let response = response.call_as(clients.call_as()).send().await;
    let response = response.map_err(|error| clients.refused(call, &call_failure(&error)))?;
    let enabled = response.status == Some(OrganizationStatus::Enabled);
    Ok((enabled, clients.listings.source(call, 1, 1)))
}
