//! Why a command did not do what it was asked.

use std::{fmt, io};

use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use root_access_key_rule::aws::failure::CallFailure;

use crate::DOCS;

/// AWS's words where a policy denies a call, and not only no policy allows it.
const EXPLICIT_DENY: &str = "explicit deny";

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

/// The cause of a failed call, in one line; an explicit deny stays in it however long
/// the message of AWS is.
pub fn aws_answer<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let failure = CallFailure::of(error);
    if failure.explicit_deny && !failure.cause.contains(EXPLICIT_DENY) {
        return format!("{}: {EXPLICIT_DENY}", failure.cause);
    }
    failure.cause
}

/// AWS's error code without the ending that some services give it and others
/// do not; empty if AWS did not answer with an error.
pub fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> &str {
    let code = error.code().unwrap_or_default();
    code.strip_suffix("Exception").unwrap_or(code)
}

/// The remedy where AWS says that a policy denies the call explicitly; no
/// permission helps then, and neither does another attempt. `account` is the
/// account in which the call was made.
pub fn explicit_deny(answer: &str, account: &str) -> Option<String> {
    answer.contains(EXPLICIT_DENY).then(|| {
        format!(
            "a policy denies this explicitly, most often a service control policy on account \
             {account} or an organizational unit above it: from the management account `aws \
             organizations list-policies-for-target --target-id {account} --filter \
             SERVICE_CONTROL_POLICY`; exempt root sessions from it (`\"Null\": \
             {{\"aws:AssumedRoot\": \"true\"}}`). AWS Control Tower's control \
             AWS-GR_RESTRICT_ROOT_USER does so where its parameter ExemptAssumeRoot is set: \
             {DOCS}/remediation.md#what-you-need"
        )
    })
}
