//! The failure of a call without a response: the connection failed, the time limit
//! passed, or the request was never sent.
//!
//! Causes are fixed words. The text of an SDK error is compared and never quoted,
//! because it can hold a request or an endpoint.

use std::error::Error;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_iam::error::SdkError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::DispatchFailure;
use aws_smithy_types::retry::ErrorKind;

use crate::aws::error_chain::{find, text_of_chain};
use crate::aws::failure::{
    CONNECTION_FAILED, CallFailure, FailureClass, INVALID_CREDENTIALS, NOT_SENT, TIMEOUT,
    UNREADABLE,
};

const BROKEN: &str = "the connection broke before the response";
const UNRESOLVED: &str = "the name of the endpoint cannot be resolved";

impl CallFailure {
    /// Whether the name of the endpoint could not be resolved.
    #[must_use]
    pub fn has_unresolved_endpoint(&self) -> bool {
        self.cause == UNRESOLVED
    }
}

/// Creates the failure of a call whose time limit passed.
pub(crate) fn timed_out() -> CallFailure {
    let cause = "no response within the time limit of the call";
    CallFailure::new(FailureClass::NotReached, TIMEOUT, cause.to_owned())
}

/// Describes the failure of a call without a response.
pub(crate) fn of_connection<E>(
    error: &SdkError<E, HttpResponse>,
    failure: &DispatchFailure,
) -> CallFailure
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
        let cause = "the response is not HTTP".to_owned();
        CallFailure::new(FailureClass::MalformedResponse, UNREADABLE, cause)
    } else {
        not_sent(error)
    }
}

/// Says why the connection failed. If the standard library has no `ErrorKind` for
/// it, this matches fixed phrases of the HTTP client's error, and never quotes them.
fn broken_connection(error: &(dyn Error + 'static)) -> &'static str {
    let mentions = |words: &str| text_of_chain(error).any(|text| text.contains(words));
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "the endpoint refused the connection",
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            "the network of the endpoint cannot be reached"
        }
        _ if mentions("dns error") => UNRESOLVED,
        _ if mentions("certificate") => "the certificate of the endpoint is not trusted",
        _ if mentions("tls handshake") || mentions("TLS handshake") => {
            "the TLS handshake with the endpoint failed"
        }
        _ if mentions("unsupported scheme") => "the endpoint is neither http nor https",
        _ => BROKEN,
    }
}

/// Describes the failure of a request that was never sent.
pub(crate) fn not_sent(error: &(dyn Error + 'static)) -> CallFailure {
    if let Some(error) = find::<CredentialsError>(error) {
        let cause = match error {
            CredentialsError::CredentialsNotLoaded(_) => "no credentials were found",
            CredentialsError::ProviderTimedOut(_) => "the credential provider timed out",
            CredentialsError::InvalidConfiguration(_) => "the credential provider is misconfigured",
            _ => "the credential provider failed",
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn an_unresolved_endpoint_is_distinguished_from_other_broken_connections() {
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
}
