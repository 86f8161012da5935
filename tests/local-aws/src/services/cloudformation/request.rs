//! The StackSet that a request to CloudFormation is about.

use crate::{
    protocol::error::AwsError,
    services::asked::AdmittedRequest,
    state::{organization::Organization, rollout::StackSet},
};

/// The StackSet that the request names, of the region that it is signed for.
pub(crate) fn stack_set<'a>(
    organization: &'a Organization,
    asked: &AdmittedRequest,
) -> Result<&'a StackSet, AwsError> {
    let name = asked.text("StackSetName");
    let mut known = organization.stack_sets.iter();
    known
        .find(|known| known.name == name && known.region == asked.region)
        .ok_or_else(|| {
            let message = format!("StackSet {name} not found");
            AwsError::new(404, "StackSetNotFoundException", message)
        })
}

/// A StackSet's id as AWS shows it.
pub(crate) fn id(stack_set: &StackSet) -> String {
    format!("{}:00000000-0000-4000-8000-000000000000", stack_set.name)
}
