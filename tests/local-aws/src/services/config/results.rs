//! What AWS Config holds of a rule: its results, and the compliance that follows from them.

use serde_json::{Value, json};

use crate::{
    protocol::{error::AwsError, json::epoch_seconds},
    state::{evaluation::Evaluation, rule::ConfigRule, world::Held},
};

/// The rule's own compliance, and how many resources spoil it.
pub(crate) fn compliance(held: &Held, rule: &str) -> (&'static str, usize) {
    let results = newest(held, rule);
    let count = |kind| {
        results
            .iter()
            .filter(|result| result.compliance_type == kind)
            .count()
    };
    match (count("NON_COMPLIANT"), count("COMPLIANT")) {
        (0, 0) => ("INSUFFICIENT_DATA", 0),
        (0, _) => ("COMPLIANT", 0),
        (bad, _) => ("NON_COMPLIANT", bad),
    }
}

pub(crate) fn evaluation_result(evaluation: &Evaluation) -> Value {
    let mut result = json!({
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
    });
    if let Some(annotation) = &evaluation.annotation {
        result["Annotation"] = annotation.as_str().into();
    }
    result
}

/// For each resource the evaluation with the newest ordering timestamp, of equals the last to come.
pub(crate) fn newest<'a>(held: &'a Held, rule: &str) -> Vec<&'a Evaluation> {
    let mut newest: Vec<&Evaluation> = Vec::new();
    for evaluation in held
        .evaluations
        .iter()
        .filter(|evaluation| evaluation.rule == rule)
    {
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

/// Config's refusal of a rule name it does not hold.
pub(crate) fn no_such_rule(name: &str) -> AwsError {
    AwsError::new(
        400,
        "NoSuchConfigRuleException",
        format!(
            "The ConfigRule '{name}' provided in the request is invalid. Please check the configRule name"
        ),
    )
}

/// The rules of these names; AWS Config's refusal when there is none of one of them.
pub(crate) fn rules_named(held: &Held, names: &[String]) -> Result<Vec<ConfigRule>, AwsError> {
    let find = |name: &String| {
        let known = held.rules.iter().find(|rule| rule.name == *name);
        known.cloned().ok_or_else(|| no_such_rule(name))
    };
    names.iter().map(find).collect()
}
