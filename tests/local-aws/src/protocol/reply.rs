//! A service's response, before a fault changes it.

use serde_json::{Value, json};

use crate::protocol::{
    error::AwsError,
    json::without_nulls,
    operation::{Operation, Service},
    query,
};

/// A service's response to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub status: u16,
    pub content_type: String,
    /// Name and value of the header; `None` leaves it out.
    pub request_id: Option<(&'static str, String)>,
    pub more_headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// The result of an operation, in the protocol of its service.
    pub fn success(operation: Operation, request_id: &str, result: Value) -> Self {
        let service = operation.service();
        let body = if service.speaks_query() {
            query::response(service, &operation.to_string(), request_id, &result)
        } else {
            without_nulls(result).to_string()
        };
        Self::new(service, 200, request_id, body)
    }

    /// An error, in the protocol of that service.
    pub fn error(service: Service, request_id: &str, error: &AwsError) -> Self {
        let body = if service.speaks_query() {
            query::error_response(service, error, request_id)
        } else if service == Service::S3 {
            query::s3_error(error, request_id)
        } else {
            json!({ "__type": error.code, "message": error.message }).to_string()
        };
        Self::new(service, error.status, request_id, body)
    }

    fn new(service: Service, status: u16, request_id: &str, body: String) -> Self {
        let content_type = service.content_type().to_owned();
        Self::of(
            status,
            content_type,
            body.into_bytes(),
            Some((service.request_id_header(), request_id.to_owned())),
        )
    }

    /// Any response.
    pub fn of(
        status: u16,
        content_type: String,
        body: Vec<u8>,
        request_id: Option<(&'static str, String)>,
    ) -> Self {
        Self {
            status,
            content_type,
            request_id,
            more_headers: Vec::new(),
            body,
        }
    }
}
