//! The requests of Amazon S3: an object is a path, and its conditions are headers.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>

use hyper::{Method, http::request::Parts};
use serde_json::{Map, Value};

/// The headers that decide about a request, and the parameters that they become.
const HEADERS: [(&str, &str); 6] = [
    ("if-match", "IfMatch"),
    ("if-none-match", "IfNoneMatch"),
    ("content-type", "ContentType"),
    ("x-amz-expected-bucket-owner", "ExpectedBucketOwner"),
    ("x-amz-checksum-crc32", "ChecksumCRC32"),
    ("x-amz-checksum-mode", "ChecksumMode"),
];

/// The operation's name, and its parameters with the names of the API reference. The bucket
/// is the first part of the path.
pub(crate) fn parse(parts: &Parts, body: &[u8]) -> (String, Value) {
    let path = parts.uri.path().trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let name = match parts.method {
        Method::GET if !key.is_empty() => "GetObject",
        Method::PUT if !key.is_empty() => "PutObject",
        _ => "",
    };
    let mut parameters = Map::new();
    parameters.insert("Bucket".to_owned(), bucket.into());
    parameters.insert("Key".to_owned(), key.into());
    for (header, parameter) in HEADERS {
        let value = parts.headers.get(header).and_then(|it| it.to_str().ok());
        if let Some(value) = value {
            parameters.insert(parameter.to_owned(), value.into());
        }
    }
    if name == "PutObject" {
        let body = String::from_utf8_lossy(body).into_owned();
        parameters.insert("Body".to_owned(), body.into());
    }
    (name.to_owned(), parameters.into())
}
