//! Why a command did not do what it was asked.

use std::{fmt, io};

use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use root_access_key_rule::aws::failure::CallFailure;

/// One or more sentences for whoever typed the command: what was attempted, for
/// which account, what AWS answered, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(String);

impl Failure {
    /// A failure in those words: lower case, no full stop.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<CallFailure> for Failure {
    fn from(failure: CallFailure) -> Self {
        Self(format!("iam:GetAccountSummary: {}", failure.cause))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(format!("cannot write the result: {error}"))
    }
}

/// The cause of a failed call, in one line.
pub fn aws_answer<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    CallFailure::of(error).cause
}

/// AWS's error code without the ending that some services give it and others
/// do not; empty if AWS did not answer with an error.
pub fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> &str {
    let code = error.code().unwrap_or_default();
    code.strip_suffix("Exception").unwrap_or(code)
}
