//! Organization conformance packs, read by the account that deployed them.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_GetOrganizationConformancePackDetailedStatus.html>

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    protocol::{
        error::AwsError,
        json::{epoch_seconds, optional},
        operation::Operation,
        paging::page,
    },
    services::{admitted_request::AdmittedRequest, config::named::named},
    state::{
        identifiers::PACKS,
        organization::Organization,
        rollout::{OrganizationPack, PackInstance},
        world::State,
    },
};

/// The most that AWS returns in a page.
const PAGE: usize = 100;

/// Answers one operation.
pub(crate) fn answer(state: &State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let (caller, request) = (admitted.caller(), &admitted.parameters);
    let organization = state.organization.as_ref();
    let may = |organization: &&Organization| {
        organization.management_account == caller || organization.has_delegated(PACKS, caller)
    };
    let organization = organization.filter(may).ok_or_else(|| {
        let message = "This action can only be performed if you are a registered delegated \
                       administrator for AWS Config with permissions to call the \
                       ListDelegatedAdministrators API, or the organization's management account.";
        AwsError::bad_request("OrganizationAccessDeniedException", message)
    })?;
    let is_own = |pack: &&OrganizationPack| pack.owner == caller && pack.region == admitted.region;
    let packs: Vec<_> = organization.packs.iter().filter(is_own).collect();
    if admitted.operation == Operation::DescribeOrganizationConformancePacks {
        let member = ("OrganizationConformancePackNames", 25);
        let shown = named(packs, |it| &it.name, request, member, no_such_pack)?;
        let shown = shown.into_iter().map(|pack| described(pack, state.now()));
        return page(
            shown.collect(),
            PAGE,
            request,
            "OrganizationConformancePacks",
        );
    }
    let name = optional(request, "OrganizationConformancePackName", Value::as_str)?;
    let name = name.unwrap_or_default();
    let pack = packs.into_iter().find(|pack| pack.name == name);
    let pack = pack.ok_or_else(|| no_such_pack(name))?;
    let status_filter = request["Filters"]["Status"].as_str();
    let instances = pack.instances.iter();
    let instances = instances.filter(|it| status_filter.is_none_or(|filter| filter == it.status));
    let shown = instances.map(|it| status(it, state.now())).collect();
    let member = "OrganizationConformancePackDetailedStatuses";
    page(shown, PAGE.min(state.page), request, member)
}

fn described(pack: &OrganizationPack, now: DateTime<Utc>) -> Value {
    let (name, owner, region) = (&pack.name, &pack.owner, &pack.region);
    let parameters = pack.parameters.iter();
    let parameters =
        parameters.map(|(name, value)| json!({ "ParameterName": name, "ParameterValue": value }));
    json!({
        "OrganizationConformancePackName": name,
        "OrganizationConformancePackArn":
            format!("arn:aws:config:{region}:{owner}:organization-conformance-pack/{name}-abcd1234"),
        "ConformancePackInputParameters": parameters.collect::<Vec<_>>(),
        "ExcludedAccounts": pack.excluded_accounts,
        "LastUpdateTime": epoch_seconds(now),
    })
}

fn status(instance: &PackInstance, now: DateTime<Utc>) -> Value {
    let error = instance.error.as_ref();
    json!({
        "AccountId": instance.account,
        "ConformancePackName": "OrgConformsPack-root-access-key-rule-org-abcd1234",
        "Status": instance.status,
        "LastUpdateTime": epoch_seconds(now),
        "ErrorCode": error.map(|(code, _)| code),
        "ErrorMessage": error.map(|(_, message)| message),
    })
}

fn no_such_pack(name: &str) -> AwsError {
    let message = format!("The organization conformance pack '{name}' does not exist.");
    AwsError::bad_request("NoSuchOrganizationConformancePackException", message)
}
