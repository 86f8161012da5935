//! CloudFormation puts a StackSet's stacks into accounts: what it makes there, or why it cannot.
//!
//! An operation ends at once. A stack whose template holds a conformance pack
//! needs AWS Config's recorder; with one it brings the pack's rule, and AWS
//! Config evaluates a new rule by itself.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackInstances.html>

use std::collections::BTreeSet;

use chrono::SecondsFormat;
use serde_json::Value;

use crate::{
    protocol::error::AwsError,
    protocol::operation::{Operation, Service},
    protocol::query::{parent, response, text},
    services::cloudformation::request::{Asked, field, id, stack_set},
    services::config::start_evaluation,
    state::identifiers::ROOT,
    state::organization::Organization,
    state::rollout::{StackInstance, StackSet, StackSetOperation},
    state::rule::{ConfigRule, pack_rule},
    state::world::{State, World},
};

const NO_RECORDER: &str = "ResourceLogicalId:Pack, ResourceType:AWS::Config::ConformancePack, \
    ResourceStatusReason:NoAvailableConfigurationRecorderException: Configuration Recorder is not \
    available to put config rule.";

/// Answers `CreateStackInstances` or `UpdateStackInstances` of a caller that may, once every stack is made.
pub(crate) fn change(
    world: &World,
    state: &mut State,
    operation: Operation,
    asked: &Asked<'_>,
) -> Result<String, AwsError> {
    let organization = state.organization.clone().ok_or_else(no_targets)?;
    let mut stack_set = stack_set(&organization, asked)?.clone();
    let regions = list(asked.parameters, "Regions");
    let mut accounts = targets(&organization, asked)?;
    if accounts.is_empty() || regions.is_empty() {
        return Err(no_targets());
    }
    // AWS leaves out the accounts that it does not run anything in.
    accounts.retain(|account| organization.is_active(account));
    let creates = operation == Operation::CreateStackInstances;
    let mut succeeded = true;
    for account in &accounts {
        let known = stack_set
            .instances
            .iter()
            .position(|it| it.account == *account);
        if known.is_none() && !creates {
            let message = format!("Stack set instances for account {account} not found");
            return Err(AwsError::new(
                404,
                "StackInstanceNotFoundException",
                message,
            ));
        }
        let unit = organization.unit_of(account);
        let mut instance = deploy(world, state, account, &stack_set)?;
        instance.unit = unit;
        succeeded &= instance.status == "CURRENT";
        match known {
            Some(position) => stack_set.instances[position] = instance,
            None => stack_set.instances.push(instance),
        }
    }
    let operation_id = asked.request_id.to_owned();
    state.operations.push(StackSetOperation {
        id: operation_id.clone(),
        stack_set: stack_set.name.clone(),
        action: if creates { "CREATE" } else { "UPDATE" },
        succeeded,
        at: state.now(),
    });
    if let Some(organization) = &mut state.organization {
        organization
            .stack_sets
            .retain(|it| it.name != stack_set.name);
        organization.stack_sets.push(stack_set);
    }
    let name = operation.to_string();
    Ok(response(
        Service::CloudFormation,
        &name,
        asked.request_id,
        |result| {
            text(result, "OperationId", &operation_id);
        },
    ))
}

/// Answers `DescribeStackSetOperation`.
pub(crate) fn describe(state: &State, asked: &Asked<'_>) -> Result<String, AwsError> {
    let organization = state.organization.as_ref().ok_or_else(no_targets)?;
    let stack_set = stack_set(organization, asked)?;
    let operation_id = field(asked, "OperationId");
    let mut known = state.operations.iter();
    let known = known.find(|it| it.id == operation_id && it.stack_set == stack_set.name);
    let known = known.ok_or_else(|| {
        let message = format!("Operation {operation_id} not found");
        AwsError::new(404, "OperationNotFoundException", message)
    })?;
    let at = known.at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let name = "DescribeStackSetOperation";
    Ok(response(
        Service::CloudFormation,
        name,
        asked.request_id,
        |result| {
            parent(result, "StackSetOperation", |body| {
                text(body, "OperationId", &known.id);
                text(body, "StackSetId", &id(stack_set));
                text(body, "Action", known.action);
                let status = if known.succeeded {
                    "SUCCEEDED"
                } else {
                    "FAILED"
                };
                text(body, "Status", status);
                text(body, "CreationTimestamp", &at);
                text(body, "EndTimestamp", &at);
            });
        },
    ))
}

/// Makes or changes the stack in one account.
fn deploy(
    world: &World,
    state: &mut State,
    account: &str,
    stack_set: &StackSet,
) -> Result<StackInstance, AwsError> {
    let held = state.held(account)?;
    let has_pack = stack_set
        .template_body
        .contains("AWS::Config::ConformancePack");
    if has_pack && held.recorder.is_none() {
        return Ok(StackInstance::failed(account, NO_RECORDER));
    }
    let name = pack_rule(account);
    if has_pack && !held.rules.iter().any(|rule| rule.name == name) {
        let rule = ConfigRule::new(account, &name);
        start_evaluation::of_new_rule(world, state, account, rule)?;
    }
    Ok(StackInstance::current(account))
}

/// The accounts that the request's `DeploymentTargets` come to.
fn targets(organization: &Organization, asked: &Asked<'_>) -> Result<BTreeSet<String>, AwsError> {
    let named = |name: &str| -> BTreeSet<String> {
        let values = list(asked.parameters, &format!("DeploymentTargets.{name}"));
        values.into_iter().collect()
    };
    let (units, accounts) = (named("OrganizationalUnitIds"), named("Accounts"));
    if units.is_empty() {
        let message = "OrganizationalUnitIds are required for a SERVICE_MANAGED stack set";
        return Err(AwsError::new(400, "ValidationError", message));
    }
    let members = organization.members.iter();
    let in_units: BTreeSet<String> = members
        .filter(|it| {
            units.contains(ROOT) || it.unit.as_ref().is_some_and(|unit| units.contains(unit))
        })
        .map(|it| it.account.clone())
        .collect();
    Ok(match field(asked, "DeploymentTargets.AccountFilterType") {
        "INTERSECTION" => &in_units & &accounts,
        "DIFFERENCE" => &in_units - &accounts,
        "UNION" => &in_units | &accounts,
        _ => in_units,
    })
}

/// A list of the Query protocol: `NAME.member.1`, `NAME.member.2` …
fn list(parameters: &Value, name: &str) -> Vec<String> {
    let value = |number: usize| parameters[format!("{name}.member.{number}")].as_str();
    (1..).map_while(value).map(str::to_owned).collect()
}

fn no_targets() -> AwsError {
    let message = "No account of the organization and no region is left to deploy to";
    AwsError::new(400, "ValidationError", message)
}
