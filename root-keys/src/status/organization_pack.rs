//! What the organization conformance pack says of each account (mode
//! `organization-pack`).

use std::collections::BTreeMap;

use crate::failure::{Failure, aws_answer, code};
use crate::status::centre::Centre;
use crate::status::facts::{OrganizationPack, PackStatus, STACK_SET as NAME, Source};
use crate::status::pages;

/// The principal under which a delegated administrator of packs is registered.
pub const PRINCIPAL: &str = "config-multiaccountsetup.amazonaws.com";

/// Reads it; `None` if this account deployed none here.
///
/// # Errors
/// When AWS Config does not tell.
pub async fn read(centre: &Centre) -> Result<Option<(OrganizationPack, Vec<Source>)>, Failure> {
    let call = "config:DescribeOrganizationConformancePacks";
    let answer = centre
        .config
        .describe_organization_conformance_packs()
        .organization_conformance_pack_names(NAME)
        .send()
        .await;
    let described = match answer {
        Ok(answer) => answer.organization_conformance_packs.unwrap_or_default(),
        Err(error) => match code(&error) {
            "NoSuchOrganizationConformancePack" => return Ok(None),
            "OrganizationAccessDenied" => return Err(not_registered(centre, call).await),
            _ => return Err(centre.refused(call, &aws_answer(&error))),
        },
    };
    let Some(pack) = described.into_iter().next() else {
        return Ok(None);
    };
    let described_by = pages::source(call, 1, 1);
    let (statuses, source) = statuses(centre).await?;
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

async fn not_registered(centre: &Centre, call: &str) -> Failure {
    Failure::new(format!(
        "{call}: account {} may not read organization conformance packs; {}",
        centre.account,
        centre.sign_in(PRINCIPAL).await
    ))
}

async fn statuses(centre: &Centre) -> Result<(BTreeMap<String, PackStatus>, Source), Failure> {
    let call = "config:GetOrganizationConformancePackDetailedStatus";
    let (statuses, source) = pages::all(&centre.progress, call, async |token| {
        let answer = centre
            .config
            .get_organization_conformance_pack_detailed_status()
            .organization_conformance_pack_name(NAME)
            .set_next_token(token)
            .send()
            .await;
        let answer = answer.map_err(|error| centre.refused(call, &aws_answer(&error)))?;
        let statuses = answer.organization_conformance_pack_detailed_statuses;
        Ok((statuses.unwrap_or_default(), answer.next_token))
    })
    .await?;
    let by_account = statuses.into_iter().map(|told| {
        let status = PackStatus {
            status: told.status.as_str().to_owned(),
            reason: match (told.error_code, told.error_message) {
                (Some(code), Some(message)) => Some(format!("{code}: {message}")),
                (code, message) => code.or(message),
            },
            source: call,
        };
        (told.account_id, status)
    });
    Ok((by_account.collect(), source))
}
