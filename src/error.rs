//! The error of a failed run: its kind, which is Lambda's error type and says who
//! fixes it, and its message.
//!
//! A failed run reports nothing to AWS Config: an unknown result is never a
//! verdict. Lambda retries it twice and then notifies the on-failure destination.
//! An error *object* as the result would count as success and leave the last
//! COMPLIANT in place indefinitely.

use std::error::Error;
use std::fmt;

/// The error of a failed run of a function, as `lambda/runtime.rs` reports it.
pub trait RunError: Send + 'static {
    /// Returns the `errorType` that Lambda records.
    fn error_type(&self) -> &'static str;

    /// Returns the message: what was attempted, the cause, and one next step.
    fn message(&self) -> &str;

    /// Makes the error of a panic there, as `file:line:column`.
    fn of_panic(place: &str) -> Self;

    /// Makes the error of an event that cannot be read.
    fn of_event(why: &str) -> Self;
}

/// The kind of a failed run. Its name is the `errorType` that Lambda records,
/// stable across versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The environment lacks a variable that the Lambda runtime guarantees, or has an
    /// invalid value. Fixed by whoever deployed the function.
    InvalidEnvironment,
    /// The payload is not the scheduled event of an AWS Config custom rule. Fixed
    /// by whoever configured the trigger.
    InvalidEvent,
    /// The event is about another account than the function's own. Fixed by
    /// whoever deployed the rule.
    WrongAccount,
    /// The ConfigRule passes parameters; this rule takes none. Fixed by whoever
    /// configured the ConfigRule.
    InvalidRuleParameters,
    /// IAM returned no complete response. The message says what to do next.
    EvidenceUnavailable,
    /// AWS Config evaluated the request and rejected it, or a policy denied the call.
    /// Fixed by the owner of the ConfigRule or of the function's role.
    EvaluationRejected,
    /// AWS Config may not have received the evaluation. Lambda's retry repeats it
    /// identically.
    EvaluationNotDelivered,
    /// A bug in this rule. Fixed by its authors.
    InternalError,
}

/// A failed run: its kind, and a message that says what was attempted, for which
/// account, the cause, and one next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    kind: ErrorKind,
    message: String,
}

impl RuleError {
    /// Creates an error of that kind with that message.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message }
    }

    /// Returns the kind of failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the `errorType` that Lambda records.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        match self.kind {
            ErrorKind::InvalidEnvironment => "InvalidEnvironment",
            ErrorKind::InvalidEvent => "InvalidEvent",
            ErrorKind::WrongAccount => "WrongAccount",
            ErrorKind::InvalidRuleParameters => "InvalidRuleParameters",
            ErrorKind::EvidenceUnavailable => "EvidenceUnavailable",
            ErrorKind::EvaluationRejected => "EvaluationRejected",
            ErrorKind::EvaluationNotDelivered => "EvaluationNotDelivered",
            ErrorKind::InternalError => "InternalError",
        }
    }

    /// Returns the message: what was attempted, for which account, the cause, and one
    /// next step.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl RunError for RuleError {
    fn error_type(&self) -> &'static str {
        self.error_type()
    }

    fn message(&self) -> &str {
        self.message()
    }

    fn of_panic(place: &str) -> Self {
        Self::new(
            ErrorKind::InternalError,
            format!(
                "the rule panicked at {place}, which is a bug; AWS Config received either no evaluation or the correct one; Lambda retries the run; report this message"
            ),
        )
    }

    fn of_event(why: &str) -> Self {
        Self::new(ErrorKind::InvalidEvent, why)
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for RuleError {}
