//! How a response reaches the client: complete, cut short, or with its connection reset.

use hyper::{Response, Version, header};

use crate::protocol::{
    fault::Framing,
    reply::Reply,
    server::{End, ResponseBody},
};

/// The complete response.
pub(crate) fn complete(reply: Reply) -> Response<ResponseBody> {
    let length = reply.body.len();
    respond(reply, None, length, End::Complete)
}

/// The first bytes of the response, after which the connection is reset.
pub(crate) fn reset_after(reply: Reply, bytes: usize) -> Response<ResponseBody> {
    let length = reply.body.len();
    respond(reply, Some(length), bytes, End::Reset)
}

/// The first bytes of the response, after which the connection is closed without a reset.
pub(crate) fn cut(mut reply: Reply, bytes: usize, framing: Framing) -> Response<ResponseBody> {
    let length = reply.body.len();
    match framing {
        Framing::MatchingLength => {
            reply.body.truncate(bytes);
            complete(reply)
        }
        Framing::PromisedLength => respond(reply, Some(length), bytes, End::Unknown),
        Framing::CloseDelimited => {
            let mut response = respond(reply, None, bytes, End::Unknown);
            *response.version_mut() = Version::HTTP_10;
            response
        }
    }
}

/// The first bytes of the response, with that `content-length` or with the one that hyper chooses.
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
    for (name, value) in reply.request_id.into_iter().chain(reply.more_headers) {
        response = response.header(name, value);
    }
    if let Some(length) = length {
        response = response.header(header::CONTENT_LENGTH, length);
    }
    // Only an invalid status or content type fails here. Then the test that injected it sees a
    // reset.
    response
        .body(ResponseBody::new(reply.body, end))
        .unwrap_or_else(|_| Response::new(ResponseBody::new("", End::Reset)))
}
