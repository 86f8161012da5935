//! `PutEvaluations`: what Config takes, and all that it refuses.
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

/// Takes the evaluations of one request, all or none; nothing in test mode.
pub(crate) fn put(held: &mut Held, request: &Value, now: DateTime<Utc>) -> Result<Value, AwsError> {
    let test_mode = optional(request, "TestMode", Value::as_bool)?.unwrap_or_default();
    let token = required(request, "ResultToken")?;
    let sent = optional(request, "Evaluations", Value::as_array)?;
    let sent = sent.map(Vec::as_slice).unwrap_or_default();
    if sent.len() > 100 {
        let rule = "Member must have length less than or equal to 100";
        return Err(constraint("[...]", "evaluations", rule));
    }
    let parsed = sent.iter().enumerate();
    let parsed =
        parsed.map(|(index, it)| parse(it, &format!("evaluations.{}.member", index + 1), now));
    let mut parsed = parsed.collect::<Result<Vec<_>, _>>()?;
    if test_mode {
        return Ok(json!({ "FailedEvaluations": [] }));
    }
    let Token { rule, invoked_at } = held.tokens.get(token).ok_or_else(|| {
        let message = "Result Token provided is invalid.";
        AwsError::refused("InvalidResultTokenException", message)
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

fn parse(sent: &Value, place: &str, now: DateTime<Utc>) -> Result<Evaluation, AwsError> {
    let text = |name, longest| text(sent, place, name, longest);
    let resource_type = text("ComplianceResourceType", 256)?;
    let resource_id = text("ComplianceResourceId", 768)?;
    let compliance_type = text("ComplianceType", 64)?;
    let annotation = match optional(sent, "Annotation", Value::as_str)? {
        Some(_) => Some(text("Annotation", 256)?),
        None => None,
    };
    let seconds = optional(sent, "OrderingTimestamp", Value::as_f64)?
        .ok_or_else(|| missing(&format!("{place}.OrderingTimestamp")))?;
    let ordering_timestamp = time(seconds)?;
    match compliance_type.as_str() {
        "COMPLIANT" | "NON_COMPLIANT" | "NOT_APPLICABLE" => {}
        "INSUFFICIENT_DATA" => {
            let message = "INSUFFICIENT_DATA is not accepted as a ComplianceType";
            return Err(invalid(message.to_owned()));
        }
        other => {
            let rule = "Member must satisfy enum value set: [COMPLIANT, NON_COMPLIANT, NOT_APPLICABLE, INSUFFICIENT_DATA]";
            return Err(constraint(other, &format!("{place}.ComplianceType"), rule));
        }
    }
    // The one type that the emulator knows of the hundreds that Config does.
    if resource_type != "AWS::::Account" {
        return Err(invalid(format!(
            "Unknown ComplianceResourceType: {resource_type}"
        )));
    }
    Ok(Evaluation {
        rule: String::new(),
        resource_type,
        resource_id,
        compliance_type,
        annotation,
        ordering_timestamp,
        invoked_at: now,
        recorded_at: now,
    })
}

/// A required string of 1 to `longest` characters.
fn text(sent: &Value, place: &str, name: &str, longest: usize) -> Result<String, AwsError> {
    let place = format!("{place}.{name}");
    let value = optional(sent, name, Value::as_str)?.ok_or_else(|| missing(&place))?;
    let rule = match value.chars().count() {
        0 => "greater than or equal to 1".to_owned(),
        n if n > longest => format!("less than or equal to {longest}"),
        _ => return Ok(value.to_owned()),
    };
    let rule = format!("Member must have length {rule}");
    Err(constraint(value, &place, &rule))
}

fn invalid(message: String) -> AwsError {
    AwsError::refused("InvalidParameterValueException", message)
}

/// Epoch seconds with a fraction, to the millisecond.
fn time(seconds: f64) -> Result<DateTime<Utc>, AwsError> {
    #[allow(clippy::cast_possible_truncation, reason = "a float cast saturates")]
    let milliseconds = (seconds * 1000.0).round() as i64;
    DateTime::from_timestamp_millis(milliseconds)
        .ok_or_else(|| AwsError::refused("SerializationException", "OrderingTimestamp is no time"))
}
