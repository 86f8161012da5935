//! `PutEvaluations`: what AWS Config accepts and what it rejects.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_PutEvaluations.html>

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    protocol::{
        error::AwsError,
        json::{constraint, missing, optional, required},
    },
    services::config::results::no_such_rule,
    state::{evaluation::Evaluation, rule::Token, world::Held},
};

/// Stores the evaluations of one request, all or none; in test mode none.
pub(crate) fn put(held: &mut Held, request: &Value, now: DateTime<Utc>) -> Result<Value, AwsError> {
    let test_mode = optional(request, "TestMode", Value::as_bool)?.unwrap_or_default();
    let token = required(request, "ResultToken")?;
    let sent = optional(request, "Evaluations", Value::as_array)?;
    let sent = sent.map(Vec::as_slice).unwrap_or_default();
    if sent.len() > 100 {
        let rule = "Member must have length less than or equal to 100";
        return Err(constraint("[...]", "evaluations", rule));
    }
    let place = |number: usize| format!("evaluations.{number}.member");
    let parsed = (1..)
        .zip(sent)
        .map(|(number, it)| parse(it, &place(number), now));
    let mut parsed = parsed.collect::<Result<Vec<_>, _>>()?;
    if test_mode {
        return Ok(json!({ "FailedEvaluations": [] }));
    }
    let Token { rule, invoked_at } = held.tokens.get(token).ok_or_else(|| {
        let message = "Result Token provided is invalid.";
        AwsError::bad_request("InvalidResultTokenException", message)
    })?;
    if !held.rules.iter().any(|existing| existing.name == *rule) {
        return Err(no_such_rule(rule));
    }
    for evaluation in &mut parsed {
        evaluation.rule.clone_from(rule);
        evaluation.invoked_at = *invoked_at;
    }
    held.evaluations.append(&mut parsed);
    Ok(json!({ "FailedEvaluations": [] }))
}

/// The strings of an evaluation, the most characters of each, and whether it is required.
const STRINGS: [(&str, usize, bool); 4] = [
    ("ComplianceResourceType", 256, true),
    ("ComplianceResourceId", 768, true),
    ("ComplianceType", 64, true),
    ("Annotation", 256, false),
];

fn parse(sent: &Value, place: &str, now: DateTime<Utc>) -> Result<Evaluation, AwsError> {
    for (name, longest, is_required) in STRINGS {
        let member = format!("{place}.{name}");
        match optional(sent, name, Value::as_str)? {
            Some(text) => check_length(text, &member, longest)?,
            None if is_required => return Err(missing(&member)),
            None => {}
        }
    }
    let seconds = optional(sent, "OrderingTimestamp", Value::as_f64)?
        .ok_or_else(|| missing(&format!("{place}.OrderingTimestamp")))?;
    let text = |name: &str| sent[name].as_str().unwrap_or_default().to_owned();
    let (resource_type, compliance_type) = (text("ComplianceResourceType"), text("ComplianceType"));
    match compliance_type.as_str() {
        "COMPLIANT" | "NON_COMPLIANT" | "NOT_APPLICABLE" => {}
        "INSUFFICIENT_DATA" => {
            return Err(invalid(
                "INSUFFICIENT_DATA is not accepted as a ComplianceType",
            ));
        }
        other => {
            let rule = "Member must satisfy enum value set: [COMPLIANT, NON_COMPLIANT, NOT_APPLICABLE, INSUFFICIENT_DATA]";
            return Err(constraint(other, &format!("{place}.ComplianceType"), rule));
        }
    }
    // The emulator knows one type of the hundreds that AWS Config does.
    if resource_type != "AWS::::Account" {
        let message = format!("Unknown ComplianceResourceType: {resource_type}");
        return Err(invalid(&message));
    }
    Ok(Evaluation {
        rule: String::new(),
        resource_type,
        resource_id: text("ComplianceResourceId"),
        compliance_type,
        annotation: sent["Annotation"].as_str().map(str::to_owned),
        ordering_timestamp: time(seconds)?,
        invoked_at: now,
        recorded_at: now,
    })
}

fn check_length(text: &str, member: &str, longest: usize) -> Result<(), AwsError> {
    let rule = match text.chars().count() {
        0 => "greater than or equal to 1".to_owned(),
        n if n > longest => format!("less than or equal to {longest}"),
        _ => return Ok(()),
    };
    let rule = format!("Member must have length {rule}");
    Err(constraint(text, member, &rule))
}

fn invalid(message: &str) -> AwsError {
    AwsError::bad_request("InvalidParameterValueException", message)
}

/// Epoch seconds with a fraction, to the millisecond.
fn time(seconds: f64) -> Result<DateTime<Utc>, AwsError> {
    #[allow(clippy::cast_possible_truncation, reason = "a float cast saturates")]
    let milliseconds = (seconds * 1000.0).round() as i64;
    DateTime::from_timestamp_millis(milliseconds).ok_or_else(|| {
        AwsError::bad_request("SerializationException", "OrderingTimestamp is no time")
    })
}
