//! What a client sent: parsed, attributed to an account, and recorded.

use std::{collections::BTreeMap, time::Instant};

use hyper::{
    header::{HeaderMap, HeaderValue},
    http::request::Parts,
};
use serde::Serialize;
use serde_json::Value;

use crate::protocol::{
    operation::{Operation, Service},
    rest,
    signature::Signature,
};

/// One request as it arrived, in the order of arrival.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// The service whose port it came to.
    pub service: Service,
    /// `None` if the emulator does not know the operation.
    pub operation: Option<Operation>,
    /// The account whose credentials signed it; `None` for an unknown signer.
    pub account: Option<String>,
    /// The form's fields (Query), the body (JSON 1.1), or the parts of a request to Amazon S3;
    /// null if unreadable.
    pub parameters: Value,
    /// Headers in lower case, `authorization` left out.
    pub headers: BTreeMap<String, String>,
    /// The content of `authorization`.
    pub signature: Option<Signature>,
    /// The number of the TCP connection, counted from 1 at each service.
    pub connection: usize,
    /// When it had arrived completely.
    #[serde(skip)]
    pub at: Instant,
}

/// The operation's name and its parameters, as that service's protocol carries them.
pub(crate) fn parse(service: Service, parts: &Parts, body: &[u8]) -> (String, Value) {
    if service == Service::S3 {
        return rest::parse(parts, body);
    }
    let headers = &parts.headers;
    if service.speaks_query() {
        let form = form_urlencoded::parse(body).map(|(k, v)| (k.into(), v.into()));
        let form: Value = form.collect::<serde_json::Map<_, _>>().into();
        let action = form["Action"].as_str().unwrap_or_default().to_owned();
        return (action, form);
    }
    let prefix = match service {
        Service::Organizations => "AWSOrganizationsV20161128.",
        _ => "StarlingDoveService.",
    };
    let target = headers.get("x-amz-target");
    let target = target.and_then(|value| value.to_str().ok());
    let name = target.and_then(|target| target.strip_prefix(prefix));
    let parameters = serde_json::from_slice(body).unwrap_or_default();
    (name.unwrap_or_default().to_owned(), parameters)
}

/// All headers but the signature.
pub(crate) fn recorded_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let recorded = headers.iter().filter(|(name, _)| *name != "authorization");
    recorded
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect()
}
