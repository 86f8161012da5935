//! The one place that matches AWS's error codes: the class of an error response,
//! by its code and HTTP status.
//!
//! The classes start from the codes that the SDK publishes for its own retries
//! (`aws-runtime`).

use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};

use crate::aws::failure::{CallFailure, FailureClass};

/// Codes of AWS's common errors for a request that AWS dropped before processing it
/// (<https://docs.aws.amazon.com/config/latest/APIReference/CommonErrors.html>).
const ABORTED: &[&str] = &["RequestAborted", "MalformedHttpRequest"];

/// The code for a session token that has expired.
const EXPIRED: &str = "ExpiredToken";

/// Codes for credentials or signatures that AWS does not accept, from the common
/// errors of IAM, STS, AWS Config and EC2.
const CREDENTIALS: &[&str] = &[
    "AuthFailure",
    EXPIRED,
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

/// Codes for a call that no policy allows, or that a policy denies.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AuthorizationError",
    "NotAuthorized",
    "UnauthorizedOperation",
];

impl CallFailure {
    /// Whether AWS reports that the session of the credentials has expired.
    #[must_use]
    pub fn has_expired_credentials(&self) -> bool {
        has(&[EXPIRED], &self.code)
    }
}

/// Returns the class of an error response.
pub(crate) fn class_of_response(status: u16, code: Option<&str>) -> FailureClass {
    // The SDK reads an error code only from a response that is none of these: a
    // success that is an error all the same could not be decoded.
    if is_success(status) {
        return FailureClass::MalformedResponse;
    }
    let by_status = match (status, code) {
        (429, _) => FailureClass::Throttled,
        (408 | 500.., _) => FailureClass::Transient,
        (_, Some(_)) => FailureClass::Rejected,
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

pub(crate) fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// Whether `codes` contains `code`. AWS's JSON services add `Exception` to codes of
/// IAM and STS.
fn has(codes: &[&str], code: &str) -> bool {
    fn stem(code: &str) -> &str {
        code.strip_suffix("Exception").unwrap_or(code)
    }
    codes.iter().any(|listed| stem(listed) == stem(code))
}

/// Returns `code` if it has the form of AWS's codes.
pub(crate) fn well_formed(code: &str) -> Option<&str> {
    const MAX_LENGTH: usize = 64;
    let plain = code
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    ((1..=MAX_LENGTH).contains(&code.len()) && plain).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_letters_digits_and_dots() {
        for code in [
            "A",
            "AccessDenied",
            "InvalidInstanceID.NotFound",
            &"x".repeat(64),
        ] {
            assert_eq!(well_formed(code), Some(code));
        }
        for text in ["", "a b", "<b>", "é", "a\n", &"x".repeat(65)] {
            assert_eq!(well_formed(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_expired_session_is_distinguished_from_other_credential_errors() {
        let failure = |code| CallFailure::new(FailureClass::Credentials, code, String::new());
        for code in ["ExpiredToken", "ExpiredTokenException"] {
            assert!(failure(code).has_expired_credentials());
        }
        assert!(!failure("RequestExpired").has_expired_credentials());
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
    fn a_known_code_determines_the_class_before_the_http_status() {
        for (status, code, class) in [
            (503, "AccessDenied", FailureClass::Denied),
            (400, "Throttling", FailureClass::Throttled),
            (500, "SlowDown", FailureClass::Throttled),
            (429, "Unheard", FailureClass::Throttled),
            (503, "Unheard", FailureClass::Transient),
            (400, "Unheard", FailureClass::Rejected),
            (200, "AccessDenied", FailureClass::MalformedResponse),
        ] {
            assert_eq!(
                class_of_response(status, Some(code)),
                class,
                "{status} {code}"
            );
        }
    }
}
