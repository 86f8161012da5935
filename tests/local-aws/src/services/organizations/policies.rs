//! Service control policies as AWS Organizations shows them.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTargetsForPolicy.html>

use serde_json::{Value, json};

use crate::{
    protocol::{
        error::AwsError,
        json::{constraint, required},
        operation::Operation,
        paging::page,
    },
    services::admitted_request::AdmittedRequest,
    state::{
        identifiers::{ID, ROOT},
        organization::Organization,
        policy::ServiceControlPolicy,
    },
};

/// The only type of policies in the emulator.
const TYPE: &str = "SERVICE_CONTROL_POLICY";

/// Answers `ListPolicies`, `DescribePolicy` or `ListTargetsForPolicy`.
pub(crate) fn answer(
    organization: &Organization,
    size: usize,
    admitted: &AdmittedRequest,
) -> Result<Value, AwsError> {
    let request = &admitted.parameters;
    if admitted.operation == Operation::ListPolicies {
        let policies = match required(request, "Filter")? {
            TYPE => std::iter::once(&full_access())
                .chain(&organization.policies)
                .map(|it| summary(organization, it))
                .collect(),
            "RESOURCE_CONTROL_POLICY" | "TAG_POLICY" | "BACKUP_POLICY" => Vec::new(),
            other => {
                let rule = format!("Member must satisfy enum value set: [{TYPE}, …]");
                return Err(constraint(other, "Filter", &rule));
            }
        };
        return page(policies, size, request, "Policies");
    }
    let id = required(request, "PolicyId")?;
    let full_access = full_access();
    let mut known = organization.policies.iter().chain([&full_access]);
    let policy = known.find(|it| it.id == id).ok_or_else(|| {
        let message = "You specified a policy that doesn't exist.";
        AwsError::bad_request("PolicyNotFoundException", message)
    })?;
    if admitted.operation == Operation::DescribePolicy {
        let summary = summary(organization, policy);
        return Ok(json!({ "Policy": { "PolicySummary": summary, "Content": policy.content } }));
    }
    let targets = policy.targets.iter();
    let targets = targets.map(|it| target(organization, it)).collect();
    page(targets, size, request, "Targets")
}

/// The policy that AWS attaches everywhere. Here, only the root is listed as its target.
fn full_access() -> ServiceControlPolicy {
    let everything =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    ServiceControlPolicy::new("p-FullAWSAccess", "FullAWSAccess", everything, &[ROOT])
}

/// The policy types that the root has enabled.
pub(crate) fn enabled_types(organization: &Organization) -> Vec<Value> {
    let has_any = !organization.policies.is_empty();
    let enabled = has_any.then(|| json!({ "Type": TYPE, "Status": "ENABLED" }));
    enabled.into_iter().collect()
}

fn summary(organization: &Organization, policy: &ServiceControlPolicy) -> Value {
    let management = &organization.management_account;
    let ServiceControlPolicy { id, name, .. } = policy;
    let is_of_aws = id == "p-FullAWSAccess";
    let arn = if is_of_aws {
        format!("arn:aws:organizations::aws:policy/service_control_policy/{id}")
    } else {
        format!("arn:aws:organizations::{management}:policy/{ID}/service_control_policy/{id}")
    };
    json!({
        "Id": id,
        "Arn": arn,
        "Name": name,
        "Description": "",
        "Type": TYPE,
        "AwsManaged": is_of_aws,
    })
}

fn target(organization: &Organization, id: &str) -> Value {
    let management = &organization.management_account;
    let (kind, path, name) = match id.get(..2) {
        Some("r-") => ("ROOT", "root", "Root"),
        Some("ou") => ("ORGANIZATIONAL_UNIT", "ou", id),
        _ => {
            let name = organization.member(id).map_or("management", |it| &it.name);
            ("ACCOUNT", "account", name)
        }
    };
    json!({
        "TargetId": id,
        "Arn": format!("arn:aws:organizations::{management}:{path}/{ID}/{id}"),
        "Name": name,
        "Type": kind,
    })
}
