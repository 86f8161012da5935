//! StackSets and their instances, read.

use serde_json::json;

use crate::{
    protocol::error::AwsError,
    protocol::operation::Service,
    protocol::paging::page,
    protocol::query::{Xml, parent, response, text},
    services::cloudformation::request::{Asked, field, id},
    state::identifiers::STACK_SETS,
    state::organization::Organization,
    state::rollout::{StackInstance, StackSet},
    state::world::State,
};

/// The most instances that AWS gives in a page.
const PAGE: usize = 100;

/// Lets StackSets deploy to the organization's accounts; only its management account may.
pub(crate) fn activate(state: &mut State, asked: &Asked<'_>) -> Result<String, AwsError> {
    let mut organization = state.organization.as_mut();
    organization = organization.filter(|it| it.management_account == asked.caller);
    let organization = organization.ok_or_else(|| {
        let message = "Only the management account may activate trusted access";
        AwsError::new(400, "InvalidOperationException", message)
    })?;
    organization.trust(STACK_SETS, true);
    Ok(answered("ActivateOrganizationsAccess", asked, |_| ()))
}

pub(crate) fn organizations_access(organization: &Organization, asked: &Asked<'_>) -> String {
    let status = if organization.trusted_services.contains(&STACK_SETS) {
        "ENABLED"
    } else {
        "DISABLED"
    };
    answered("DescribeOrganizationsAccess", asked, |result| {
        text(result, "Status", status);
    })
}

pub(crate) fn described(stack_set: &StackSet, asked: &Asked<'_>) -> String {
    answered("DescribeStackSet", asked, |result| {
        parent(result, "StackSet", |body| {
            text(body, "StackSetName", &stack_set.name);
            text(body, "StackSetId", &id(stack_set));
            text(body, "Status", "ACTIVE");
            text(body, "TemplateBody", &stack_set.template_body);
            text(body, "PermissionModel", "SERVICE_MANAGED");
            parent(body, "AutoDeployment", |automatic| {
                text(automatic, "Enabled", "true");
                text(automatic, "RetainStacksOnAccountRemoval", "false");
            });
            members(body, "OrganizationalUnitIds", &stack_set.units);
            members(body, "Regions", &stack_set.regions);
        });
    })
}

fn members(body: &mut Xml, name: &str, values: &[String]) {
    parent(body, name, |list| {
        for value in values {
            text(list, "member", value);
        }
    });
}

pub(crate) fn instances(
    stack_set: &StackSet,
    most: usize,
    asked: &Asked<'_>,
) -> Result<String, AwsError> {
    let limit = field(asked, "MaxResults").parse().unwrap_or(PAGE);
    let token = json!({ "NextToken": asked.parameters["NextToken"] });
    let size = limit.min(PAGE).min(most);
    let page = page(&stack_set.instances, size, &token, "Summaries", |it| {
        json!(it.account)
    })
    .map_err(|_| AwsError::new(400, "ValidationError", "NextToken is invalid"))?;
    let shown = page["Summaries"].as_array().map_or(0, Vec::len);
    let start = field(asked, "NextToken").parse().unwrap_or(0);
    Ok(answered("ListStackInstances", asked, |result| {
        parent(result, "Summaries", |list| {
            for instance in &stack_set.instances[start..start + shown] {
                parent(list, "member", |body| summary(body, stack_set, instance));
            }
        });
        if let Some(token) = page["NextToken"].as_str() {
            text(result, "NextToken", token);
        }
    }))
}

fn summary(body: &mut Xml, stack_set: &StackSet, instance: &StackInstance) {
    text(body, "StackSetId", &id(stack_set));
    text(body, "Region", &instance.region);
    text(body, "Account", &instance.account);
    text(body, "Status", instance.status);
    if let Some(reason) = &instance.reason {
        text(body, "StatusReason", reason);
    }
    parent(body, "StackInstanceStatus", |status| {
        text(status, "DetailedStatus", instance.detailed_status);
    });
    text(body, "OrganizationalUnitId", &instance.unit);
    text(body, "DriftStatus", "NOT_CHECKED");
}

fn answered(operation: &str, asked: &Asked<'_>, result: impl FnOnce(&mut Xml)) -> String {
    response(Service::CloudFormation, operation, asked.request_id, result)
}
