//! Rejects a response that was cut short.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Fails a call whose successful response was cut short.
///
/// The SDK's XML decoder stops silently where the body stops, and takes an empty
/// body for an empty list (docs/decisions.md).
#[derive(Debug)]
pub struct RejectTruncatedResponse;

impl Intercept for RejectTruncatedResponse {
    fn name(&self) -> &'static str {
        "RejectTruncatedResponse"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.output_or_error().is_err() {
            return Ok(()); // it has failed already, with a better cause
        }
        let body = context.response().body().bytes().unwrap_or_default();
        let body = str::from_utf8(body)?.trim();
        if is_complete(body) {
            Ok(())
        } else {
            Err("the response is incomplete".into())
        }
    }
}

/// Whether it is an object of JSON from brace to brace, or a document of XML
/// that ends with the closing tag of its root.
fn is_complete(body: &str) -> bool {
    if body.starts_with('{') {
        return body.ends_with('}'); // the SDK refuses JSON that is cut within
    }
    let body = match body.strip_prefix("<?xml") {
        Some(rest) => rest
            .split_once("?>")
            .map_or("", |(_, body)| body)
            .trim_start(),
        None => body,
    };
    let root = body
        .strip_prefix('<')
        .and_then(|body| body.split([' ', '>', '/']).next());
    root.is_some_and(|root| !root.is_empty() && body.ends_with(&format!("</{root}>")))
}

#[cfg(test)]
mod tests {
    use super::is_complete;

    #[test]
    fn a_response_truncated_at_any_character_is_incomplete() {
        for complete in [
            "{}",
            r#"{"Accounts":[]}"#,
            "<A><B>1</B></A>",
            "<?xml version=\"1.0\"?>\n<A xmlns=\"x\"><B/></A>",
        ] {
            assert!(is_complete(complete), "{complete}");
            for end in 0..complete.len() {
                assert!(!is_complete(complete[..end].trim()), "{}", &complete[..end]);
            }
        }
    }
}
