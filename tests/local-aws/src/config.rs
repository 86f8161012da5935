//! AWS Config: JSON 1.1, what a rule's function writes and what an operator reads.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/Welcome.html>

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::{
    put_evaluations::{self, Evaluation, constraint, no_such_rule, optional},
    reply::AwsError,
    request::Operation,
    rule::{ConfigRule, scheduled_event},
    runtime_api::Invocation,
    service::{World, lock},
    state::Held,
};

/// How many rules a page holds.
const PAGE: usize = 25;

/// Answers one operation for the account that signed it.
pub(crate) fn answer(
    world: &World,
    account: &str,
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
        return start_evaluation(world, account, request);
    }
    let mut state = lock(world);
    let now = state.now();
    let Some(held) = state.accounts.get_mut(account) else {
        return Err(AwsError::new(500, "InternalFailure", ""));
    };
    match operation {
        Operation::PutEvaluations => put_evaluations::put(held, request, now),
        Operation::DescribeConfigRules => describe_rules(held, request),
        Operation::DescribeComplianceByConfigRule => describe_compliance(held, request),
        _ => compliance_details(held, request),
    }
}

fn describe_rules(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let rules = rules_asked_for(held, request)?;
    page(&rules, PAGE, request, "ConfigRules", |rule| {
        rule.described()
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
fn compliance(held: &Held, rule: &str) -> (&'static str, usize) {
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
    results.retain(|result| {
        wanted.is_empty()
            || wanted
                .iter()
                .any(|wanted| *wanted == result.compliance_type)
    });
    page(&results, limit, request, "EvaluationResults", |result| {
        evaluation_result(result)
    })
}

fn evaluation_result(evaluation: &Evaluation) -> Value {
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
fn newest<'a>(held: &'a Held, rule: &str) -> Vec<&'a Evaluation> {
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

/// Starts a run of each rule named, as AWS Config would: an event, sent to the rule's function.
fn start_evaluation(world: &World, account: &str, request: &Value) -> Result<Value, AwsError> {
    let mut state = lock(world);
    let now = state.now();
    let names = strings(request, "ConfigRuleNames", 25)?;
    if names.is_empty() {
        let rule = "Member must have length greater than or equal to 1";
        return Err(constraint("[]", "configRuleNames", rule));
    }
    let rules = state
        .accounts
        .get(account)
        .map(|held| held.rules.clone())
        .unwrap_or_default();
    let find = |name: &str| {
        rules
            .iter()
            .find(|rule| rule.name == name)
            .cloned()
            .ok_or_else(|| no_such_rule(name))
    };
    let named = names
        .iter()
        .map(|name| find(name))
        .collect::<Result<Vec<_>, _>>()?;
    if rules.iter().any(|rule| rule.evaluating) {
        return Err(limit_exceeded("an evaluation is in progress"));
    }
    if rules.iter().any(|rule| {
        rule.last_start
            .is_some_and(|last| now - last < Duration::minutes(1))
    }) {
        return Err(limit_exceeded("only one call a minute is allowed"));
    }
    for rule in named {
        let token = state.issue_token(account, &rule.name);
        let evaluating = rule.function.is_some();
        if let Some(held) = state.accounts.get_mut(account)
            && let Some(rule) = held.rules.iter_mut().find(|known| known.name == rule.name)
        {
            rule.last_start = Some(now);
            rule.evaluating = evaluating;
        }
        tokio::spawn(run(world.clone(), rule, token, now));
    }
    Ok(json!({}))
}

/// One run; its outcome goes nowhere, as Config invokes asynchronously.
async fn run(world: World, rule: ConfigRule, token: String, now: DateTime<Utc>) {
    let Some(function) = &rule.function else {
        return;
    };
    let event = scheduled_event(&rule, &token, now);
    function
        .invoke(event.to_string(), Invocation::of(&rule.function_arn()))
        .await;
    let mut state = lock(&world);
    if let Some(held) = state.accounts.get_mut(&rule.account)
        && let Some(rule) = held.rules.iter_mut().find(|known| known.name == rule.name)
    {
        rule.evaluating = false;
    }
}

fn limit_exceeded(why: &str) -> AwsError {
    AwsError::new(
        400,
        "LimitExceededException",
        format!("StartConfigRulesEvaluation: {why}"),
    )
}

/// The rules of the request's `ConfigRuleNames`, or all.
fn rules_asked_for(held: &Held, request: &Value) -> Result<Vec<ConfigRule>, AwsError> {
    let names = strings(request, "ConfigRuleNames", 25)?;
    if names.is_empty() {
        return Ok(held.rules.clone());
    }
    let find = |name: &String| {
        let mut rules = held.rules.iter();
        rules
            .find(|rule| rule.name == *name)
            .cloned()
            .ok_or_else(|| no_such_rule(name))
    };
    names.iter().map(find).collect()
}

fn strings(request: &Value, member: &str, most: usize) -> Result<Vec<String>, AwsError> {
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
fn page<T>(
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
fn epoch_seconds(time: DateTime<Utc>) -> Value {
    #[allow(
        clippy::cast_precision_loss,
        reason = "exact for the next quarter million years"
    )]
    let milliseconds = time.timestamp_millis() as f64;
    (milliseconds / 1000.0).into()
}
