//! The services that the emulator does not implement: each request is rejected in the
//! error format of its own protocol, so that its client shows the message.
//!
//! <https://smithy.io/2.0/aws/protocols/index.html>

use hyper::{Response, header::HeaderMap};

use crate::protocol::{
    operation::known_services,
    query::escaped,
    server::{Call, End, ResponseBody},
    signature::Signature,
};

const CODE: &str = "UnknownOperationException";

/// Rejects any request; it is not recorded.
pub(crate) fn answer(call: &Call) -> Response<ResponseBody> {
    let (content_type, body) = error(&call.parts.headers, &known_services());
    // Clients of the other protocols ignore the last two headers.
    let response = Response::builder()
        .status(400)
        .header("content-type", content_type)
        .header("x-amzn-requestid", "00000000-0000-4000-8000-000000000000")
        .header("x-amzn-errortype", CODE)
        .header("smithy-protocol", "rpc-v2-cbor");
    // All parts above are constants.
    response
        .body(ResponseBody::new(body, End::Complete))
        .unwrap_or_else(|_| Response::new(ResponseBody::new("", End::Reset)))
}

/// The content type and the body of an error with that message, in the client's protocol.
fn error(headers: &HeaderMap, message: &str) -> (&'static str, Vec<u8>) {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let is_form = header("content-type")
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    let service = Signature::read(headers).map_or_else(String::new, |it| it.service);
    let json = serde_json::json!({ "__type": CODE, "message": message }).to_string();
    let xml = escaped(message);
    let xml = format!("<Error><Code>{CODE}</Code><Message>{xml}</Message></Error>");
    let (content_type, text) = if header("smithy-protocol") == Some("rpc-v2-cbor") {
        let map = cbor(&[("__type", CODE), ("message", message)]);
        return ("application/cbor", map);
    } else if header("x-amz-target").is_some() {
        ("application/x-amz-json-1.1", json)
    } else if service == "ec2" {
        let body = format!("<Response><Errors>{xml}</Errors></Response>");
        ("text/xml", body)
    } else if is_form || matches!(&*service, "route53" | "cloudfront") {
        ("text/xml", format!("<ErrorResponse>{xml}</ErrorResponse>"))
    } else if service == "s3" {
        ("application/xml", xml)
    } else {
        ("application/json", json)
    };
    (content_type, text.into())
}

/// A map of at most 23 text strings, none longer than 65,535 bytes.
fn cbor(map: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = vec![0xa0 | u8::try_from(map.len()).unwrap_or(0x17)];
    for text in map.iter().flat_map(|(key, value)| [key, value]) {
        let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
        bytes.push(0x79);
        bytes.extend(length.to_be_bytes());
        bytes.extend(&text.as_bytes()[..length.into()]);
    }
    bytes
}
