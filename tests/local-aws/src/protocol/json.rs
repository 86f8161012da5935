//! AWS JSON 1.1: the members of a request, and the constraints that AWS checks before a service sees them.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::protocol::error::AwsError;

/// A member that may be absent or null, but of no other type.
pub(crate) fn optional<'a, T>(
    object: &'a Value,
    member: &str,
    read: impl Fn(&'a Value) -> Option<T>,
) -> Result<Option<T>, AwsError> {
    match object.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => read(value).map(Some).ok_or_else(|| {
            AwsError::new(
                400,
                "SerializationException",
                format!("{member} is of another type"),
            )
        }),
    }
}

/// A member breaks what the service model demands of it.
pub(crate) fn constraint(value: &str, member: &str, rule: &str) -> AwsError {
    AwsError::new(
        400,
        "ValidationException",
        format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {rule}"
        ),
    )
}

/// A string that must be there.
pub(crate) fn required<'a>(request: &'a Value, member: &str) -> Result<&'a str, AwsError> {
    optional(request, member, Value::as_str)?
        .ok_or_else(|| constraint("null", member, "Member must not be null"))
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

/// To the millisecond.
pub(crate) fn epoch_seconds(time: DateTime<Utc>) -> Value {
    #[allow(
        clippy::cast_precision_loss,
        reason = "exact for the next quarter million years"
    )]
    let milliseconds = time.timestamp_millis() as f64;
    (milliseconds / 1000.0).into()
}
