//! Organization conformance packs, read by the account that deployed them.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_GetOrganizationConformancePackDetailedStatus.html>

use serde_json::{Value, json};

use crate::{
    protocol::error::AwsError,
    protocol::json::{epoch_seconds, optional, strings},
    protocol::operation::Operation,
    protocol::paging::page,
    state::identifiers::PACKS,
    state::organization::Organization,
    state::rollout::{OrganizationPack, PackInstance},
    state::world::State,
};

/// The most that AWS gives in a page.
const PAGE: usize = 100;

pub(crate) fn answer(
    state: &State,
    caller: &str,
    region: &str,
    operation: Operation,
    request: &Value,
) -> Result<Value, AwsError> {
    let organization = state.organization.as_ref();
    let may = |organization: &&Organization| {
        organization.management_account == caller || organization.has_delegated(PACKS, caller)
    };
    let organization = organization.filter(may).ok_or_else(|| {
        let message = "This action can only be performed if you are a registered delegated \
                       administrator for AWS Config with permissions to call the \
                       ListDelegatedAdministrators API, or the organization's management account.";
        AwsError::new(400, "OrganizationAccessDeniedException", message)
    })?;
    let seen = |pack: &&OrganizationPack| pack.owner == caller && pack.region == region;
    let packs: Vec<_> = organization.packs.iter().filter(seen).collect();
    let find = |name: &str| {
        let known = packs.iter().find(|pack| pack.name == name);
        known.copied().ok_or_else(|| no_such_pack(name))
    };
    if operation == Operation::DescribeOrganizationConformancePacks {
        let asked_for = strings(request, "OrganizationConformancePackNames", 25)?;
        let found = asked_for.iter().map(|name| find(name));
        let shown = match asked_for.len() {
            0 => packs.clone(),
            _ => found.collect::<Result<_, _>>()?,
        };
        let member = "OrganizationConformancePacks";
        return page(&shown, PAGE, request, member, |pack| described(pack, state));
    }
    let name = optional(request, "OrganizationConformancePackName", Value::as_str)?;
    let pack = find(name.unwrap_or_default())?;
    let wanted = request["Filters"]["Status"].as_str();
    let instances: Vec<_> = pack
        .instances
        .iter()
        .filter(|it| wanted.is_none_or(|wanted| wanted == it.status))
        .collect();
    let member = "OrganizationConformancePackDetailedStatuses";
    page(&instances, PAGE.min(state.page), request, member, |it| {
        status(it, state)
    })
}

fn described(pack: &OrganizationPack, state: &State) -> Value {
    let parameters: Vec<_> = pack
        .parameters
        .iter()
        .map(|(name, value)| json!({ "ParameterName": name, "ParameterValue": value }))
        .collect();
    json!({
        "OrganizationConformancePackName": pack.name,
        "OrganizationConformancePackArn": format!(
            "arn:aws:config:{}:{}:organization-conformance-pack/{}-abcd1234",
            pack.region, pack.owner, pack.name
        ),
        "ConformancePackInputParameters": parameters,
        "ExcludedAccounts": pack.excluded_accounts,
        "LastUpdateTime": epoch_seconds(state.now()),
    })
}

fn status(instance: &PackInstance, state: &State) -> Value {
    let mut status = json!({
        "AccountId": instance.account,
        "ConformancePackName": "OrgConformsPack-root-access-key-rule-org-abcd1234",
        "Status": instance.status,
        "LastUpdateTime": epoch_seconds(state.now()),
    });
    if let Some((code, message)) = &instance.error {
        status["ErrorCode"] = code.as_str().into();
        status["ErrorMessage"] = message.as_str().into();
    }
    status
}

fn no_such_pack(name: &str) -> AwsError {
    let message = format!("The organization conformance pack '{name}' does not exist.");
    AwsError::new(400, "NoSuchOrganizationConformancePackException", message)
}
