//! The operations on a StackSet: which of them AWS accepts, and what it says of those it accepted.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackSetOperations.html>

use serde_json::{Value, json};

use crate::{
    protocol::{error::AwsError, operation::Operation, paging::page, query::timestamp},
    services::{
        admitted_request::AdmittedRequest,
        cloudformation::stack_sets::{self, stack_set},
    },
    state::{
        rollout::{StackSet, StackSetOperation},
        world::State,
    },
};

/// The most operations that AWS returns in a page.
const PAGE: usize = 100;

/// The ID of the operation that the request starts: its `OperationId`, or a new one.
pub(crate) fn id(admitted: &AdmittedRequest) -> String {
    match admitted.text("OperationId") {
        "" => admitted.request_id.clone(),
        chosen => chosen.to_owned(),
    }
}

/// Whether the operation has to wait for another one.
///
/// # Errors
/// Why AWS does not accept it.
pub(crate) fn accept(
    state: &State,
    stack_set: &StackSet,
    admitted: &AdmittedRequest,
) -> Result<bool, AwsError> {
    let id = id(admitted);
    let inside = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if id.len() > 128 || id.starts_with('-') || !id.bytes().all(inside) {
        let message = format!(
            "1 validation error detected: Value '{id}' at 'operationId' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: \
             [a-zA-Z0-9][-a-zA-Z0-9]*"
        );
        return Err(AwsError::bad_request("ValidationError", message));
    }
    let mut known = of(state, stack_set);
    if known.any(|it| it.id == id) {
        let message = format!("The operation ID {id} already exists");
        let code = "OperationIdAlreadyExistsException";
        return Err(AwsError::new(409, code, message));
    }
    let waits = of(state, stack_set).any(StackSetOperation::is_in_progress);
    if waits && !stack_set.managed_execution {
        let message = format!(
            "Another Operation on StackSet {} is in progress",
            stack_set.name
        );
        let code = "OperationInProgressException";
        return Err(AwsError::new(409, code, message));
    }
    Ok(waits)
}

/// Stores the operation that the request started.
pub(crate) fn record(
    state: &mut State,
    stack_set: &StackSet,
    admitted: &AdmittedRequest,
    status: &'static str,
) {
    let creates = admitted.operation == Operation::CreateStackInstances;
    let at = state.now();
    state.operations.push(StackSetOperation {
        id: id(admitted),
        stack_set: stack_set.name.clone(),
        action: if creates { "CREATE" } else { "UPDATE" },
        status,
        at,
    });
}

/// In how many of these accounts the operation may fail without failing itself.
pub(crate) fn tolerance(admitted: &AdmittedRequest, accounts: usize) -> usize {
    let preference = |name: &str| {
        admitted
            .text(&format!("OperationPreferences.{name}"))
            .parse()
    };
    let percentage: usize = preference("FailureTolerancePercentage").unwrap_or_default();
    preference("FailureToleranceCount").unwrap_or(accounts * percentage / 100)
}

/// Answers `DescribeStackSetOperation`.
pub(crate) fn describe(state: &State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let id = admitted.text("OperationId");
    let not_found = || {
        let message = format!("Operation {id} not found");
        AwsError::new(404, "OperationNotFoundException", message)
    };
    let organization = state.organization.as_ref().ok_or_else(not_found)?;
    let stack_set = stack_set(organization, admitted)?;
    let known = of(state, stack_set).find(|it| it.id == id);
    let mut described = summary(known.ok_or_else(not_found)?);
    described["StackSetId"] = stack_sets::id(stack_set).into();
    Ok(json!({ "StackSetOperation": described }))
}

/// Answers `ListStackSetOperations`: the newest first.
pub(crate) fn list(state: &State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let invalid = |message| AwsError::bad_request("ValidationError", message);
    let organization = state.organization.as_ref();
    let organization = organization.ok_or_else(|| invalid("There is no organization"))?;
    let stack_set = stack_set(organization, admitted)?;
    let limit = admitted.text("MaxResults").parse().unwrap_or(PAGE);
    let size = limit.min(PAGE).min(state.page);
    let mut known: Vec<_> = of(state, stack_set).collect();
    known.sort_by_key(|it| std::cmp::Reverse(it.at));
    let known = known.into_iter().map(summary).collect();
    page(known, size, &admitted.parameters, "Summaries")
        .map_err(|_| invalid("NextToken is invalid"))
}

fn of<'a>(
    state: &'a State,
    stack_set: &'a StackSet,
) -> impl Iterator<Item = &'a StackSetOperation> {
    state
        .operations
        .iter()
        .filter(|it| it.stack_set == stack_set.name)
}

fn summary(operation: &StackSetOperation) -> Value {
    let ended = !operation.is_in_progress();
    json!({
        "OperationId": operation.id,
        "Action": operation.action,
        "Status": operation.status,
        "CreationTimestamp": timestamp(operation.at),
        "EndTimestamp": ended.then(|| timestamp(operation.at)),
    })
}
