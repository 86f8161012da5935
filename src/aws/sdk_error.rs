//! Turns the SDK's error of a failed call into a [`CallFailure`]: its class and
//! its cause in words.
//!
//! A cause is built from AWS's code and message, the HTTP status, the request id
//! and fixed words of ours. It never quotes the text of an SDK error, because
//! that can hold a response body, a request or an endpoint.

use std::error::Error;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iam::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::DispatchFailure;
use aws_smithy_types::retry::ErrorKind;

use crate::aws::deadline::DeadlinePassed;
use crate::aws::error_codes::{class_of_response, is_success, understood};
use crate::aws::failure::{CallFailure, FailureClass};
use crate::aws::incomplete_response::IncompleteResponse;
use crate::redaction::one_line;

/// The kinds of policies that AWS's messages blame
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>).
const POLICIES: [&str; 8] = [
    "service control policy",
    "resource control policy",
    "VPC endpoint policy",
    "permissions boundary",
    "session policy",
    "resource-based policy",
    "identity-based policy",
    "role trust policy",
];

/// Names that stand where AWS gave no error code.
const UNREADABLE: &str = "UnreadableAnswer";
const TIMEOUT: &str = "Timeout";
const CONNECTION_FAILED: &str = "ConnectionFailed";
const NOT_SENT: &str = "NotSent";
const INVALID_CREDENTIALS: &str = "InvalidCredentials";

const INCOMPLETE: &str = "a response arrived incomplete or malformed";

impl CallFailure {
    /// Classifies the error of a call to any AWS service.
    #[must_use]
    pub fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match error {
            SdkError::ServiceError(_) | SdkError::ResponseError(_) => of_response(error),
            SdkError::TimeoutError(_) => timed_out(),
            SdkError::DispatchFailure(failure) => of_connection(error, failure),
            _ => not_sent(error),
        }
    }

    /// The failure of a call whose response lacks what the caller needs; `why`
    /// says what, for example `it has no SummaryMap`.
    #[must_use]
    pub fn incomplete(why: &str) -> Self {
        let cause = format!("{INCOMPLETE}: {why}");
        Self::new(FailureClass::MalformedResponse, UNREADABLE, cause)
    }

    /// Whether [`code`](Self::code) is an error code of AWS's, and no name of ours.
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

    /// Whether the call was not made because no credentials could be had.
    #[must_use]
    pub fn has_no_credentials(&self) -> bool {
        self.code == INVALID_CREDENTIALS
    }

    /// Whether the name of the endpoint could not be resolved.
    #[must_use]
    pub fn has_unresolved_endpoint(&self) -> bool {
        self.cause == UNRESOLVED
    }
}

impl From<IncompleteResponse> for CallFailure {
    fn from(IncompleteResponse(why): IncompleteResponse) -> Self {
        Self::incomplete(why)
    }
}

impl From<DeadlinePassed> for CallFailure {
    fn from(passed: DeadlinePassed) -> Self {
        let cause = match passed {
            DeadlinePassed::BeforeTheCall => "not called, because no time was left",
            DeadlinePassed::DuringTheCall => "no response before the deadline of the run",
        };
        Self::new(FailureClass::OutOfTime, TIMEOUT, cause.to_owned())
    }
}

/// A response came, and it is an error or cannot be decoded.
fn of_response<E>(error: &SdkError<E, HttpResponse>) -> CallFailure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error.raw_response().map_or(0, |raw| raw.status().as_u16());
    let code = error.code().and_then(understood);
    let class = class_of_response(status, code);
    let origin = origin(status, error.request_id());
    let Some(code) = code else {
        let cause = format!("{} ({origin})", what_came(class, status, error));
        return CallFailure::new(class, &name_without_code(class, status), cause);
    };
    let message = error.message().unwrap_or("no message");
    CallFailure {
        explicit_deny: message.contains("explicit deny"),
        blamed_policy: POLICIES.into_iter().find(|kind| message.contains(kind)),
        ..CallFailure::new(
            class,
            code,
            format!("{code}: {} ({origin})", one_line(message)),
        )
    }
}

/// What a response without an error code of AWS's is called.
fn name_without_code(class: FailureClass, status: u16) -> String {
    match class {
        FailureClass::MalformedResponse => UNREADABLE.to_owned(),
        _ => format!("HTTP {status}"),
    }
}

/// What happened, if the response has no error code of AWS's.
fn what_came(class: FailureClass, status: u16, error: &(dyn Error + 'static)) -> String {
    match class {
        FailureClass::MalformedResponse if is_success(status) => {
            format!("{INCOMPLETE}: {}", malformed(error))
        }
        FailureClass::MalformedResponse => {
            "an error response arrived without an AWS error code".to_owned()
        }
        FailureClass::Throttled => "throttled, without an AWS error code".to_owned(),
        _ => "a server error without an AWS error code".to_owned(),
    }
}

/// The HTTP status, and the request id if it is written as AWS writes it.
fn origin(status: u16, request_id: Option<&str>) -> String {
    const UUID: usize = 36;
    let is_uuid =
        |id: &&str| id.len() == UUID && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    match request_id.filter(is_uuid) {
        Some(id) => format!("HTTP {status}, request id {id}"),
        None => format!("HTTP {status}"),
    }
}

/// Why a response with a status of success could not be used.
fn malformed(error: &(dyn Error + 'static)) -> &'static str {
    if let Some(IncompleteResponse(why)) = find::<IncompleteResponse>(error) {
        return why;
    }
    match find::<io::Error>(error) {
        Some(_) => "the connection ended before the response did",
        None => "it cannot be decoded",
    }
}

fn timed_out() -> CallFailure {
    let cause = "no response within the time limit of the call";
    CallFailure::new(FailureClass::NotReached, TIMEOUT, cause.to_owned())
}

/// No response came.
fn of_connection<E>(error: &SdkError<E, HttpResponse>, failure: &DispatchFailure) -> CallFailure
where
    E: Error + 'static,
{
    let failed = |cause: &str| {
        CallFailure::new(
            FailureClass::NotReached,
            CONNECTION_FAILED,
            cause.to_owned(),
        )
    };
    if failure.is_timeout() {
        timed_out()
    } else if failure.is_io() {
        failed(broken_connection(error))
    } else if failure.as_other() == Some(ErrorKind::TransientError) {
        failed(BROKEN)
    } else if text_of_chain(error).any(|text| text.starts_with("client error")) {
        let cause = "a response arrived that is not HTTP".to_owned();
        CallFailure::new(FailureClass::MalformedResponse, UNREADABLE, cause)
    } else {
        not_sent(error)
    }
}

const BROKEN: &str = "the connection broke before the response";
const UNRESOLVED: &str = "the name of the endpoint cannot be resolved";

/// Says why the connection failed. If the standard library has no `ErrorKind` for
/// it, this matches fixed phrases of the HTTP client's error, and never quotes them.
fn broken_connection(error: &(dyn Error + 'static)) -> &'static str {
    let is_told = |words: &str| text_of_chain(error).any(|text| text.contains(words));
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "the endpoint refused the connection",
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            "the network of the endpoint cannot be reached"
        }
        _ if is_told("dns error") => UNRESOLVED,
        _ if is_told("certificate") => "the certificate of the endpoint is not trusted",
        _ if is_told("tls handshake") || is_told("TLS handshake") => {
            "the TLS handshake with the endpoint failed"
        }
        _ if is_told("unsupported scheme") => "the endpoint is neither http nor https",
        _ => BROKEN,
    }
}

/// The request was never sent.
fn not_sent(error: &(dyn Error + 'static)) -> CallFailure {
    if let Some(error) = find::<CredentialsError>(error) {
        let cause = match error {
            CredentialsError::CredentialsNotLoaded(_) => "no credentials were found",
            CredentialsError::ProviderTimedOut(_) => "the provider of the credentials timed out",
            CredentialsError::InvalidConfiguration(_) => "the credentials are ill-configured",
            _ => "the provider of the credentials failed",
        };
        let cause = format!("not called: {cause}");
        return CallFailure::new(FailureClass::Credentials, INVALID_CREDENTIALS, cause);
    }
    let cause = "not called: no request can be made with the configured endpoint, region and \
                 credentials";
    CallFailure {
        retryable: false,
        ..CallFailure::new(FailureClass::NotReached, NOT_SENT, cause.to_owned())
    }
}

/// The first error of that type in the chain of sources.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    chain(error).find_map(<dyn Error>::downcast_ref)
}

fn text_of_chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = String> + 'a {
    chain(error).map(ToString::to_string)
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::operation::get_account_summary::GetAccountSummaryError;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    #[test]
    fn a_request_id_is_a_uuid() {
        let id = "7a62c49f-347e-4fc4-9331-0123456789ab";
        assert_eq!(origin(503, Some(id)), format!("HTTP 503, request id {id}"));
        for other in [None, Some(""), Some(&id[1..]), Some(&id.replace('7', "x"))] {
            assert_eq!(origin(503, other), "HTTP 503");
        }
    }

    #[test]
    fn a_denial_says_whose_it_is() {
        let error = |message: &str| {
            let meta = ErrorMetadata::builder()
                .code("AccessDenied")
                .message(message)
                .build();
            SdkError::service_error(GetAccountSummaryError::generic(meta), response(403))
        };
        let denied = CallFailure::of(&error(
            "x with an explicit deny in a service control policy",
        ));
        assert_eq!(denied.class, FailureClass::Denied);
        assert_eq!((denied.explicit_deny, denied.retryable), (true, false));
        assert_eq!(denied.blamed_policy, Some("service control policy"));
        let plain = CallFailure::of(&error("x"));
        assert_eq!((plain.explicit_deny, plain.blamed_policy), (false, None));
        assert_eq!(plain.cause, "AccessDenied: x (HTTP 403)");
        assert_eq!(plain.code, "AccessDenied");
    }

    #[test]
    fn a_failure_without_a_code_of_aws_is_told_by_our_own_name() {
        let failure = |code: &str| CallFailure::new(FailureClass::Refused, code, String::new());
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
        let with_cause = |cause: &str| {
            CallFailure::new(
                FailureClass::NotReached,
                CONNECTION_FAILED,
                cause.to_owned(),
            )
        };
        assert!(with_cause(UNRESOLVED).has_unresolved_endpoint());
        assert!(!with_cause(BROKEN).has_unresolved_endpoint());
    }

    #[test]
    fn a_broken_connection_is_named_by_its_cause() {
        let network = "the network of the endpoint cannot be reached";
        for (error, cause) in [
            (
                io::ErrorKind::ConnectionRefused.into(),
                "the endpoint refused the connection",
            ),
            (io::ErrorKind::HostUnreachable.into(), network),
            (io::ErrorKind::NetworkUnreachable.into(), network),
            (io::Error::other("dns error"), UNRESOLVED),
            (
                io::Error::other("invalid peer certificate"),
                "the certificate of the endpoint is not trusted",
            ),
            (
                io::Error::other("tls handshake eof"),
                "the TLS handshake with the endpoint failed",
            ),
            (
                io::Error::other("TLS handshake timed out"),
                "the TLS handshake with the endpoint failed",
            ),
            (
                io::Error::other("unsupported scheme ftp"),
                "the endpoint is neither http nor https",
            ),
            (io::ErrorKind::ConnectionReset.into(), BROKEN),
        ] {
            assert_eq!(broken_connection(&error), cause, "{error}");
        }
    }

    #[test]
    fn a_request_that_was_never_sent_is_not_retried() {
        let failure = not_sent(&std::io::Error::other("no such endpoint"));
        assert_eq!(failure.class, FailureClass::NotReached);
        assert_eq!(
            (failure.code.as_ref(), failure.retryable),
            (NOT_SENT, false)
        );
    }

    #[test]
    fn a_malformed_response_is_named_unreadable_and_every_other_by_its_status() {
        let name = |class| name_without_code(class, 502);
        assert_eq!(name(FailureClass::MalformedResponse), UNREADABLE);
        assert_eq!(name(FailureClass::Transient), "HTTP 502");
    }

    fn response(status: u16) -> HttpResponse {
        let status = StatusCode::try_from(status).unwrap();
        HttpResponse::new(status, SdkBody::empty())
    }
}
