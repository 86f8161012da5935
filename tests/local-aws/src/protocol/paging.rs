//! One page of a list, and the token of the next.

use serde_json::{Value, json};

use crate::protocol::{
    error::AwsError,
    json::{constraint, optional},
};

/// One page under the member's name; `NextToken` is where the next one begins.
///
/// # Errors
/// `InvalidNextTokenException`: no page returned the request's token.
pub(crate) fn page(
    all: Vec<Value>,
    size: usize,
    request: &Value,
    member: &str,
) -> Result<Value, AwsError> {
    page_of(all, size, request, member, |it| it)
}

/// The same; only what is on the page is shown, because there can be 10,000 accounts.
pub(crate) fn page_of<T>(
    all: Vec<T>,
    size: usize,
    request: &Value,
    member: &str,
    show: impl Fn(T) -> Value,
) -> Result<Value, AwsError> {
    let token = optional(request, "NextToken", Value::as_str)?.filter(|token| !token.is_empty());
    let start = match token.map(str::parse::<usize>) {
        None => 0,
        Some(Ok(start)) if start < all.len() => start,
        Some(_) => {
            let message = "The specified next token is not valid.";
            return Err(AwsError::bad_request("InvalidNextTokenException", message));
        }
    };
    let end = all.len().min(start + size);
    let next = (end < all.len()).then(|| end.to_string());
    let on_page = all.into_iter().skip(start).take(end - start);
    let shown: Vec<_> = on_page.map(show).collect();
    Ok(json!({ member: shown, "NextToken": next }))
}

/// The page size that the request's `Limit` sets; without one, or with 0, the default.
pub(crate) fn limit(request: &Value, default_size: usize, most: usize) -> Result<usize, AwsError> {
    let asked = optional(request, "Limit", Value::as_u64)?.unwrap_or_default();
    match usize::try_from(asked).unwrap_or(usize::MAX) {
        0 => Ok(default_size),
        limit if limit <= most => Ok(limit),
        limit => {
            let rule = format!("Member must have value less than or equal to {most}");
            Err(constraint(&limit.to_string(), "Limit", &rule))
        }
    }
}
