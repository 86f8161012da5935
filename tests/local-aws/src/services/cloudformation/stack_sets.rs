//! The operations that read StackSets and their instances.

use serde_json::{Value, json};

use crate::{
    protocol::{error::AwsError, paging::page_of},
    services::admitted_request::AdmittedRequest,
    state::{
        identifiers::STACK_SETS,
        organization::Organization,
        rollout::{StackInstance, StackSet},
    },
};

/// The most instances that AWS returns in a page.
const PAGE: usize = 100;

/// The StackSet that the request names, of the region that it is signed for.
pub(crate) fn stack_set<'a>(
    organization: &'a Organization,
    admitted: &AdmittedRequest,
) -> Result<&'a StackSet, AwsError> {
    let name = admitted.text("StackSetName");
    let mut known = organization.stack_sets.iter();
    known
        .find(|known| known.name == name && known.region == admitted.region)
        .ok_or_else(|| {
            let message = format!("StackSet {name} not found");
            AwsError::new(404, "StackSetNotFoundException", message)
        })
}

/// A StackSet's id as AWS shows it.
pub(crate) fn id(stack_set: &StackSet) -> String {
    format!("{}:00000000-0000-4000-8000-000000000000", stack_set.name)
}

/// Activates trusted access of StackSets; only the management account may do that.
pub(crate) fn activate(
    organization: &mut Organization,
    admitted: &AdmittedRequest,
) -> Result<Value, AwsError> {
    if organization.management_account != admitted.caller() {
        let message = "Only the management account may activate trusted access";
        return Err(AwsError::bad_request("InvalidOperationException", message));
    }
    organization.trust(STACK_SETS, true);
    Ok(json!({}))
}

/// The result of `DescribeOrganizationsAccess`.
pub(crate) fn access(organization: &Organization) -> Value {
    let is_on = organization.trusts(STACK_SETS);
    json!({ "Status": if is_on { "ENABLED" } else { "DISABLED" } })
}

/// The result of `DescribeStackSet`.
pub(crate) fn described(stack_set: &StackSet) -> Value {
    json!({ "StackSet": {
        "StackSetName": stack_set.name,
        "StackSetId": id(stack_set),
        "Status": "ACTIVE",
        "TemplateBody": stack_set.template_body,
        "PermissionModel": "SERVICE_MANAGED",
        "AutoDeployment": { "Enabled": true, "RetainStacksOnAccountRemoval": false },
        "OrganizationalUnitIds": stack_set.units,
        "Regions": stack_set.regions,
        "ManagedExecution": { "Active": stack_set.managed_execution },
    } })
}

/// Answers `ListStackInstances`.
pub(crate) fn instances(
    stack_set: &StackSet,
    most: usize,
    admitted: &AdmittedRequest,
) -> Result<Value, AwsError> {
    let limit = admitted.text("MaxResults").parse().unwrap_or(PAGE);
    let instances = stack_set.instances.iter().collect();
    let size = limit.min(PAGE).min(most);
    let show = |it| summary(stack_set, it);
    page_of(instances, size, &admitted.parameters, "Summaries", show)
        .map_err(|_| AwsError::bad_request("ValidationError", "NextToken is invalid"))
}

fn summary(stack_set: &StackSet, instance: &StackInstance) -> Value {
    json!({
        "StackSetId": id(stack_set),
        "Region": instance.region,
        "Account": instance.account,
        "Status": instance.status,
        "StatusReason": instance.reason,
        "StackInstanceStatus": { "DetailedStatus": instance.detailed_status },
        "OrganizationalUnitId": instance.unit,
        "DriftStatus": "NOT_CHECKED",
    })
}
