//! One page of a list, and the token of the next.

use serde_json::{Value, json};

use crate::protocol::{error::AwsError, json::optional};

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
