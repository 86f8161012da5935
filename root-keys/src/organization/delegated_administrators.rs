//! Asks AWS Organizations which accounts may act for the organization.

use aws_sdk_organizations::Client;

use crate::organization::administrators::Administrators;

/// Reads as much as the calling account may see: `DescribeOrganization`, which every
/// account of the organization may call, and `ListDelegatedAdministrators`, which
/// only the management account and delegated administrators may call.
pub async fn visible(organizations: &Client, service: &'static str) -> Administrators {
    let described = organizations.describe_organization().send().await;
    let organization = described.ok().and_then(|it| it.organization);
    let listed: Result<Vec<_>, _> = organizations
        .list_delegated_administrators()
        .service_principal(service)
        .into_paginator()
        .items()
        .send()
        .try_collect()
        .await;
    Administrators {
        service,
        management: organization.and_then(|it| it.master_account_id),
        delegated: listed
            .ok()
            .map(|listed| listed.into_iter().filter_map(|it| it.id).collect()),
    }
}
