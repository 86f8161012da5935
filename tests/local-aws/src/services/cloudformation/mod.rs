//! CloudFormation's StackSets of an organization, administered from its management
//! account or a delegated administrator. Query and XML.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackInstances.html>

pub(crate) mod request;
mod stack_instances;
mod stack_sets;

use request::{Asked, field, stack_set};
use stack_sets::{activate, described, instances, organizations_access};

use crate::{
    protocol::{error::AwsError, operation::Operation},
    state::{
        identifiers::STACK_SETS,
        organization::Organization,
        world::{State, World, lock},
    },
};

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
