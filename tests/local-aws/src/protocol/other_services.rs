//! The services that the emulator does not speak for: each is refused in the
//! error format of its own protocol, so that its client shows the message.
//!
//! <https://smithy.io/2.0/aws/protocols/index.html>

use hyper::{Response, header::HeaderMap};

use crate::{
    protocol::operation::known_services,
    protocol::query::escaped,
    protocol::server::{Answer, Call, End},
    protocol::signature::Signature,
};

/// A protocol of AWS, as far as its errors differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    /// The error's code and message in the body.
    Json,
    /// The same, and the code in a header.
    RestJson,
    /// The same as a map in CBOR (RFC 8949).
    Cbor,
    /// `ErrorResponse`.
    Query,
    /// EC2's `Response`.
    Ec2,
    /// S3's `Error`.
    S3,
}

const CODE: &str = "UnknownOperationException";

/// Refuses any request; it is not kept.
pub(crate) fn answer(call: &Call) -> Response<Answer> {
    let headers = &call.parts.headers;
    let protocol = Protocol::of(headers);
    let (content_type, body) = protocol.error(&known_services());
    let mut response = Response::builder()
        .status(400)
        .header("content-type", content_type)
        .header("x-amzn-requestid", "00000000-0000-4000-8000-000000000000");
    if protocol == Protocol::RestJson {
        response = response.header("x-amzn-errortype", CODE);
    }
    if protocol == Protocol::Cbor {
        response = response.header("smithy-protocol", "rpc-v2-cbor");
    }
    let body = Answer::new(body, End::Whole);
    // All parts above are constants.
    response
        .body(body)
        .unwrap_or_else(|_| Response::new(Answer::new("", End::Reset)))
}

impl Protocol {
    fn of(headers: &HeaderMap) -> Self {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let is_form = header("content-type")
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        let service = Signature::read(headers).map(|signature| signature.service);
        match service.as_deref() {
            _ if header("smithy-protocol") == Some("rpc-v2-cbor") => Self::Cbor,
            _ if header("x-amz-target").is_some() => Self::Json,
            Some("ec2") => Self::Ec2,
            _ if is_form => Self::Query,
            Some("s3") => Self::S3,
            Some("route53" | "cloudfront") => Self::Query,
            _ => Self::RestJson,
        }
    }

    /// The content type and the body of an error with that message.
    fn error(self, message: &str) -> (&'static str, Vec<u8>) {
        let xml = escaped(message);
        let error = format!("<Code>{CODE}</Code><Message>{xml}</Message>");
        let json = serde_json::json!({ "__type": CODE, "message": message });
        match self {
            Self::Json => ("application/x-amz-json-1.1", json.to_string().into()),
            Self::RestJson => ("application/json", json.to_string().into()),
            Self::Cbor => (
                "application/cbor",
                cbor(&[("__type", CODE), ("message", message)]),
            ),
            Self::Query => {
                let body = format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>");
                ("text/xml", body.into())
            }
            Self::Ec2 => {
                let body = format!("<Response><Errors><Error>{error}</Error></Errors></Response>");
                ("text/xml", body.into())
            }
            Self::S3 => ("application/xml", format!("<Error>{error}</Error>").into()),
        }
    }
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
