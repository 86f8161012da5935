//! CloudFormation creates and updates the stacks of a StackSet in accounts, or reports why it cannot.
//!
//! An operation ends at once. A stack with a conformance pack needs AWS Config's recorder. It creates
//! the pack's rule, and AWS Config evaluates a new rule by itself.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackInstances.html>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    protocol::{error::AwsError, operation::Operation, query::list},
    services::{
        admitted_request::AdmittedRequest,
        cloudformation::{operations, stack_sets::stack_set},
    },
    state::{
        organization::Organization,
        rollout::{NO_RECORDER, StackInstance, StackSet},
        rule::{ConfigRule, pack_rule},
        world::State,
    },
};

/// Answers `CreateStackInstances` or `UpdateStackInstances`, once every stack is created or updated.
///
/// An operation that waits for another one is `QUEUED`, and changes nothing.
pub(crate) fn change(state: &mut State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let organization = state.organization.clone().ok_or_else(no_targets)?;
    let mut stack_set = stack_set(&organization, admitted)?.clone();
    let mut accounts = targets(&organization, admitted)?;
    if accounts.is_empty() || list(&admitted.parameters, "Regions").is_empty() {
        return Err(no_targets());
    }
    let waits = operations::accept(state, &stack_set, admitted)?;
    if waits {
        operations::record(state, &stack_set, admitted, "QUEUED");
        return Ok(json!({ "OperationId": operations::id(admitted) }));
    }
    // AWS leaves out accounts that are not active.
    accounts.retain(|account| organization.is_active(account));
    let creates = admitted.operation == Operation::CreateStackInstances;
    let units = units(admitted);
    let mut failed = 0;
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
        let mut around = organization.units_around(account).into_iter();
        let target = around.find(|unit| units.contains(unit));
        instance.unit = target.unwrap_or_else(|| organization.unit_of(account));
        failed += usize::from(instance.status != "CURRENT");
        match known {
            Some(position) => stack_set.instances[position] = instance,
            None => stack_set.instances.push(instance),
        }
    }
    let tolerated = failed <= operations::tolerance(admitted, accounts.len());
    let status = if tolerated { "SUCCEEDED" } else { "FAILED" };
    operations::record(state, &stack_set, admitted, status);
    if let Some(organization) = &mut state.organization {
        let others = &mut organization.stack_sets;
        others.retain(|it| it.name != stack_set.name);
        others.push(stack_set);
    }
    Ok(json!({ "OperationId": operations::id(admitted) }))
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

/// The organizational units of the request's `DeploymentTargets`.
fn units(admitted: &AdmittedRequest) -> Vec<String> {
    list(
        &admitted.parameters,
        "DeploymentTargets.OrganizationalUnitIds",
    )
}

/// The accounts of the request's `DeploymentTargets`.
fn targets(
    organization: &Organization,
    admitted: &AdmittedRequest,
) -> Result<BTreeSet<String>, AwsError> {
    let invalid = |message: &str| Err(AwsError::bad_request("ValidationError", message));
    let units = units(admitted);
    let accounts = list(&admitted.parameters, "DeploymentTargets.Accounts");
    let accounts = BTreeSet::from_iter(accounts);
    let filter = admitted.text("DeploymentTargets.AccountFilterType");
    let creates = admitted.operation == Operation::CreateStackInstances;
    if units.is_empty() {
        return invalid("OrganizationalUnitIds are required for a SERVICE_MANAGED stack set");
    }
    if creates && filter.is_empty() && !accounts.is_empty() {
        return invalid("AccountFilterType is required with OrganizationalUnitIds and Accounts");
    }
    if creates && filter == "UNION" {
        return invalid("AccountFilterType UNION is not supported for CreateStackInstances");
    }
    let members = organization.members.iter().map(|it| it.account.clone());
    let is_in = |account: &String| {
        let mut around = organization.units_around(account).into_iter();
        around.any(|unit| units.contains(&unit))
    };
    let in_units: BTreeSet<String> = members.filter(is_in).collect();
    Ok(match filter {
        "INTERSECTION" => &in_units & &accounts,
        "DIFFERENCE" => &in_units - &accounts,
        "NONE" => in_units,
        _ => &in_units | &accounts,
    })
}

fn no_targets() -> AwsError {
    let message = "No account of the organization and no region is left to deploy to";
    AwsError::bad_request("ValidationError", message)
}
