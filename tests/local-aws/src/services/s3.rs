//! Amazon S3 (REST and XML): `GetObject` and `PutObject` with their conditions.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>

use crate::{
    protocol::{
        error::AwsError,
        operation::{Operation, Service},
        reply::Reply,
    },
    services::admitted_request::AdmittedRequest,
    state::{
        bucket::{Bucket, Object},
        world::State,
    },
};

/// Answers one operation.
pub(crate) fn answer(state: &mut State, admitted: &AdmittedRequest) -> Result<Reply, AwsError> {
    let number = state.objects_written + 1;
    let bucket = bucket(state, admitted)?;
    if admitted.operation == Operation::GetObject {
        return get(bucket, admitted);
    }
    let reply = put(bucket, admitted, format!("\"{number:032x}\""))?;
    state.objects_written = number;
    Ok(reply)
}

fn bucket<'a>(
    state: &'a mut State,
    admitted: &AdmittedRequest,
) -> Result<&'a mut Bucket, AwsError> {
    let bucket = state
        .buckets
        .get_mut(admitted.text("Bucket"))
        .ok_or_else(|| AwsError::new(404, "NoSuchBucket", "The specified bucket does not exist"))?;
    let expected = admitted.text("ExpectedBucketOwner");
    let is_owner = |account: &str| account.is_empty() || account == bucket.account;
    if is_owner(expected) && is_owner(admitted.caller()) {
        Ok(bucket)
    } else {
        Err(denied())
    }
}

fn get(bucket: &Bucket, admitted: &AdmittedRequest) -> Result<Reply, AwsError> {
    let object = bucket.object(admitted.text("Key"));
    let absent = || {
        if bucket.listable {
            no_such_key()
        } else {
            denied()
        }
    };
    let object = object.ok_or_else(absent)?;
    let mut reply = reply(admitted, object);
    reply.content_type.clone_from(&object.content_type);
    reply.body = object.body.clone().into_bytes();
    if admitted.text("ChecksumMode") == "ENABLED" {
        let checksum = object.crc32.clone();
        let checksum = checksum.map(|it| ("x-amz-checksum-crc32", it));
        reply.more_headers.extend(checksum);
    }
    Ok(reply)
}

fn put(bucket: &mut Bucket, admitted: &AdmittedRequest, etag: String) -> Result<Reply, AwsError> {
    let key = admitted.text("Key");
    let known = bucket.object(key);
    match (admitted.text("IfMatch"), admitted.text("IfNoneMatch")) {
        ("", "") => {}
        ("", "*") if known.is_none() => {}
        ("", "*") => return Err(condition_failed()),
        (expected, "") => match known {
            None => return Err(no_such_key()),
            Some(known) if known.etag == expected => {}
            Some(_) => return Err(condition_failed()),
        },
        _ => {
            let why = "A header you provided implies functionality that is not implemented";
            return Err(AwsError::new(501, "NotImplemented", why));
        }
    }
    let body = admitted.text("Body");
    let checksum = Some(admitted.text("ChecksumCRC32")).filter(|it| !it.is_empty());
    if checksum.is_some_and(|it| it != crc32(body.as_bytes())) {
        let why = "The CRC32 you specified did not match the calculated checksum.";
        return Err(AwsError::bad_request("BadDigest", why));
    }
    let object = Object {
        etag,
        content_type: admitted.text("ContentType").to_owned(),
        crc32: checksum.map(str::to_owned),
        body: body.to_owned(),
    };
    let reply = reply(admitted, &object);
    bucket
        .objects
        .entry(key.to_owned())
        .or_default()
        .push(object);
    Ok(reply)
}

/// A response without a body.
fn reply(admitted: &AdmittedRequest, object: &Object) -> Reply {
    let request_id = (Service::S3.request_id_header(), admitted.request_id.clone());
    let content_type = Service::S3.content_type().to_owned();
    let mut reply = Reply::of(200, content_type, Vec::new(), Some(request_id));
    reply.more_headers.push(("etag", object.etag.clone()));
    reply
}

fn denied() -> AwsError {
    AwsError::new(403, "AccessDenied", "Access Denied")
}

fn no_such_key() -> AwsError {
    AwsError::new(404, "NoSuchKey", "The specified key does not exist.")
}

fn condition_failed() -> AwsError {
    let why = "At least one of the pre-conditions you specified did not hold";
    AwsError::new(412, "PreconditionFailed", why)
}

/// The CRC-32 of ISO-HDLC, in Base64.
fn crc32(bytes: &[u8]) -> String {
    let mut register = u32::MAX;
    for byte in bytes {
        register ^= u32::from(*byte);
        for _ in 0..8 {
            let low = register & 1;
            register = (register >> 1) ^ (0xedb8_8320 * low);
        }
    }
    base64(&(!register).to_be_bytes())
}

/// Base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let at = |place: usize| u32::from(chunk.get(place).copied().unwrap_or_default());
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let digit = (group >> (18 - 6 * place) & 63) as usize;
            text.push(if place > chunk.len() {
                '='
            } else {
                char::from(DIGITS[digit])
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn the_checksum_is_that_of_the_catalog() {
        // The check value of CRC-32/ISO-HDLC is cbf43926.
        assert_eq!(crc32(b"123456789"), "y/Q5Jg==");
    }
}
