//! An error of AWS: what a service responds when it refuses a request or fails.

/// An error as a service words it; [`Reply`](super::reply::Reply) puts it into the service's protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AwsError {
    pub status: u16,
    pub code: String,
    pub message: String,
}

impl AwsError {
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    /// A refusal with status 400, as most are.
    pub fn refused(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }
}
