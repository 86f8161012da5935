//! What AWS Config holds of a rule: its results, and the compliance that follows from them.

use serde_json::{Value, json};

use crate::{
    protocol::{error::AwsError, json::epoch_seconds},
    state::{evaluation::Evaluation, rule::ConfigRule, world::Held},
};

/// A rule's compliance as AWS shows it; `INSUFFICIENT_DATA` without a result.
pub(crate) fn compliance(held: &Held, rule: &str) -> Value {
    let results = newest(held, rule);
    let is_bad = |it: &&&Evaluation| it.compliance_type == "NON_COMPLIANT";
    let bad = results.iter().filter(is_bad).count();
    if bad == 0 && !results.iter().any(|it| it.compliance_type == "COMPLIANT") {
        return json!({ "ComplianceType": "INSUFFICIENT_DATA" });
    }
    compliance_of(bad)
}

/// `NON_COMPLIANT` with that many contributors, or `COMPLIANT`.
pub(crate) fn compliance_of(bad: usize) -> Value {
    match bad {
        0 => json!({ "ComplianceType": "COMPLIANT" }),
        bad => json!({
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

/// For each resource the evaluation with the newest ordering timestamp, of equals the last to come.
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

/// The rules of these names; AWS Config's refusal when there is none of one of them.
pub(crate) fn rules_named(held: &Held, names: &[String]) -> Result<Vec<ConfigRule>, AwsError> {
    let find = |name: &String| {
        let known = held.rules.iter().find(|rule| rule.name == *name);
        known.cloned().ok_or_else(|| no_such_rule(name))
    };
    names.iter().map(find).collect()
}

/// AWS Config's refusal of a rule name that it does not hold.
pub(crate) fn no_such_rule(name: &str) -> AwsError {
    let message = format!(
        "The ConfigRule '{name}' provided in the request is invalid. Please check the configRule name"
    );
    AwsError::refused("NoSuchConfigRuleException", message)
}
