//! Reads the organization conformance pack and its status in each account (mode
//! `organization-pack`).

use std::collections::BTreeMap;

use crate::aws::call::call_failure;
use crate::failure::Failure;
use crate::organization::clients::OrganizationClients;
use crate::organization::facts::{OrganizationPack, PackStatus, STACK_SET as NAME, Source};
use crate::organization::principals::PACKS;

/// Reads the organization conformance pack; `None` if this account deployed none in this
/// region.
///
/// # Errors
/// When AWS Config cannot be read.
pub async fn read(
    clients: &OrganizationClients,
) -> Result<Option<(OrganizationPack, Vec<Source>)>, Failure> {
    let call = "config:DescribeOrganizationConformancePacks";
    let response = clients
        .config
        .describe_organization_conformance_packs()
        .organization_conformance_pack_names(NAME)
        .send()
        .await;
    let described = match response {
        Ok(response) => response.organization_conformance_packs.unwrap_or_default(),
        Err(error) => {
            let failure = call_failure(&error);
            return match error.as_service_error() {
                Some(it) if it.is_no_such_organization_conformance_pack_exception() => Ok(None),
                Some(it) if it.is_organization_access_denied_exception() => {
                    Err(not_registered(clients, call).await)
                }
                _ => Err(clients.refused(call, &failure)),
            };
        }
    };
    let Some(pack) = described.into_iter().next() else {
        return Ok(None);
    };
    let described_by = clients.listings.source(call, 1, 1);
    let (statuses, source) = statuses(clients).await?;
    let parameters = pack.conformance_pack_input_parameters.unwrap_or_default();
    let mut parameters = parameters.into_iter();
    let frequency = parameters.find(|it| it.parameter_name == "MaximumExecutionFrequency");
    let pack = OrganizationPack {
        excluded_accounts: pack.excluded_accounts.unwrap_or_default(),
        frequency: frequency.map(|it| it.parameter_value),
        statuses,
    };
    Ok(Some((pack, vec![described_by, source])))
}

async fn not_registered(clients: &OrganizationClients, call: &str) -> Failure {
    Failure::new(format!(
        "{call}: account {} is not allowed to read organization conformance packs; {}",
        clients.viewpoint.account,
        clients.sign_in(PACKS).await
    ))
}

async fn statuses(
    clients: &OrganizationClients,
) -> Result<(BTreeMap<String, PackStatus>, Source), Failure> {
    let call = "config:GetOrganizationConformancePackDetailedStatus";
    let (statuses, source) = clients
        .listings
        .all(call, async |token| {
            let response = clients
                .config
                .get_organization_conformance_pack_detailed_status()
                .organization_conformance_pack_name(NAME)
                .set_next_token(token)
                .send()
                .await;
            let response =
                response.map_err(|error| clients.refused(call, &call_failure(&error)))?;
            let statuses = response.organization_conformance_pack_detailed_statuses;
            Ok((statuses.unwrap_or_default(), response.next_token))
        })
        .await?;
    let by_account = statuses.into_iter().map(|found| {
        let status = PackStatus {
            status: found.status.as_str().to_owned(),
            reason: match (found.error_code, found.error_message) {
                (Some(code), Some(message)) => Some(format!("{code}: {message}")),
                (code, message) => code.or(message),
            },
            source: call.into(),
        };
        (found.account_id, status)
    });
    Ok((by_account.collect(), source))
}
