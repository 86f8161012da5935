//! The AWS services that the emulator implements, one folder or file each, and who may call them.
//!
//! Each answers a request ([`admitted_request::AdmittedRequest`]) with a JSON object (Amazon S3: with an object) or an error; `protocol` writes either
//! in the service's protocol.

pub(crate) mod admission;
pub(crate) mod admitted_request;
pub(crate) mod cloudformation;
pub(crate) mod config;
pub(crate) mod iam;
pub(crate) mod organizations;
pub(crate) mod s3;
pub(crate) mod sts;
