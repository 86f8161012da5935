//! CloudFormation creates and updates the stacks of a StackSet in accounts, or reports why it cannot.
//!
//! An operation ends at once. A stack with a conformance pack needs AWS Config's recorder. It creates
//! the pack's rule, and AWS Config evaluates a new rule by itself.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackInstances.html>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    protocol::{
        error::AwsError,
        operation::Operation,
        query::{list, timestamp},
    },
    services::{
        admitted_request::AdmittedRequest,
        cloudformation::stack_sets::{id, stack_set},
    },
    state::{
        organization::Organization,
        rollout::{NO_RECORDER, StackInstance, StackSet, StackSetOperation},
        rule::{ConfigRule, pack_rule},
        world::State,
    },
};

/// Answers `CreateStackInstances` or `UpdateStackInstances`, once every stack is created or updated.
pub(crate) fn change(state: &mut State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let organization = state.organization.clone().ok_or_else(no_targets)?;
    let mut stack_set = stack_set(&organization, admitted)?.clone();
    let mut accounts = targets(&organization, admitted)?;
    if accounts.is_empty() || list(&admitted.parameters, "Regions").is_empty() {
        return Err(no_targets());
    }
    // AWS leaves out accounts that are not active.
    accounts.retain(|account| organization.is_active(account));
    let creates = admitted.operation == Operation::CreateStackInstances;
    let mut succeeded = true;
    for account in &accounts {
        let mut instances = stack_set.instances.iter();
        let known = instances.position(|it| it.account == *account);
        if known.is_none() && !creates {
            let message = format!("Stack set instances for account {account} not found");
            return Err(AwsError::new(
                404,
                "StackInstanceNotFoundException",
                message,
            ));
        }
        let mut instance = deploy(state, account, &stack_set)?;
        instance.unit = organization.unit_of(account);
        succeeded &= instance.status == "CURRENT";
        match known {
            Some(position) => stack_set.instances[position] = instance,
            None => stack_set.instances.push(instance),
        }
    }
    state.operations.push(StackSetOperation {
        id: admitted.request_id.clone(),
        stack_set: stack_set.name.clone(),
        action: if creates { "CREATE" } else { "UPDATE" },
        succeeded,
        at: state.now(),
    });
    if let Some(organization) = &mut state.organization {
        let others = &mut organization.stack_sets;
        others.retain(|it| it.name != stack_set.name);
        others.push(stack_set);
    }
    Ok(json!({ "OperationId": admitted.request_id }))
}

/// Answers `DescribeStackSetOperation`.
pub(crate) fn describe(state: &State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let organization = state.organization.as_ref().ok_or_else(no_targets)?;
    let stack_set = stack_set(organization, admitted)?;
    let operation_id = admitted.text("OperationId");
    let mut known = state.operations.iter();
    let known = known.find(|it| it.id == operation_id && it.stack_set == stack_set.name);
    let known = known.ok_or_else(|| {
        let message = format!("Operation {operation_id} not found");
        AwsError::new(404, "OperationNotFoundException", message)
    })?;
    Ok(json!({ "StackSetOperation": {
        "OperationId": known.id,
        "StackSetId": id(stack_set),
        "Action": known.action,
        "Status": if known.succeeded { "SUCCEEDED" } else { "FAILED" },
        "CreationTimestamp": timestamp(known.at),
        "EndTimestamp": timestamp(known.at),
    } }))
}

/// Creates or updates the stack in one account.
fn deploy(
    state: &mut State,
    account: &str,
    stack_set: &StackSet,
) -> Result<StackInstance, AwsError> {
    let held = state.held(account)?;
    let template = &stack_set.template_body;
    let has_pack = template.contains("AWS::Config::ConformancePack");
    if has_pack && held.recorder.is_none() {
        return Ok(StackInstance::failed(account, NO_RECORDER));
    }
    let name = pack_rule(account);
    if has_pack && !held.rules.iter().any(|rule| rule.name == name) {
        state.put_new_rule(ConfigRule::new(account, &name))?;
    }
    Ok(StackInstance::current(account))
}

/// The accounts of the request's `DeploymentTargets`.
fn targets(
    organization: &Organization,
    admitted: &AdmittedRequest,
) -> Result<BTreeSet<String>, AwsError> {
    let list = |name: &str| list(&admitted.parameters, &format!("DeploymentTargets.{name}"));
    let units = list("OrganizationalUnitIds");
    let accounts = BTreeSet::from_iter(list("Accounts"));
    if units.is_empty() {
        let message = "OrganizationalUnitIds are required for a SERVICE_MANAGED stack set";
        return Err(AwsError::bad_request("ValidationError", message));
    }
    let members = organization.members.iter().map(|it| it.account.clone());
    let is_in = |account: &String| {
        let mut around = organization.units_around(account).into_iter();
        around.any(|unit| units.contains(&unit))
    };
    let in_units: BTreeSet<String> = members.filter(is_in).collect();
    Ok(match admitted.text("DeploymentTargets.AccountFilterType") {
        "INTERSECTION" => &in_units & &accounts,
        "DIFFERENCE" => &in_units - &accounts,
        "UNION" => &in_units | &accounts,
        _ => in_units,
    })
}

fn no_targets() -> AwsError {
    let message = "No account of the organization and no region is left to deploy to";
    AwsError::bad_request("ValidationError", message)
}
