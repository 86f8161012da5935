//! The things that a request of AWS Config names, or all of them when it names none.

use serde_json::Value;

use crate::protocol::{error::AwsError, json::strings};

/// The items that the request lists by name, in the request's order; all of them when it lists none.
///
/// # Errors
/// The request is malformed, names more than `most`, or names one that there is not (`unknown`).
pub(crate) fn named<'a, T>(
    all: Vec<&'a T>,
    name_of: impl Fn(&T) -> &str,
    request: &Value,
    (member, most): (&str, usize),
    unknown: impl Fn(&str) -> AwsError,
) -> Result<Vec<&'a T>, AwsError> {
    let names = strings(request, member, most)?;
    if names.is_empty() {
        return Ok(all);
    }
    let find = |name: &String| {
        let known = all.iter().find(|it| name_of(it) == name);
        known.copied().ok_or_else(|| unknown(name))
    };
    names.iter().map(find).collect()
}
