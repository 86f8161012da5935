//! What a service answers, before anybody spoils it on the way.

use serde_json::{Value, json};

use crate::protocol::{error::AwsError, operation::Service, query};

/// A service's answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub status: u16,
    pub content_type: String,
    /// `None` when the header is to be missing.
    pub request_id: Option<String>,
    pub body: Vec<u8>,
}

impl Reply {
    /// An answer in AWS JSON 1.1.
    pub fn json(status: u16, request_id: &str, body: &Value) -> Self {
        Self {
            status,
            content_type: "application/x-amz-json-1.1".to_owned(),
            request_id: Some(request_id.to_owned()),
            body: body.to_string().into_bytes(),
        }
    }

    /// An answer in the Query protocol's XML.
    pub fn xml(status: u16, request_id: &str, body: String) -> Self {
        Self {
            status,
            content_type: "text/xml".to_owned(),
            request_id: Some(request_id.to_owned()),
            body: body.into_bytes(),
        }
    }

    /// A refusal or failure as that service words it.
    pub fn error(service: Service, request_id: &str, error: &AwsError) -> Self {
        let AwsError {
            status,
            code,
            message,
        } = error;
        if service.speaks_query() {
            let body = query::error_answer(service, error, request_id);
            Self::xml(*status, request_id, body)
        } else {
            let body = json!({ "__type": code, "message": message });
            Self::json(*status, request_id, &body)
        }
    }
}
