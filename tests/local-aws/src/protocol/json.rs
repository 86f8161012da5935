//! AWS JSON 1.1: the members of a request, and the constraints that AWS checks before a service sees them.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::protocol::error::AwsError;

/// A member that may be absent or null. Any other type is an error.
pub(crate) fn optional<'a, T>(
    object: &'a Value,
    member: &str,
    read: impl Fn(&'a Value) -> Option<T>,
) -> Result<Option<T>, AwsError> {
    match object.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => read(value).map(Some).ok_or_else(|| {
            let message = format!("{member} is of another type");
            AwsError::bad_request("SerializationException", message)
        }),
    }
}

/// A required string.
pub(crate) fn required<'a>(object: &'a Value, member: &str) -> Result<&'a str, AwsError> {
    optional(object, member, Value::as_str)?.ok_or_else(|| missing(member))
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
        let message = format!("{member} holds more than strings");
        AwsError::bad_request("SerializationException", message)
    })
}

/// Whether a request's filter includes the value; an empty filter includes every value.
pub(crate) fn among(filter: &[String], value: &str) -> bool {
    filter.is_empty() || filter.iter().any(|it| it == value)
}

/// A member is missing that the service model requires.
pub(crate) fn missing(member: &str) -> AwsError {
    constraint("null", member, "Member must not be null")
}

/// A member violates a constraint of the service model. AWS writes the member's name with a lowercase first letter.
pub(crate) fn constraint(value: &str, member: &str, rule: &str) -> AwsError {
    let (place, name) = member.rsplit_once('.').unwrap_or(("", member));
    let (first, rest) = name.split_at(1);
    let dot = if place.is_empty() { "" } else { "." };
    let name = format!("{place}{dot}{}{rest}", first.to_lowercase());
    let message = format!(
        "1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {rule}"
    );
    AwsError::bad_request("ValidationException", message)
}

/// A time in a response: seconds since 1970, to the millisecond.
pub(crate) fn epoch_seconds(time: DateTime<Utc>) -> Value {
    #[allow(
        clippy::cast_precision_loss,
        reason = "exact for the next quarter million years"
    )]
    let milliseconds = time.timestamp_millis() as f64;
    (milliseconds / 1000.0).into()
}

/// The value without the null members of its objects: AWS leaves out what is not set.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let set = members.into_iter().filter(|(_, value)| !value.is_null());
            set.map(|(name, value)| (name, without_nulls(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
