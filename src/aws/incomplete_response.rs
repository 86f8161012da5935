//! Rejects a response that is incomplete or malformed (docs/decisions.md).
//!
//! The SDK's XML decoder accepts a body that ends early, uses the later of two equal
//! keys, ignores prefixes, and joins text around comments: each of these was seen to
//! turn a 1 into a 0. So this interceptor reads every response again with another XML
//! reader, and rejects one that IAM would not write. The SDK retries the call
//! (`retry.rs`).

use std::collections::HashSet;
use std::error::Error;
use std::fmt::{self, Debug};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use quick_xml::Reader;
use quick_xml::events::{BytesText, Event};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Why a response was rejected, in fixed words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IncompleteResponse(pub(crate) &'static str);

impl fmt::Display for IncompleteResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for IncompleteResponse {}

/// Fails a call whose response has a status of success and is incomplete,
/// malformed, or lacks a part of the output `T` that the caller needs.
#[derive(Debug)]
pub(crate) struct RejectIncompleteResponse<T> {
    body: fn(&[u8]) -> Result<(), &'static str>,
    content: fn(&T) -> Result<(), &'static str>,
}

impl<T> RejectIncompleteResponse<T> {
    /// Requires one XML element, in the form that IAM writes.
    pub(crate) fn xml(content: fn(&T) -> Result<(), &'static str>) -> Self {
        let body = xml_element;
        Self { body, content }
    }

    /// Requires one JSON object, in the form that AWS Config writes.
    pub(crate) fn json(content: fn(&T) -> Result<(), &'static str>) -> Self {
        let body = json_object;
        Self { body, content }
    }
}

impl<T: Debug + Send + Sync + 'static> Intercept for RejectIncompleteResponse<T> {
    fn name(&self) -> &'static str {
        "RejectIncompleteResponse"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if !response.status().is_success() {
            return Ok(()); // an error response has a code of its own
        }
        let body = response.body().bytes();
        let Ok(output) = context.output_or_error() else {
            // The call has failed already: either the body could not be read, or the
            // body has the reason.
            return Ok(body.map_or(Ok(()), self.body).map_err(IncompleteResponse)?);
        };
        let body = body.ok_or(IncompleteResponse("its body was not read"))?;
        (self.body)(body).map_err(IncompleteResponse)?;
        let output = output.downcast_ref::<T>();
        let output = output.ok_or(IncompleteResponse("it belongs to another operation"))?;
        Ok((self.content)(output).map_err(IncompleteResponse)?)
    }
}

/// The fields that may occur once at most (serde rejects a second one). Others are
/// ignored.
#[derive(Deserialize)]
struct CompleteObject {
    #[serde(rename = "FailedEvaluations")]
    _failed: Option<IgnoredAny>,
    /// AWS's JSON protocols name an error in this field.
    #[serde(rename = "__type")]
    error: Option<IgnoredAny>,
}

/// Checks that `body` is one JSON object and no error. The SDK accepts an empty body,
/// uses the later of two equal fields, and takes an error with status 200 for a
/// success.
fn json_object(body: &[u8]) -> Result<(), &'static str> {
    match serde_json::from_slice(body) {
        Ok(CompleteObject { error: None, .. }) => Ok(()),
        Ok(_) => Err("it is an error"),
        Err(_) => Err("it is not a single JSON object without repeated fields"),
    }
}

/// An element whose closing tag has not been read: the names of its children so far,
/// and its text.
#[derive(Default)]
struct Open {
    name: String,
    children: HashSet<String>,
    text: Option<String>,
}

/// Checks that `body` is one XML element from its first byte to the last of its
/// closing tag, with no element repeated among its siblings but the entries of
/// a map, no key repeated in a map, no prefixes, and plain text only.
fn xml_element(body: &[u8]) -> Result<(), &'static str> {
    let mut reader = Reader::from_reader(body);
    let mut open: Vec<Open> = Vec::new();
    let mut keys = HashSet::new();
    let mut closed = false;
    loop {
        match reader
            .read_event()
            .map_err(|_| "it is not well-formed XML")?
        {
            Event::Start(_) | Event::Empty(_) if closed => return Err("it has two root elements"),
            Event::Start(element) => {
                let name = element.name().into_inner().to_owned();
                enter(open.last_mut(), &name)?;
                open.push(Open {
                    name,
                    ..Open::default()
                });
            }
            Event::Empty(element) => enter(open.last_mut(), element.name().into_inner())?,
            Event::End(_) => {
                let element = open.pop().ok_or("it closes an element that is not open")?;
                if element.name == "key" && !keys.insert(element.text.unwrap_or_default()) {
                    return Err("a key occurs twice");
                }
                closed = open.is_empty();
            }
            Event::Text(text) => take_text(open.last_mut(), &text)?,
            Event::Decl(_) if open.is_empty() && !closed => {}
            Event::Eof if closed => return Ok(()),
            Event::Eof => return Err("it ends before its closing tag"),
            _ => return Err("it contains something other than elements and plain text"),
        }
    }
}

/// Adds a child of `parent`. Only the entries of a map may be repeated.
fn enter(parent: Option<&mut Open>, name: &str) -> Result<(), &'static str> {
    // The SDK reads an `x:value` as a `value`.
    if name.contains(':') {
        return Err("an element's name has a prefix");
    }
    let Some(parent) = parent else { return Ok(()) };
    if is_text(parent) {
        return Err("an element is inside text");
    }
    let repeated = !parent.children.insert(name.to_owned());
    if repeated && !(parent.name == "SummaryMap" && name == "entry") {
        return Err("an element occurs twice");
    }
    Ok(())
}

fn take_text(parent: Option<&mut Open>, text: &BytesText<'_>) -> Result<(), &'static str> {
    let blank = text.trim().is_empty();
    match parent {
        _ if blank => Ok(()),
        None => Err("text is outside the root element"),
        Some(parent) if !parent.children.is_empty() || is_text(parent) => {
            Err("text is between elements")
        }
        Some(parent) => {
            parent.text = Some(text.trim().to_owned());
            Ok(())
        }
    }
}

fn is_text(element: &Open) -> bool {
    element.text.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_cut_at_any_byte_is_rejected() {
        let complete = include_str!("../../tests/fixtures/iam/complete/documented.txt").trim_end();
        assert_eq!(xml_element(complete.as_bytes()), Ok(()));
        for bytes in 0..complete.len() {
            assert!(
                xml_element(&complete.as_bytes()[..bytes]).is_err(),
                "{bytes}"
            );
        }
    }

    #[test]
    fn only_the_entries_of_a_map_may_be_repeated() {
        let complete = |xml: &str| xml_element(xml.as_bytes());
        assert_eq!(
            complete("<SummaryMap><entry/><entry/></SummaryMap>"),
            Ok(())
        );
        for repeated in [
            "<SummaryMap><value/><value/></SummaryMap>",
            "<Result><entry/><entry/></Result>",
        ] {
            assert_eq!(complete(repeated), Err("an element occurs twice"));
        }
    }

    #[test]
    fn an_element_contains_elements_or_text() {
        for (mixed, why) in [
            ("<a><b/>0</a>", "text is between elements"),
            ("<a>0<b/></a>", "an element is inside text"),
        ] {
            assert_eq!(xml_element(mixed.as_bytes()), Err(why));
        }
    }

    #[test]
    fn a_rejection_is_displayed_as_its_reason() {
        assert_eq!(IncompleteResponse("why").to_string(), "why");
    }
}
