//! The one place that classifies failed AWS API calls: what kind of failure it
//! was, its cause in words, and whether a later call may succeed.
//!
//! The classes start from the error codes that the SDK publishes for its own
//! retries (`aws-runtime`); no error code is matched anywhere else. A cause is
//! built from AWS's code and message, the HTTP status, the request id and fixed
//! words of ours. It never quotes the text of an SDK error, because that can
//! hold a response body, a request or an endpoint.

use std::error::Error;
use std::fmt::Debug;
use std::io;
use std::marker::PhantomData;

use aws_credential_types::provider::error::CredentialsError;
use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use aws_sdk_iam::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iam::operation::RequestId;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::DispatchFailure;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::retry::ErrorKind;

use crate::deadline::DeadlinePassed;
use crate::redaction::one_line;
use crate::whole_answer::IncompleteResponse;

/// The kind of a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureClass {
    /// AWS throttled the call, or a rate or quota was used up for the moment.
    Throttled,
    /// AWS failed (HTTP 5xx) or gave up on the request before it judged it.
    Transient,
    /// AWS did not accept the credentials or the signature made with them, or
    /// there were none to sign with.
    Credentials,
    /// The credentials are valid, and a policy does not allow the call.
    Denied,
    /// AWS understood the request and refused it.
    Refused,
    /// A response came that is incomplete, malformed or not AWS's.
    MalformedResponse,
    /// No response came: the request could not be sent, the connection failed,
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
    /// AWS's error code (letters, digits and `.`, at most 64); where AWS gave
    /// none, `HTTP 503` and the like, `UnreadableAnswer`, `Timeout`,
    /// `ConnectionFailed`, `NotSent` or `InvalidCredentials`.
    pub code: String,
    /// The cause in one line: AWS's code and message with the HTTP status and
    /// the request id, or what happened instead of a response.
    pub cause: String,
    /// Whether the same call may succeed later without any change.
    pub retryable: bool,
    /// Whether AWS's message names an explicit deny.
    pub explicit_deny: bool,
    /// The kind of policy that AWS's message blames, in AWS's words, for example
    /// `service control policy`.
    pub blamed_policy: Option<&'static str>,
}

/// Codes of AWS's common errors that say: the request was not looked at
/// (<https://docs.aws.amazon.com/config/latest/APIReference/CommonErrors.html>).
const ABORTED: &[&str] = &["RequestAborted", "MalformedHttpRequest"];

/// Codes for credentials or signatures that AWS does not accept, from the common
/// errors of IAM, STS, AWS Config and EC2.
const CREDENTIALS: &[&str] = &[
    "AuthFailure",
    "ExpiredToken",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSecurity",
    "InvalidSignature",
    "InvalidToken",
    "MissingAuthenticationToken",
    "OptInRequired",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClient",
];

/// Codes for a call that no policy allows, or that one denies.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AuthorizationError",
    "NotAuthorized",
    "UnauthorizedOperation",
];

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

    fn new(class: FailureClass, code: &str, cause: String) -> Self {
        Self {
            class,
            code: code.to_owned(),
            cause,
            retryable: is_retryable(class),
            explicit_deny: false,
            blamed_policy: None,
        }
    }
}

impl From<IncompleteResponse> for CallFailure {
    fn from(IncompleteResponse(why): IncompleteResponse) -> Self {
        let cause = format!("{INCOMPLETE}: {why}");
        Self::new(FailureClass::MalformedResponse, UNREADABLE, cause)
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

fn is_retryable(class: FailureClass) -> bool {
    match class {
        FailureClass::Throttled
        | FailureClass::Transient
        | FailureClass::MalformedResponse
        | FailureClass::NotReached => true,
        FailureClass::Credentials
        | FailureClass::Denied
        | FailureClass::Refused
        | FailureClass::OutOfTime => false,
    }
}

/// The class of an error that came as an HTTP response.
fn class_of_response(status: u16, code: Option<&str>) -> FailureClass {
    // The SDK reads an error code only from a response that is none of these: a
    // success that is an error all the same could not be decoded.
    if is_success(status) {
        return FailureClass::MalformedResponse;
    }
    let by_status = match (status, code) {
        (429, _) => FailureClass::Throttled,
        (408 | 500.., _) => FailureClass::Transient,
        (_, Some(_)) => FailureClass::Refused,
        (_, None) => FailureClass::MalformedResponse,
    };
    let Some(code) = code else { return by_status };
    let classes = [
        (THROTTLING_ERRORS, FailureClass::Throttled),
        (TRANSIENT_ERRORS, FailureClass::Transient),
        (ABORTED, FailureClass::Transient),
        (CREDENTIALS, FailureClass::Credentials),
        (DENIED, FailureClass::Denied),
    ];
    let mut listed = classes.iter().filter(|(codes, _)| has(codes, code));
    listed.next().map_or(by_status, |(_, class)| *class)
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// Whether `codes` has `code`. AWS's JSON services end their codes with
/// `Exception` where IAM and STS do not.
fn has(codes: &[&str], code: &str) -> bool {
    fn stem(code: &str) -> &str {
        code.strip_suffix("Exception").unwrap_or(code)
    }
    codes.iter().any(|listed| stem(listed) == stem(code))
}

/// `code` if it is written as AWS writes codes.
fn understood(code: &str) -> Option<&str> {
    const LONGEST: usize = 64;
    let plain = code
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    ((1..=LONGEST).contains(&code.len()) && plain).then_some(code)
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

/// What became of the connection. Where the standard library has no kind for
/// it, fixed words of the HTTP client tell; they are compared, never quoted.
fn broken_connection(error: &(dyn Error + 'static)) -> &'static str {
    let is_told = |words: &str| text_of_chain(error).any(|text| text.contains(words));
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "the endpoint refused the connection",
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            "the network of the endpoint cannot be reached"
        }
        _ if is_told("dns error") => "the name of the endpoint cannot be resolved",
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
        return CallFailure::new(FailureClass::Credentials, "InvalidCredentials", cause);
    }
    let cause = "not called: no request can be made with the configured endpoint, region and \
                 credentials";
    CallFailure {
        retryable: false,
        ..CallFailure::new(FailureClass::NotReached, "NotSent", cause.to_owned())
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

/// No limit on retries but the number of attempts. The SDK's default lets the
/// calls of a process share a quota of retries, which about twenty failed runs
/// use up: later runs in that process would then be tried once only.
pub(crate) fn no_shared_quota() -> RetryPartition {
    RetryPartition::custom("each call has its attempts")
        .token_bucket(TokenBucket::unlimited())
        .build()
}

/// Lets the SDK retry whatever [`CallFailure`] calls retryable and the SDK's own
/// classifiers leave: malformed responses, and codes that a service spells
/// otherwise than the SDK's lists. `E` is the error type of the operation.
#[derive(Debug)]
pub(crate) struct RetryByClass<E>(PhantomData<fn() -> E>);

impl<E> RetryByClass<E> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E> ClassifyRetry for RetryByClass<E>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn name(&self) -> &'static str {
        "RetryByClass"
    }

    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else {
            return RetryAction::NoActionIndicated;
        };
        let Some(response) = context.response() else {
            // Of the failures without a response the SDK leaves one: what came
            // back is not HTTP.
            return match error.as_connector_error() {
                Some(connector) if connector.is_other() => RetryAction::transient_error(),
                _ => RetryAction::NoActionIndicated,
            };
        };
        let code = error.as_operation_error();
        let code = code.and_then(|error| error.downcast_ref::<E>());
        let code = code.and_then(|error| understood(error.code()?));
        match class_of_response(response.status().as_u16(), code) {
            FailureClass::Throttled => RetryAction::throttling_error(),
            class if is_retryable(class) => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    /// Keeps what an earlier classifier decided: it knows how long AWS asks to wait.
    fn classify_retry_v2(
        &self,
        context: &InterceptorContext,
        earlier: &RetryAction,
    ) -> RetryAction {
        if earlier.should_retry() {
            RetryAction::NoActionIndicated
        } else {
            self.classify_retry(context)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::operation::get_account_summary::GetAccountSummaryError;
    use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};
    use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    #[test]
    fn a_code_is_letters_digits_and_dots() {
        for code in [
            "A",
            "AccessDenied",
            "InvalidInstanceID.NotFound",
            &"x".repeat(64),
        ] {
            assert_eq!(understood(code), Some(code));
        }
        for text in ["", "a b", "<b>", "é", "a\n", &"x".repeat(65)] {
            assert_eq!(understood(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_request_id_is_a_uuid() {
        let id = "7a62c49f-347e-4fc4-9331-0123456789ab";
        assert_eq!(origin(503, Some(id)), format!("HTTP 503, request id {id}"));
        for other in [None, Some(""), Some(&id[1..]), Some(&id.replace('7', "x"))] {
            assert_eq!(origin(503, other), "HTTP 503");
        }
    }

    #[test]
    fn without_a_code_the_status_decides() {
        let classes = [
            (199, FailureClass::MalformedResponse),
            (200, FailureClass::MalformedResponse),
            (302, FailureClass::MalformedResponse),
            (403, FailureClass::MalformedResponse),
            (408, FailureClass::Transient),
            (429, FailureClass::Throttled),
            (499, FailureClass::MalformedResponse),
            (500, FailureClass::Transient),
            (599, FailureClass::Transient),
        ];
        for (status, class) in classes {
            assert_eq!(class_of_response(status, None), class, "{status}");
        }
        assert!(is_success(200) && is_success(299) && !is_success(199) && !is_success(300));
    }

    #[test]
    fn with_a_code_the_lists_come_before_the_status() {
        for (status, code, class) in [
            (503, "AccessDenied", FailureClass::Denied),
            (400, "Throttling", FailureClass::Throttled),
            (500, "SlowDown", FailureClass::Throttled),
            (429, "Unheard", FailureClass::Throttled),
            (503, "Unheard", FailureClass::Transient),
            (400, "Unheard", FailureClass::Refused),
            (200, "AccessDenied", FailureClass::MalformedResponse),
        ] {
            assert_eq!(
                class_of_response(status, Some(code)),
                class,
                "{status} {code}"
            );
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

    fn response(status: u16) -> HttpResponse {
        let status = StatusCode::try_from(status).unwrap();
        HttpResponse::new(status, SdkBody::empty())
    }

    fn failed(status: u16, code: &str) -> InterceptorContext {
        let meta = ErrorMetadata::builder().code(code).build();
        let error = GetAccountSummaryError::generic(meta);
        let error = aws_smithy_runtime_api::client::interceptors::context::Error::erase(error);
        let mut context = InterceptorContext::new(Input::doesnt_matter());
        context.set_response(response(status));
        context.set_output_or_error(Err(OrchestratorError::operation(error)));
        context
    }

    #[test]
    fn the_sdk_retries_by_class_and_keeps_an_earlier_decision() {
        let classifier = RetryByClass::<GetAccountSummaryError>::new();
        let none = RetryAction::NoActionIndicated;
        let decide = |context: &InterceptorContext, earlier: &RetryAction| {
            classifier.classify_retry_v2(context, earlier)
        };
        let throttling = RetryAction::throttling_error();
        let transient = RetryAction::transient_error();
        assert_eq!(decide(&failed(409, "LimitExceeded"), &none), throttling);
        assert_eq!(decide(&failed(400, "RequestAborted"), &none), transient);
        assert_eq!(decide(&failed(200, ""), &none), transient);
        assert_eq!(decide(&failed(403, "AccessDenied"), &none), none);
        assert_eq!(decide(&failed(409, "LimitExceeded"), &transient), none);
        let mut succeeded = InterceptorContext::new(Input::doesnt_matter());
        succeeded.set_response(response(200));
        succeeded.set_output_or_error(Ok(Output::doesnt_matter()));
        assert_eq!(decide(&succeeded, &none), none);
    }
}
