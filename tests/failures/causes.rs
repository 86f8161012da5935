//! Failures without an error code from AWS, and calls that a policy denies: each
//! message names its own cause and its own remedy, and blames nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::responder::{closed_port, responder};
use crate::wire::{ACCOUNT, Wire, account, account_with_key, all, foreign, message_of, rows};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use local_aws::{Fault, LocalAws, Operation, Service};

use Operation::{GetAccountSummary, GetCredentialReport, PutEvaluations};

const NETWORK: &str = "check the network between the function and";
const ENVIRONMENT: &str = "correct AWS_ENDPOINT_URL and AWS_REGION";
const IN_BETWEEN: &str =
    "check for anything that truncates or changes responses between the function and";
const CREDENTIALS: &str = "starts with new credentials";
const TIMEOUT: &str = "set the function's timeout to 30 seconds";
const HEALTH: &str = "check the AWS Health Dashboard for IAM";
const CALLERS: &str = "find out what else calls IAM";
const POLICY: &str = "service control policy";

/// The message has that cause and that remedy, and no other remedy.
fn names(message: &str, cause: &str, remedy: &str) {
    let is_cause = |end: &str| message.contains(&format!(": {cause}{end}"));
    assert!(is_cause("; ") || is_cause(" ("), "{cause}: {message}");
    for known in [
        NETWORK,
        ENVIRONMENT,
        IN_BETWEEN,
        CREDENTIALS,
        TIMEOUT,
        HEALTH,
        CALLERS,
        POLICY,
    ] {
        assert_eq!(message.contains(known), known == remedy, "{message}");
    }
}

/// One endpoint for both services.
#[derive(Debug)]
struct Endpoint(String);

impl LoadServiceConfig for Endpoint {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        (key.env() == "AWS_ENDPOINT_URL").then(|| self.0.clone())
    }
}

/// A run with that endpoint fails with that cause and that remedy.
async fn endpoint_fails(url: &str, cause: &str, remedy: &str) {
    let wire = Wire::connected(account(), |sdk| sdk.service_config(Endpoint(url.into()))).await;
    names(&wire.failure("EvidenceUnavailable").await, cause, remedy);
}

#[tokio::test]
async fn an_unreachable_endpoint_is_described_by_what_failed() {
    let refusing = closed_port().await;
    let silent = responder(|_| Vec::new()).await;
    let no_tls = responder(|_| b"220 no TLS\r\n".to_vec()).await;
    let untrusted = LocalAws::start_tls().await.unwrap();
    let refused = "the endpoint refused the connection";
    let tls_failed = "the TLS handshake with the endpoint failed";
    let long_name = "x".repeat(64);
    let cases = [
        (format!("http://{refusing}"), refused),
        (format!("http://user:password@{refusing}"), refused),
        (
            format!("http://{long_name}.invalid"),
            "the name of the endpoint cannot be resolved",
        ),
        (
            untrusted.url(Service::Iam),
            "the certificate of the endpoint is not trusted",
        ),
        (format!("https://{no_tls}"), tls_failed),
        (format!("https://{silent}"), tls_failed),
        (
            format!("http://{silent}"),
            "the connection broke before the response",
        ),
        (
            "ftp://127.0.0.1".to_owned(),
            "the endpoint is neither http nor https",
        ),
    ];
    let runs = cases.into_iter().map(|(url, cause)| async move {
        endpoint_fails(&url, cause, NETWORK).await;
    });
    all(runs).await;
}

#[tokio::test]
async fn an_endpoint_that_is_not_a_url_is_reported_as_a_wrong_setting() {
    let cause =
        "not called: no request can be made with the configured endpoint, region and credentials";
    for url in [
        "nonsense",
        "no scheme/",
        "/path",
        "http://",
        "http:///path",
        "http://é",
    ] {
        endpoint_fails(url, cause, ENVIRONMENT).await;
    }
}

#[tokio::test]
async fn a_response_that_is_not_http_or_not_from_aws_is_malformed() {
    const RESPONSES: &str = r"
SSH-2.0-OpenSSH_9.2~ | the response is not HTTP
HTTP/1.1 200 OK~content-length: 500~~<GetAccount | a response arrived incomplete or malformed: the connection ended before the response did
HTTP/1.1 403 Forbidden~content-length: 5~~<html | the error response has no AWS error code
HTTP/1.1 302 Found~location: /login~content-length: 0~~ | the error response has no AWS error code
";
    let runs = rows(RESPONSES).map(|[response, cause]| async move {
        let attempts = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&attempts);
        let address = responder(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            response.replace('~', "\r\n").into_bytes()
        });
        endpoint_fails(&format!("http://{}", address.await), cause, IN_BETWEEN).await;
        assert_eq!(attempts.load(Ordering::SeqCst), 3, "{cause}");
    });
    all(runs).await;
}

/// The status decides where AWS's error code is missing; in the annotation it stands
/// for the code.
#[tokio::test]
async fn a_response_without_an_error_code_is_described_by_its_status() {
    let malformed = "a response arrived incomplete or malformed: ";
    let no_code = "the error response has no AWS error code";
    let throttled = "throttled, without an AWS error code";
    let server_error = "a server error without an AWS error code";
    let cases = [
        (200, malformed, IN_BETWEEN, "UnreadableAnswer"),
        (300, no_code, IN_BETWEEN, "UnreadableAnswer"),
        (404, no_code, IN_BETWEEN, "UnreadableAnswer"),
        (408, server_error, HEALTH, "HTTP 408"),
        (429, throttled, CALLERS, "HTTP 429"),
        (502, server_error, HEALTH, "HTTP 502"),
        (599, server_error, HEALTH, "HTTP 599"),
    ];
    let runs = cases
        .into_iter()
        .map(|(status, cause, remedy, code)| async move {
            let page = foreign(status, "text/html", "<html>Sign in</html>");
            let wire = Wire::failing(account(), GetAccountSummary, page.clone()).await;
            let message = wire.failure("EvidenceUnavailable").await;
            assert!(message.contains(&format!(": {cause}")), "{message}");
            assert!(
                message.contains(&format!(" (HTTP {status}); ")),
                "{message}"
            );
            assert!(message.contains(remedy), "{message}");
            assert_eq!(wire.operations(), [GetAccountSummary; 3], "{status}");

            let wire = Wire::failing(account_with_key(), GetCredentialReport, page).await;
            let reason = format!("iam:GetCredentialReport failed ({code}).");
            let annotation = wire.evaluated().await;
            assert!(annotation.ends_with(&reason), "{status}: {annotation}");
        });
    all(runs).await;
}

type NewError = fn(&'static str) -> CredentialsError;

/// A provider that has no credentials.
#[derive(Debug)]
struct NoCredentials(NewError);

const PROVIDERS_TEXT: &str = "the provider's own text";

impl ProvideCredentials for NoCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err((self.0)(PROVIDERS_TEXT)))
    }
}

#[tokio::test]
async fn missing_credentials_are_reported_without_the_providers_text() {
    let cases: [(NewError, &str); 4] = [
        (
            |text| CredentialsError::not_loaded(text),
            "no credentials were found",
        ),
        (
            |_| CredentialsError::provider_timed_out(Duration::ZERO),
            "the credential provider timed out",
        ),
        (
            |text| CredentialsError::invalid_configuration(text),
            "the credential provider is misconfigured",
        ),
        (
            |text| CredentialsError::provider_error(text),
            "the credential provider failed",
        ),
    ];
    for (error, cause) in cases {
        let provider = SharedCredentialsProvider::new(NoCredentials(error));
        let wire =
            Wire::connected(account(), |sdk| sdk.credentials_provider(provider.clone())).await;
        let message = wire.failure("EvidenceUnavailable").await;
        names(&message, &format!("not called: {cause}"), CREDENTIALS);
        assert!(!message.contains(PROVIDERS_TEXT), "{message}");
        assert!(wire.aws.requests().is_empty());
    }
}

#[tokio::test]
async fn a_run_without_time_makes_no_call_and_says_so() {
    let wire = Wire::to(account()).await;
    let outcome = wire.evaluate_within(Duration::from_millis(500)).await;
    let message = message_of(outcome, "EvidenceUnavailable");
    names(&message, "not called, because no time was left", TIMEOUT);
    assert!(wire.aws.requests().is_empty());
}

#[tokio::test]
async fn scenarios_8_and_14_a_hang_ends_before_lambdas_deadline() {
    let left = Duration::from_millis(1500);
    for (operation, error_type) in [
        (GetAccountSummary, "EvidenceUnavailable"),
        (PutEvaluations, "EvaluationNotDelivered"),
    ] {
        let wire = Wire::failing(account(), operation, Fault::Hang).await;
        let run = tokio::time::timeout(left, wire.evaluate_within(left));
        let outcome = run.await.expect("the run ends before its deadline");
        let cause = "no response before the deadline of the run";
        names(&message_of(outcome, error_type), cause, TIMEOUT);
        assert!(wire.operations().ends_with(&[operation]));
    }
}

#[tokio::test]
async fn scenario_8_a_hang_past_the_time_limit_of_the_call_is_blamed_on_the_network() {
    let wire = Wire::failing(account(), GetAccountSummary, Fault::Hang).await;
    let message = wire.failure("EvidenceUnavailable").await;
    names(
        &message,
        "no response within the time limit of the call",
        NETWORK,
    );
    assert_eq!(wire.operations(), [GetAccountSummary; 3]);
}

/// The policy that AWS's message names determines the next step.
#[tokio::test]
async fn scenarios_8_and_13_a_denial_names_the_policy_that_aws_names() {
    const DENIALS: &str = "
with an explicit deny in a service control policy: arn:aws:organizations::999999999999:policy/o-1/service_control_policy/p-1 | a service control policy denies ACTION: exempt the function's role from it
with an explicit deny in a permissions boundary | a permissions boundary denies ACTION: exempt the function's role from it
because no service control policy allows the ACTION action | allow ACTION in the service control policy
because no VPC endpoint policy allows the ACTION action | allow ACTION in the VPC endpoint policy
because no identity-based policy allows the ACTION action | allow ACTION in the function's role
with an explicit deny | allow ACTION in the function's role, and check whether a service control policy denies it
for whatever reason | allow ACTION in the function's role, and check whether a service control policy denies it
";
    for (operation, action, error_type) in [
        (
            GetAccountSummary,
            "iam:GetAccountSummary",
            "EvidenceUnavailable",
        ),
        (
            PutEvaluations,
            "config:PutEvaluations",
            "EvaluationRejected",
        ),
    ] {
        for [reason, remedy] in rows(DENIALS) {
            let text = format!(
                "User: arn:aws:sts::{ACCOUNT}:assumed-role/r/f is not authorized to perform: ACTION on resource: * {reason}"
            );
            let text = text.replace("ACTION", action);
            let denied = Fault::aws_error(403, "AccessDeniedException", &text);
            let wire = Wire::failing(account(), operation, denied).await;
            let message = wire.failure(error_type).await;
            let end = format!("; {}", remedy.replace("ACTION", action));
            assert!(message.ends_with(&end), "{reason}: {message}");
            assert!(wire.operations().ends_with(&[operation]), "{reason}");
            assert_eq!(wire.count(operation), 1, "a denial is final");
        }
    }
}
