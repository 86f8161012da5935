//! Describes a failed call as plain data: the kind of failure, its
//! cause as text, and whether a later call may succeed. The caller adds the
//! remedy.

/// Our own codes, for failures without an AWS error code. They are part of the
/// annotation, so they do not change.
pub(crate) const UNREADABLE: &str = "UnreadableAnswer";
pub(crate) const TIMEOUT: &str = "Timeout";
pub(crate) const CONNECTION_FAILED: &str = "ConnectionFailed";
pub(crate) const NOT_SENT: &str = "NotSent";
pub(crate) const INVALID_CREDENTIALS: &str = "InvalidCredentials";

/// The kind of a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureClass {
    /// AWS throttled the call, or a rate limit or quota was reached.
    Throttled,
    /// AWS failed (HTTP 5xx) or dropped the request before processing it.
    Transient,
    /// AWS did not accept the credentials or their signature, or there were no
    /// credentials.
    Credentials,
    /// The credentials are valid, and a policy does not allow the call.
    Denied,
    /// AWS processed the request and rejected it.
    Rejected,
    /// The response is incomplete, malformed or not from AWS.
    MalformedResponse,
    /// No response arrived: the request could not be sent, the connection failed,
    /// or the time limit of the call passed.
    NotReached,
    /// The caller's own deadline passed before or during the call.
    OutOfTime,
}

/// One failed call to an AWS API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFailure {
    /// The kind of failure, which the remedy depends on.
    pub class: FailureClass,
    /// AWS's error code (letters, digits and `.`, at most 64 characters). Without one,
    /// `HTTP 503` and the like, `UnreadableAnswer`, `Timeout`,
    /// `ConnectionFailed`, `NotSent` or `InvalidCredentials`.
    pub code: String,
    /// The cause in one line: AWS's code and message with the HTTP status and
    /// the request ID, or what happened instead of a response.
    pub cause: String,
    /// Whether the same call may succeed later without any change.
    pub retryable: bool,
    /// Whether AWS's message names an explicit deny.
    pub explicit_deny: bool,
    /// The kind of policy that AWS's message blames, in AWS's words, for example
    /// `service control policy`.
    pub blamed_policy: Option<&'static str>,
}

impl CallFailure {
    /// Creates a failure of that class, which no policy caused.
    #[must_use]
    pub fn new(class: FailureClass, code: &str, cause: String) -> Self {
        Self {
            class,
            code: code.to_owned(),
            cause,
            retryable: class.is_retryable(),
            explicit_deny: false,
            blamed_policy: None,
        }
    }

    /// Whether [`code`](Self::code) is an AWS error code, and none of ours.
    #[must_use]
    pub fn has_aws_code(&self) -> bool {
        let ours = [
            UNREADABLE,
            TIMEOUT,
            CONNECTION_FAILED,
            NOT_SENT,
            INVALID_CREDENTIALS,
        ];
        !self.code.starts_with("HTTP ") && !ours.contains(&self.code.as_str())
    }

    /// Whether the call was not made because there were no credentials.
    #[must_use]
    pub fn has_no_credentials(&self) -> bool {
        self.code == INVALID_CREDENTIALS
    }
}

impl FailureClass {
    /// Whether the same call may succeed later without any change.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        match self {
            Self::Throttled | Self::Transient | Self::MalformedResponse | Self::NotReached => true,
            Self::Credentials | Self::Denied | Self::Rejected | Self::OutOfTime => false,
        }
    }
}

/// Why AWS Config did not store an evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryFailure {
    /// The evaluation could not be built, for the SDK's reason.
    NotBuilt(String),
    /// The call failed before AWS Config evaluated the request, which it may not
    /// have received.
    CallFailed(CallFailure),
    /// A policy does not let the function report.
    Denied(CallFailure),
    /// AWS Config evaluated the request and rejected the evaluation.
    Rejected(Rejection, CallFailure),
    /// AWS Config lists the evaluation among its `FailedEvaluations`.
    ListedAsFailed,
}

impl From<CallFailure> for DeliveryFailure {
    fn from(failure: CallFailure) -> Self {
        Self::CallFailed(failure)
    }
}

/// Why AWS Config rejected an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// The ConfigRule does not exist.
    NoSuchConfigRule,
    /// The result token has expired or belongs to another rule.
    InvalidResultToken,
    /// Another reason, which the message names.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_without_an_aws_error_code_gets_our_own_code() {
        let failure = |code: &str| CallFailure::new(FailureClass::Rejected, code, String::new());
        let ours = [
            "HTTP 503",
            UNREADABLE,
            TIMEOUT,
            CONNECTION_FAILED,
            NOT_SENT,
            INVALID_CREDENTIALS,
        ];
        for code in ours {
            assert!(!failure(code).has_aws_code(), "{code}");
        }
        assert!(failure("NoSuchEntity").has_aws_code());
        assert!(failure(INVALID_CREDENTIALS).has_no_credentials());
        assert!(!failure("InvalidClientTokenId").has_no_credentials());
    }
}
