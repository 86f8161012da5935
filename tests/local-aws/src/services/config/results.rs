//! The results of a rule, and the compliance that follows from them.

use serde_json::{Value, json};

use crate::{
    protocol::{error::AwsError, json::epoch_seconds},
    services::config::named::named,
    state::{evaluation::Evaluation, rule::ConfigRule, world::Held},
};

/// A rule's compliance as AWS shows it; `INSUFFICIENT_DATA` without a result.
pub(crate) fn compliance(held: &Held, rule: &str) -> Value {
    let results = newest(held, rule);
    let count = |kind| {
        results
            .iter()
            .filter(|it| it.compliance_type == kind)
            .count()
    };
    match (count("NON_COMPLIANT"), count("COMPLIANT")) {
        (0, 0) => json!({ "ComplianceType": "INSUFFICIENT_DATA" }),
        (0, _) => json!({ "ComplianceType": "COMPLIANT" }),
        (bad, _) => json!({
            "ComplianceType": "NON_COMPLIANT",
            "ComplianceContributorCount": { "CappedCount": bad, "CapExceeded": false },
        }),
    }
}

/// The compliance type in what [`compliance`] returns.
pub(crate) fn type_of(compliance: &Value) -> &str {
    compliance["ComplianceType"].as_str().unwrap_or_default()
}

/// One result as AWS shows it.
pub(crate) fn evaluation_result(evaluation: &Evaluation) -> Value {
    json!({
        "EvaluationResultIdentifier": {
            "EvaluationResultQualifier": {
                "ConfigRuleName": evaluation.rule,
                "ResourceType": evaluation.resource_type,
                "ResourceId": evaluation.resource_id,
                "EvaluationMode": "DETECTIVE",
            },
            "OrderingTimestamp": epoch_seconds(evaluation.ordering_timestamp),
        },
        "ComplianceType": evaluation.compliance_type,
        "ResultRecordedTime": epoch_seconds(evaluation.recorded_at),
        "ConfigRuleInvokedTime": epoch_seconds(evaluation.invoked_at),
        "Annotation": evaluation.annotation,
    })
}

/// For each resource the evaluation with the newest ordering timestamp, and of equals the one that arrived last.
pub(crate) fn newest<'a>(held: &'a Held, rule: &str) -> Vec<&'a Evaluation> {
    let mut newest: Vec<&Evaluation> = Vec::new();
    for evaluation in held.evaluations.iter().filter(|it| it.rule == rule) {
        let same = newest.iter_mut().find(|known| {
            known.resource_type == evaluation.resource_type
                && known.resource_id == evaluation.resource_id
        });
        match same {
            None => newest.push(evaluation),
            Some(known) if known.ordering_timestamp <= evaluation.ordering_timestamp => {
                *known = evaluation;
            }
            Some(_) => {}
        }
    }
    newest
}

/// The rules of the request's `ConfigRuleNames`, or all.
pub(crate) fn requested_rules<'a>(
    held: &'a Held,
    request: &Value,
) -> Result<Vec<&'a ConfigRule>, AwsError> {
    let member = ("ConfigRuleNames", 25);
    let rules = held.rules.iter().collect();
    named(rules, |rule| &rule.name, request, member, no_such_rule)
}

/// AWS Config's error for a rule that does not exist.
pub(crate) fn no_such_rule(name: &str) -> AwsError {
    let message = format!(
        "The ConfigRule '{name}' provided in the request is invalid. Please check the configRule name"
    );
    AwsError::bad_request("NoSuchConfigRuleException", message)
}
