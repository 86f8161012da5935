//! Lists the operations on the StackSet, and starts one.

use aws_sdk_cloudformation::types::{
    AccountFilterType, ConcurrencyMode, DeploymentTargets, StackSetOperationPreferences,
    StackSetOperationSummary,
};
use root_access_key_rule::aws::failure::{CallFailure, FailureClass};

use crate::aws::call::call_failure;
use crate::aws::time::time;
use crate::failure::Failure;
use crate::organization::clients::{OrganizationClients, incomplete};
use crate::organization::facts::STACK_SET as NAME;
use crate::organization::operation::{Action, StackSetOperation, StartOperation, Started};

const LIST: &str = "cloudformation:ListStackSetOperations";
const CREATE: &str = "cloudformation:CreateStackInstances";
const UPDATE: &str = "cloudformation:UpdateStackInstances";
const ID_EXISTS: &str = "OperationIdAlreadyExistsException";

/// In how many accounts an operation works at a time.
const CONCURRENT_ACCOUNTS: i32 = 10;

/// Lists the operations on the StackSet.
///
/// # Errors
/// When they cannot be listed to the end, or one of them lacks its ID, action or status.
pub async fn read(clients: &OrganizationClients) -> Result<Vec<StackSetOperation>, Failure> {
    let (summaries, _) = clients
        .listings
        .all(LIST, async |token| {
            let response = clients
                .cloudformation
                .list_stack_set_operations()
                .stack_set_name(NAME)
                .call_as(clients.call_as())
                .set_next_token(token)
                .send()
                .await;
            let response =
                response.map_err(|error| clients.refused(LIST, &call_failure(&error)))?;
            Ok((response.summaries.unwrap_or_default(), response.next_token))
        })
        .await?;
    let operations: Option<Vec<_>> = summaries.into_iter().map(operation).collect();
    operations.ok_or_else(|| incomplete(LIST))
}

fn operation(summary: StackSetOperationSummary) -> Option<StackSetOperation> {
    Some(StackSetOperation {
        id: summary.operation_id?,
        action: summary.action?.as_str().to_owned(),
        status: summary.status?.as_str().to_owned(),
        created: summary.creation_timestamp.as_ref().and_then(time),
        ended: summary.end_timestamp.as_ref().and_then(time),
    })
}

/// Starts an operation in these accounts and in no others, in the region of the
/// viewpoint. A failure in one account does not stop the others.
///
/// The SDK repeats a request without a response; AWS starts an operation of that ID once.
pub async fn start(clients: &OrganizationClients, operation: &StartOperation) -> Started {
    let targets = DeploymentTargets::builder()
        .set_organizational_unit_ids(Some(operation.units.clone()))
        .set_accounts(Some(operation.accounts.clone()))
        .account_filter_type(AccountFilterType::Intersection)
        .build();
    let tolerance = i32::try_from(operation.accounts.len()).unwrap_or(i32::MAX);
    let preferences = StackSetOperationPreferences::builder()
        .failure_tolerance_count(tolerance)
        .max_concurrent_count(CONCURRENT_ACCOUNTS.min(tolerance))
        .concurrency_mode(ConcurrencyMode::SoftFailureTolerance)
        .build();
    let (client, region) = (&clients.cloudformation, &clients.viewpoint.region);
    let (call, response) = match operation.action {
        Action::Create => {
            let request = client
                .create_stack_instances()
                .stack_set_name(NAME)
                .call_as(clients.call_as())
                .operation_id(&operation.operation_id)
                .deployment_targets(targets)
                .regions(region)
                .operation_preferences(preferences);
            let response = request.send().await.map(drop);
            (CREATE, response.map_err(|error| call_failure(&error)))
        }
        Action::Update => {
            let request = client
                .update_stack_instances()
                .stack_set_name(NAME)
                .call_as(clients.call_as())
                .operation_id(&operation.operation_id)
                .deployment_targets(targets)
                .regions(region)
                .operation_preferences(preferences);
            let response = request.send().await.map(drop);
            (UPDATE, response.map_err(|error| call_failure(&error)))
        }
    };
    match response {
        Ok(()) => Started::Started,
        // An earlier request was accepted.
        Err(failure) if failure.code == ID_EXISTS => Started::AlreadyStarted,
        Err(failure) => not_started(clients, call, &failure),
    }
}

/// Only a response that refuses the request proves that nothing was started. One that
/// throttles does not: an earlier request may have been accepted and its response lost.
fn not_started(clients: &OrganizationClients, call: &str, failure: &CallFailure) -> Started {
    let why = clients.refused(call, failure).to_string();
    match failure.class {
        FailureClass::Denied | FailureClass::Rejected | FailureClass::Credentials => {
            Started::Refused(why)
        }
        _ => Started::Unknown(why),
    }
}
