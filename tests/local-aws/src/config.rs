//! AWS Config: JSON 1.1, what a rule's function writes and what an operator reads.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/Welcome.html>

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    aggregator, by_resource,
    operation::Operation,
    organization_pack,
    put_evaluations::{self, Evaluation, constraint, no_such_rule, optional},
    recorder,
    reply::AwsError,
    rule::ConfigRule,
    service::{World, lock},
    start_evaluation,
    state::Held,
};

/// How many rules a page holds.
const PAGE: usize = 25;

/// Answers one operation for the account that signed it.
pub(crate) fn answer(
    world: &World,
    account: &str,
    region: &str,
    operation: Operation,
    request: &Value,
) -> Result<Value, AwsError> {
    if !request.is_object() {
        return Err(AwsError::new(
            400,
            "SerializationException",
            "the body is no JSON object",
        ));
    }
    if operation == Operation::StartConfigRulesEvaluation {
        return start_evaluation::start(world, account, request);
    }
    let mut state = lock(world);
    match operation {
        Operation::DescribeOrganizationConformancePacks
        | Operation::GetOrganizationConformancePackDetailedStatus => {
            return organization_pack::answer(&state, account, region, operation, request);
        }
        Operation::DescribeConfigurationAggregators
        | Operation::DescribeConfigurationAggregatorSourcesStatus
        | Operation::DescribeAggregateComplianceByConfigRules
        | Operation::GetAggregateComplianceDetailsByConfigRule
        | Operation::GetAggregateDiscoveredResourceCounts => {
            return aggregator::answer(&state, account, region, operation, request);
        }
        _ => {}
    }
    let now = state.now();
    let held = state.held(account)?;
    match operation {
        Operation::PutEvaluations => put_evaluations::put(held, request, now),
        Operation::DescribeConfigRules => describe_rules(held, request),
        Operation::DescribeConfigRuleEvaluationStatus => evaluation_status(held, request),
        Operation::DescribeComplianceByConfigRule => describe_compliance(held, request),
        Operation::DescribeComplianceByResource => by_resource::compliance(held, request),
        Operation::GetComplianceDetailsByResource => by_resource::details(held, request),
        Operation::GetComplianceDetailsByConfigRule => compliance_details(held, request),
        _ => recorder::answer(held, operation, request, now),
    }
}

fn describe_rules(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let rules = rules_asked_for(held, request)?;
    page(&rules, PAGE, request, "ConfigRules", |rule| {
        rule.described()
    })
}

fn evaluation_status(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let rules = rules_asked_for(held, request)?;
    let member = "ConfigRulesEvaluationStatus";
    page(&rules, PAGE, request, member, |rule| {
        by_resource::evaluation_status(held, rule)
    })
}

fn describe_compliance(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let wanted = strings(request, "ComplianceTypes", 3)?;
    let rules = rules_asked_for(held, request)?;
    let all = rules
        .iter()
        .map(|rule| (rule, compliance(held, &rule.name)));
    let all: Vec<_> = all
        .filter(|(_, (kind, _))| wanted.is_empty() || wanted.iter().any(|wanted| wanted == kind))
        .collect();
    page(
        &all,
        PAGE,
        request,
        "ComplianceByConfigRules",
        |(rule, (kind, contributors))| {
            let mut compliance = json!({ "ComplianceType": kind });
            if *contributors > 0 {
                compliance["ComplianceContributorCount"] =
                    json!({ "CappedCount": contributors, "CapExceeded": false });
            }
            json!({ "ConfigRuleName": rule.name, "Compliance": compliance })
        },
    )
}

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

fn compliance_details(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let name = optional(request, "ConfigRuleName", Value::as_str)?
        .ok_or_else(|| constraint("null", "configRuleName", "Member must not be null"))?;
    if !held.rules.iter().any(|rule| rule.name == name) {
        return Err(no_such_rule(name));
    }
    let wanted = strings(request, "ComplianceTypes", 3)?;
    let limit = optional(request, "Limit", Value::as_u64)?.unwrap_or_default();
    if limit > 100 {
        let rule = "Member must have value less than or equal to 100";
        return Err(constraint(&limit.to_string(), "limit", rule));
    }
    let limit = usize::try_from(limit)
        .ok()
        .filter(|limit| *limit > 0)
        .unwrap_or(10);
    let mut results = newest(held, name);
    results.retain(|result| wanted.is_empty() || wanted.contains(&result.compliance_type));
    page(&results, limit, request, "EvaluationResults", |result| {
        evaluation_result(result)
    })
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

/// The rules of the request's `ConfigRuleNames`, or all.
fn rules_asked_for(held: &Held, request: &Value) -> Result<Vec<ConfigRule>, AwsError> {
    let names = strings(request, "ConfigRuleNames", 25)?;
    if names.is_empty() {
        return Ok(held.rules.clone());
    }
    held.rules_named(&names)
}

/// A list of at most so many strings; empty when absent.
pub(crate) fn strings(request: &Value, member: &str, most: usize) -> Result<Vec<String>, AwsError> {
    let list = optional(request, member, Value::as_array)?
        .map(Vec::as_slice)
        .unwrap_or_default();
    if list.len() > most {
        let rule = format!("Member must have length less than or equal to {most}");
        return Err(constraint("[...]", member, &rule));
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    list.iter().map(text).collect::<Option<_>>().ok_or_else(|| {
        AwsError::new(
            400,
            "SerializationException",
            format!("{member} holds more than strings"),
        )
    })
}

/// One page; the next token is where the next one begins.
pub(crate) fn page<T>(
    all: &[T],
    size: usize,
    request: &Value,
    member: &str,
    shown: impl Fn(&T) -> Value,
) -> Result<Value, AwsError> {
    let token = optional(request, "NextToken", Value::as_str)?.filter(|token| !token.is_empty());
    let start = match token.map(str::parse::<usize>) {
        None => 0,
        Some(Ok(start)) if start < all.len() => start,
        Some(_) => {
            let message = "The specified next token is not valid.";
            return Err(AwsError::new(400, "InvalidNextTokenException", message));
        }
    };
    let end = all.len().min(start + size);
    let mut answer = json!({ member: all[start..end].iter().map(shown).collect::<Vec<_>>() });
    if end < all.len() {
        answer["NextToken"] = end.to_string().into();
    }
    Ok(answer)
}

/// To the millisecond.
pub(crate) fn epoch_seconds(time: DateTime<Utc>) -> Value {
    #[allow(
        clippy::cast_precision_loss,
        reason = "exact for the next quarter million years"
    )]
    let milliseconds = time.timestamp_millis() as f64;
    (milliseconds / 1000.0).into()
}
