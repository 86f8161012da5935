//! CloudFormation's StackSets of an organization, administered from its management
//! account or a delegated administrator. Query and XML.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackInstances.html>

use serde_json::{Value, json};

use crate::{
    config::page,
    operation::{Operation, Service},
    organization::{Organization, STACK_SETS},
    query::{Xml, parent, response, text},
    reply::AwsError,
    rollout::{StackInstance, StackSet},
    service::{World, lock},
    stack_instances,
    state::State,
    trust::trust,
};

/// The most instances that AWS gives in a page.
const PAGE: usize = 100;

/// One request, by whom and where.
pub(crate) struct Asked<'a> {
    pub caller: &'a str,
    pub region: &'a str,
    pub parameters: &'a Value,
    pub request_id: &'a str,
}

pub(crate) fn answer(
    world: &World,
    operation: Operation,
    asked: &Asked<'_>,
) -> Result<String, AwsError> {
    let mut state = lock(world);
    let organization = administered(&state, asked)?;
    match operation {
        Operation::ActivateOrganizationsAccess => activate(&mut state, asked),
        Operation::CreateStackInstances | Operation::UpdateStackInstances => {
            stack_instances::change(world, &mut state, operation, asked)
        }
        Operation::DescribeStackSetOperation => stack_instances::describe(&state, asked),
        Operation::DescribeOrganizationsAccess => Ok(organizations_access(organization, asked)),
        Operation::DescribeStackSet => {
            stack_set(organization, asked).map(|it| described(it, asked))
        }
        _ => stack_set(organization, asked).and_then(|it| instances(it, state.page, asked)),
    }
}

/// The organization, if the caller may administer its StackSets in the way that `CallAs` says.
fn administered<'a>(state: &'a State, asked: &Asked<'_>) -> Result<&'a Organization, AwsError> {
    let organization = state.organization.as_ref();
    let may = |organization: &&Organization| match field(asked, "CallAs") {
        "DELEGATED_ADMIN" => organization.has_delegated(STACK_SETS, asked.caller),
        _ => asked.caller == organization.management_account,
    };
    organization.filter(may).ok_or_else(|| {
        let message = "You must be the management account or delegated admin account of an \
                       organization before operating a SERVICE_MANAGED stack set";
        AwsError::new(400, "ValidationError", message)
    })
}

pub(crate) fn stack_set<'a>(
    organization: &'a Organization,
    asked: &Asked<'_>,
) -> Result<&'a StackSet, AwsError> {
    let name = field(asked, "StackSetName");
    let mut known = organization.stack_sets.iter();
    known
        .find(|known| known.name == name && known.region == asked.region)
        .ok_or_else(|| {
            let message = format!("StackSet {name} not found");
            AwsError::new(404, "StackSetNotFoundException", message)
        })
}

/// Lets StackSets deploy to the organization's accounts; only its management account may.
fn activate(state: &mut State, asked: &Asked<'_>) -> Result<String, AwsError> {
    let mut organization = state.organization.as_mut();
    organization = organization.filter(|it| it.management_account == asked.caller);
    let organization = organization.ok_or_else(|| {
        let message = "Only the management account may activate trusted access";
        AwsError::new(400, "InvalidOperationException", message)
    })?;
    trust(organization, STACK_SETS, true);
    Ok(answered("ActivateOrganizationsAccess", asked, |_| ()))
}

fn organizations_access(organization: &Organization, asked: &Asked<'_>) -> String {
    let status = if organization.trusted_services.contains(&STACK_SETS) {
        "ENABLED"
    } else {
        "DISABLED"
    };
    answered("DescribeOrganizationsAccess", asked, |result| {
        text(result, "Status", status);
    })
}

fn described(stack_set: &StackSet, asked: &Asked<'_>) -> String {
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

fn instances(stack_set: &StackSet, most: usize, asked: &Asked<'_>) -> Result<String, AwsError> {
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

pub(crate) fn id(stack_set: &StackSet) -> String {
    format!("{}:00000000-0000-4000-8000-000000000000", stack_set.name)
}

fn answered(operation: &str, asked: &Asked<'_>, result: impl FnOnce(&mut Xml)) -> String {
    response(Service::CloudFormation, operation, asked.request_id, result)
}

pub(crate) fn field<'a>(asked: &Asked<'a>, name: &str) -> &'a str {
    asked.parameters[name].as_str().unwrap_or_default()
}
