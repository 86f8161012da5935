//! The items that a request to AWS Config names, or all items if it names none.

use serde_json::Value;

use crate::protocol::{error::AwsError, json::strings};

/// The items that the request names, in its order; all items if it names none.
///
/// # Errors
/// The request is malformed, names more than `most`, or names an item that does not exist (`unknown`).
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
