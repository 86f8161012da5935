//! Turns the SDK's error of a failed call into a [`CallFailure`]: its class and
//! its cause in words.
//!
//! A cause is built from AWS's code and message, the HTTP status, the request id
//! and fixed words of ours. It never quotes the text of an SDK error, because
//! that can hold a response body, a request or an endpoint.

use std::error::Error;
use std::io;

use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iam::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::aws::deadline::DeadlinePassed;
use crate::aws::error_chain::find;
use crate::aws::error_codes::{class_of_response, is_success, well_formed};
use crate::aws::failure::{CallFailure, FailureClass, TIMEOUT, UNREADABLE};
use crate::aws::incomplete_response::IncompleteResponse;
use crate::aws::no_response::{not_sent, of_connection, timed_out};
use crate::redaction::one_line;

/// The kinds of policies that AWS's messages name
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

    /// Creates the failure of a call whose response lacks a part that the caller needs;
    /// `why` names it, for example `it has no SummaryMap`.
    #[must_use]
    pub fn incomplete(why: &str) -> Self {
        let cause = format!("{INCOMPLETE}: {why}");
        Self::new(FailureClass::MalformedResponse, UNREADABLE, cause)
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

/// Describes the failure of a call with a response, which is an error or cannot be
/// decoded.
fn of_response<E>(error: &SdkError<E, HttpResponse>) -> CallFailure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error.raw_response().map_or(0, |raw| raw.status().as_u16());
    let code = error.code().and_then(well_formed);
    let class = class_of_response(status, code);
    let origin = origin(status, error.request_id());
    let Some(code) = code else {
        let cause = format!("{} ({origin})", cause_without_code(class, status, error));
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

/// Returns our code for a response without an AWS error code.
fn name_without_code(class: FailureClass, status: u16) -> String {
    match class {
        FailureClass::MalformedResponse => UNREADABLE.to_owned(),
        _ => format!("HTTP {status}"),
    }
}

/// Describes a response without an AWS error code.
fn cause_without_code(class: FailureClass, status: u16, error: &(dyn Error + 'static)) -> String {
    match class {
        FailureClass::MalformedResponse if is_success(status) => {
            format!("{INCOMPLETE}: {}", malformed(error))
        }
        FailureClass::MalformedResponse => "the error response has no AWS error code".to_owned(),
        FailureClass::Throttled => "throttled, without an AWS error code".to_owned(),
        _ => "a server error without an AWS error code".to_owned(),
    }
}

/// Returns the HTTP status, and the request ID if it has the form of AWS's.
fn origin(status: u16, request_id: Option<&str>) -> String {
    const UUID: usize = 36;
    let is_uuid =
        |id: &&str| id.len() == UUID && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    match request_id.filter(is_uuid) {
        Some(id) => format!("HTTP {status}, request id {id}"),
        None => format!("HTTP {status}"),
    }
}

/// Says why a response with a status of success could not be used.
fn malformed(error: &(dyn Error + 'static)) -> &'static str {
    if let Some(IncompleteResponse(why)) = find::<IncompleteResponse>(error) {
        return why;
    }
    match find::<io::Error>(error) {
        Some(_) => "the connection ended before the response did",
        None => "it cannot be decoded",
    }
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
    fn a_denial_names_its_policy() {
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
