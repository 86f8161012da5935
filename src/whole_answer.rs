//! An answer of IAM counts only when it is whole (docs/decisions.md).
//!
//! The SDK's XML decoder stops quietly where the body stops, takes the later of
//! two equal keys, overlooks prefixes, and joins text around comments: each of
//! these was seen to turn a 1 into a 0. So this interceptor reads every answer
//! once more, with another XML reader, and refuses one that is not written the
//! way IAM writes.

use std::collections::HashSet;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use quick_xml::Reader;
use quick_xml::events::{BytesText, Event};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Fails a call whose successful answer has a body that is not whole.
#[derive(Debug)]
pub(crate) enum WholeAnswer {
    /// One XML element, as IAM writes it.
    Xml,
    /// One JSON object, as AWS Config writes it.
    Json,
}

impl Intercept for WholeAnswer {
    fn name(&self) -> &'static str {
        "WholeAnswer"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.output_or_error().is_err() {
            return Ok(()); // already a failure, and with a better cause
        }
        let body = context
            .response()
            .body()
            .bytes()
            .ok_or("the answer's body was not read")?;
        match self {
            Self::Xml => xml_element(body),
            Self::Json => json_object(body),
        }
        .map_err(|why| format!("the answer is not whole: {why}").into())
    }
}

/// The fields that must stand there once at most (serde refuses a second);
/// others are read over.
#[derive(Deserialize)]
struct WholeObject {
    #[serde(rename = "FailedEvaluations")]
    _failed: Option<IgnoredAny>,
    /// By this field AWS's JSON protocols name an error.
    #[serde(rename = "__type")]
    error: Option<IgnoredAny>,
}

/// Whether `body` is one JSON object and no error: the SDK takes an empty body
/// for an object, the later of two equal fields, and an error under a status of
/// 200 for a success.
fn json_object(body: &[u8]) -> Result<(), &'static str> {
    match serde_json::from_slice(body) {
        Ok(WholeObject { error: None, .. }) => Ok(()),
        Ok(_) => Err("it is an error"),
        Err(_) => Err("it is not one JSON object, each field once"),
    }
}

/// An element that is open: the names of its children so far, and its text.
#[derive(Default)]
struct Open {
    name: String,
    children: HashSet<String>,
    text: Option<String>,
}

/// Whether `body` is one XML element from its first byte to the last of its
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
                let element = open.pop().ok_or("it closes what it never opened")?;
                if element.name == "key" && !keys.insert(element.text.unwrap_or_default()) {
                    return Err("a key is there twice");
                }
                closed = open.is_empty();
            }
            Event::Text(text) => take_text(open.last_mut(), &text)?,
            Event::Decl(_) if open.is_empty() && !closed => {}
            Event::Eof if closed => return Ok(()),
            Event::Eof => return Err("it ends before its closing tag"),
            _ => return Err("it has more than elements and plain text"),
        }
    }
}

/// A child of `parent` begins. Only a map's entries may have twins.
fn enter(parent: Option<&mut Open>, name: &str) -> Result<(), &'static str> {
    // To the SDK an `x:value` is a `value`: a twin under another name.
    if name.contains(':') {
        return Err("an element's name has a prefix");
    }
    let Some(parent) = parent else { return Ok(()) };
    if is_text(parent) {
        return Err("an element stands amid text");
    }
    let repeated = !parent.children.insert(name.to_owned());
    if repeated && !(parent.name == "SummaryMap" && name == "entry") {
        return Err("an element is there twice");
    }
    Ok(())
}

fn take_text(parent: Option<&mut Open>, text: &BytesText<'_>) -> Result<(), &'static str> {
    let blank = text.trim().is_empty();
    match parent {
        _ if blank => Ok(()),
        None => Err("text stands outside its root element"),
        Some(parent) if !parent.children.is_empty() || is_text(parent) => {
            Err("text stands amid elements")
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
