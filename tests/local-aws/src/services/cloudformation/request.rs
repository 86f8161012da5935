//! A request to CloudFormation, and the StackSet that it is about.

use serde_json::Value;

use crate::{
    protocol::error::AwsError,
    state::{organization::Organization, rollout::StackSet},
};

/// One request, by whom and where.
pub(crate) struct Asked<'a> {
    pub caller: &'a str,
    pub region: &'a str,
    pub parameters: &'a Value,
    pub request_id: &'a str,
}

pub(crate) fn field<'a>(asked: &Asked<'a>, name: &str) -> &'a str {
    asked.parameters[name].as_str().unwrap_or_default()
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

pub(crate) fn id(stack_set: &StackSet) -> String {
    format!("{}:00000000-0000-4000-8000-000000000000", stack_set.name)
}
