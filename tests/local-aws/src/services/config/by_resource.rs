//! AWS Config, asked about resources.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeComplianceByResource.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    protocol::{
        error::AwsError,
        json::{among, optional, strings},
        paging::{limit, page},
    },
    services::config::results::{compliance_of, evaluation_result, newest, type_of},
    state::{evaluation::Evaluation, world::Held},
};

/// The most resources that a page holds.
const LONGEST_PAGE: usize = 100;

/// Answers `DescribeComplianceByResource`: non-compliant if any rule's result is.
pub(crate) fn compliance(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let results = results(held, request)?;
    let types = strings(request, "ComplianceTypes", 3)?;
    let size = limit(request, 10, LONGEST_PAGE)?;
    let mut bad_by_resource: BTreeMap<_, usize> = BTreeMap::new();
    for it in results {
        let bad = bad_by_resource.entry((&it.resource_type, &it.resource_id));
        *bad.or_default() += usize::from(it.compliance_type == "NON_COMPLIANT");
    }
    let all = bad_by_resource.into_iter().filter_map(|((kind, id), bad)| {
        let compliance = compliance_of(bad);
        among(&types, type_of(&compliance))
            .then(|| json!({ "ResourceType": kind, "ResourceId": id, "Compliance": compliance }))
    });
    page(all.collect(), size, request, "ComplianceByResources")
}

/// Answers `GetComplianceDetailsByResource`: each rule's newest result for it.
pub(crate) fn details(held: &Held, request: &Value) -> Result<Value, AwsError> {
    if request["ResourceType"].is_null() || request["ResourceId"].is_null() {
        return Err(invalid(
            "Both resourceType and resourceId are needed, unless a resourceEvaluationId is given.",
        ));
    }
    let types = strings(request, "ComplianceTypes", 3)?;
    let results = results(held, request)?.into_iter();
    let results = results.filter(|it| among(&types, &it.compliance_type));
    let shown = results.map(evaluation_result).collect();
    page(shown, LONGEST_PAGE, request, "EvaluationResults")
}

/// Each rule's newest results for the resources that the request is about.
fn results<'a>(held: &'a Held, request: &Value) -> Result<Vec<&'a Evaluation>, AwsError> {
    let kind = optional(request, "ResourceType", Value::as_str)?;
    let id = optional(request, "ResourceId", Value::as_str)?;
    if id.is_some() && kind.is_none() {
        return Err(invalid("A resourceId needs a resourceType."));
    }
    let rules = held.rules.iter();
    let all = rules.flat_map(|rule| newest(held, &rule.name));
    let is = |wanted: Option<&str>, value: &str| wanted.is_none_or(|wanted| wanted == value);
    Ok(all
        .filter(|it| is(kind, &it.resource_type) && is(id, &it.resource_id))
        .collect())
}

fn invalid(message: &str) -> AwsError {
    AwsError::refused("InvalidParameterValueException", message)
}
