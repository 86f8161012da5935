//! How a reply reaches the client: whole, cut short, or with its connection reset.

use hyper::{Response, Version, header};

use crate::protocol::{
    fault::Framing,
    reply::Reply,
    server::{End, ResponseBody},
};

/// The reply as it is.
pub(crate) fn whole(reply: Reply) -> Response<ResponseBody> {
    let length = reply.body.len();
    respond(reply, None, length, End::Whole)
}

/// The reply's first bytes, after which the connection is reset.
pub(crate) fn reset_after(reply: Reply, bytes: usize) -> Response<ResponseBody> {
    let length = reply.body.len();
    respond(reply, Some(length), bytes, End::Reset)
}

/// The reply's first bytes, after which the connection is closed in order.
pub(crate) fn cut(mut reply: Reply, bytes: usize, framing: Framing) -> Response<ResponseBody> {
    let length = reply.body.len();
    match framing {
        Framing::MatchingLength => {
            reply.body.truncate(bytes);
            whole(reply)
        }
        Framing::PromisedLength => respond(reply, Some(length), bytes, End::Unsaid),
        Framing::CloseDelimited => {
            let mut response = respond(reply, None, bytes, End::Unsaid);
            *response.version_mut() = Version::HTTP_10;
            response
        }
    }
}

/// The reply's first bytes as a response that says `length`, or leaves that to hyper.
fn respond(
    mut reply: Reply,
    length: Option<usize>,
    bytes: usize,
    end: End,
) -> Response<ResponseBody> {
    reply.body.truncate(bytes);
    let mut response = Response::builder()
        .status(reply.status)
        .header(header::CONTENT_TYPE, reply.content_type);
    if let Some(request_id) = reply.request_id {
        response = response.header("x-amzn-requestid", request_id);
    }
    if let Some(length) = length {
        response = response.header(header::CONTENT_LENGTH, length);
    }
    // Only a status or content type that is none can fail here, and then the
    // test that ordered it sees a reset.
    response
        .body(ResponseBody::new(reply.body, end))
        .unwrap_or_else(|_| Response::new(ResponseBody::new("", End::Reset)))
}
