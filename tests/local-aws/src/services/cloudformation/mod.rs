//! CloudFormation (Query and XML): the StackSets of an organization, administered from its management
//! account or a delegated administrator.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackInstances.html>

mod operations;
mod stack_instances;
mod stack_sets;

use serde_json::Value;

use stack_sets::stack_set;

use crate::{
    protocol::{error::AwsError, operation::Operation},
    services::admitted_request::AdmittedRequest,
    state::{identifiers::STACK_SETS, organization::Organization, world::State},
};

/// Answers one operation.
pub(crate) fn answer(state: &mut State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let most = state.page;
    let organization = administered(state, admitted)?;
    match admitted.operation {
        Operation::ActivateOrganizationsAccess => stack_sets::activate(organization, admitted),
        Operation::DescribeOrganizationsAccess => Ok(stack_sets::access(organization)),
        Operation::DescribeStackSet => stack_set(organization, admitted).map(stack_sets::described),
        Operation::ListStackInstances => stack_set(organization, admitted)
            .and_then(|it| stack_sets::instances(it, most, admitted)),
        Operation::DescribeStackSetOperation => operations::describe(state, admitted),
        Operation::ListStackSetOperations => operations::list(state, admitted),
        _ => stack_instances::change(state, admitted),
    }
}

/// The organization, if the caller may administer its StackSets as `CallAs` says.
fn administered<'a>(
    state: &'a mut State,
    admitted: &AdmittedRequest,
) -> Result<&'a mut Organization, AwsError> {
    let organization = state.organization.as_mut();
    let may = |organization: &&mut Organization| match admitted.text("CallAs") {
        "DELEGATED_ADMIN" => organization.has_delegated(STACK_SETS, admitted.caller()),
        _ => admitted.caller() == organization.management_account,
    };
    organization.filter(may).ok_or_else(|| {
        let message = "You must be the management account or delegated admin account of an \
                       organization before operating a SERVICE_MANAGED stack set";
        AwsError::bad_request("ValidationError", message)
    })
}
