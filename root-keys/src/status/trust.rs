//! Which services the organization lets in, and who administers them for it.

use std::collections::BTreeSet;

use aws_sdk_cloudformation::types::OrganizationStatus;

use crate::failure::{Failure, aws_answer};
use crate::status::centre::Centre;
use crate::status::facts::Source;
use crate::status::pages;

/// The principals of the services that the organization trusts.
pub async fn trusted(centre: &Centre) -> Result<(BTreeSet<String>, Source), Failure> {
    let call = "organizations:ListAWSServiceAccessForOrganization";
    let (services, source) = pages::all(&centre.progress, call, async |token| {
        let answer = centre
            .organizations
            .list_aws_service_access_for_organization();
        let answer = answer.set_next_token(token).send().await;
        let answer = answer.map_err(|error| centre.refused(call, &aws_answer(&error)))?;
        Ok((
            answer.enabled_service_principals.unwrap_or_default(),
            answer.next_token,
        ))
    })
    .await?;
    let principals = services.into_iter().filter_map(|it| it.service_principal);
    Ok((principals.collect(), source))
}

/// The accounts registered as delegated administrators for the service.
pub async fn administrators(
    centre: &Centre,
    service: &str,
) -> Result<(BTreeSet<String>, Source), Failure> {
    let call = "organizations:ListDelegatedAdministrators";
    let (accounts, source) = pages::all(&centre.progress, call, async |token| {
        let answer = centre.organizations.list_delegated_administrators();
        let answer = answer
            .service_principal(service)
            .set_next_token(token)
            .send();
        let answer = answer.await;
        let answer = answer.map_err(|error| centre.refused(call, &aws_answer(&error)))?;
        Ok((
            answer.delegated_administrators.unwrap_or_default(),
            answer.next_token,
        ))
    })
    .await?;
    let ids = accounts.into_iter().filter_map(|it| it.id);
    Ok((ids.collect(), source))
}

/// Whether StackSets may deploy to the organization, as CloudFormation knows it.
pub async fn stack_sets_access(centre: &Centre) -> Result<(bool, Source), Failure> {
    let call = "cloudformation:DescribeOrganizationsAccess";
    let answer = centre.cloudformation.describe_organizations_access();
    let answer = answer.call_as(centre.call_as()).send().await;
    let answer = answer.map_err(|error| centre.refused(call, &aws_answer(&error)))?;
    let enabled = answer.status == Some(OrganizationStatus::Enabled);
    Ok((enabled, pages::source(call, 1, 1)))
}
