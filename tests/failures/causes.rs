//! Failures that are not an error response of AWS: each names its own cause and
//! its own remedy, and blames nothing that was not involved.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::wire::{ACCOUNT, FUNCTION, Wire, account, account_with_key, all, fixture, fresh_report};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use local_aws::{Fault, Framing, LocalAws, Operation, Report, Service};
use root_access_key_rule::error::RuleError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use Operation::{GenerateCredentialReport, GetAccountSummary, GetCredentialReport, PutEvaluations};

const NETWORK: &str = "check the network between the function and";
const ENVIRONMENT: &str = "correct AWS_ENDPOINT_URL and AWS_REGION";
const IN_BETWEEN: &str =
    "check for anything that truncates or changes responses between the function and";
const CREDENTIALS: &str = "starts with new credentials";
const TIMEOUT: &str = "set the function's timeout to 30 seconds";
const OTHERS: [&str; 3] = [
    "AWS Health Dashboard",
    "find out what else calls",
    "service control policy",
];

/// The message has that cause, that remedy, and no other remedy.
fn tells(error: &RuleError, cause: &str, remedy: &str) {
    let said = error.message();
    assert!(
        said.contains(&format!(": {cause}; ")) || said.contains(&format!(": {cause} (")),
        "{cause}: {said}"
    );
    assert!(said.contains(remedy), "{remedy}: {said}");
    for other in [NETWORK, ENVIRONMENT, IN_BETWEEN, CREDENTIALS, TIMEOUT]
        .iter()
        .chain(&OTHERS)
    {
        assert!(*other == remedy || !said.contains(other), "{other}: {said}");
    }
    assert!(said.contains(ACCOUNT), "{said}");
}

/// One endpoint for everything.
#[derive(Debug)]
struct Endpoint(String);

impl LoadServiceConfig for Endpoint {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        (key.env() == "AWS_ENDPOINT_URL").then(|| self.0.clone())
    }
}

/// The outcome where IAM's endpoint is that.
async fn with_endpoint(url: &str) -> RuleError {
    let url = url.to_owned();
    let wire = Wire::connected(account(), |sdk| sdk.service_config(Endpoint(url.clone()))).await;
    let error = wire.evaluate().await.expect_err(&url);
    assert_eq!(error.error_type(), "EvidenceUnavailable", "{url}");
    error
}

/// The URL of a server that reads a request, responds with those bytes, and
/// closes the connection.
async fn responding_with(bytes: &'static [u8]) -> String {
    counting(bytes).await.0
}

/// The same, with the number of its connections.
async fn counting(bytes: &'static [u8]) -> (String, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 16_384]).await;
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
            let _ = stream.read(&mut [0; 16_384]).await;
        }
    });
    (address.to_string(), count)
}

#[tokio::test]
async fn an_endpoint_out_of_reach_is_named_by_what_failed() {
    let refusing = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let no_name = format!("http://{}.invalid", "x".repeat(64));
    let no_tls = format!("https://{}", responding_with(b"220 no TLS\r\n").await);
    let closing_tls = format!("https://{}", responding_with(b"").await);
    let closing = format!("http://{}", responding_with(b"").await);
    let untrusted = LocalAws::start_tls().await.unwrap();
    let cases = [
        (
            format!("http://{refusing}"),
            "the endpoint refused the connection",
        ),
        (
            format!("http://user:password@{refusing}"),
            "the endpoint refused the connection",
        ),
        (no_name, "the name of the endpoint cannot be resolved"),
        (
            untrusted.url(Service::Iam),
            "the certificate of the endpoint is not trusted",
        ),
        (no_tls, "the TLS handshake with the endpoint failed"),
        (closing_tls, "the TLS handshake with the endpoint failed"),
        (closing, "the connection broke before the response"),
        (
            "ftp://127.0.0.1".to_owned(),
            "the endpoint is neither http nor https",
        ),
    ];
    let runs = cases.into_iter().map(|(url, cause)| async move {
        tells(&with_endpoint(&url).await, cause, NETWORK);
    });
    all(runs).await;
}

#[tokio::test]
async fn an_endpoint_that_is_no_url_is_named_and_nothing_is_retried() {
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
        tells(&with_endpoint(url).await, cause, ENVIRONMENT);
    }
}

#[tokio::test]
async fn something_else_than_http_or_than_aws_is_a_malformed_response() {
    let html = "text/html";
    let page = b"<html>Sign in</html>";
    let cases: [(&'static [u8], &str); 4] = [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "the response is not HTTP"),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n<GetAccount",
            "a response arrived incomplete or malformed: the connection ended before the response did",
        ),
        (
            b"HTTP/1.1 403 Forbidden\r\ncontent-length: 5\r\n\r\n<html",
            "the error response has no AWS error code",
        ),
        (
            b"HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n",
            "the error response has no AWS error code",
        ),
    ];
    let runs = cases.into_iter().map(|(bytes, cause)| async move {
        let (address, connections) = counting(bytes).await;
        tells(
            &with_endpoint(&format!("http://{address}")).await,
            cause,
            IN_BETWEEN,
        );
        assert_eq!(connections.load(Ordering::SeqCst), 3, "{cause}");
    });
    all(runs).await;
    for status in [200, 300, 404] {
        let wire = Wire::to(account()).await;
        let foreign = Fault::Foreign {
            status,
            content_type: html.to_owned(),
            body: page.to_vec(),
        };
        wire.aws.fault_always(ACCOUNT, GetAccountSummary, foreign);
        let error = wire.evaluate().await.unwrap_err();
        assert_eq!(error.error_type(), "EvidenceUnavailable");
        assert!(
            error.message().contains(&format!("(HTTP {status}); ")),
            "{error}"
        );
        assert!(error.message().contains(IN_BETWEEN), "{error}");
        assert_eq!(wire.operations(), [GetAccountSummary; 3], "{status}");
    }
}

#[tokio::test]
async fn a_server_error_and_a_throttling_without_a_code_are_named_by_their_status() {
    let cases = [
        (
            429,
            "throttled, without an AWS error code (HTTP 429)",
            "find out what else calls IAM",
        ),
        (
            502,
            "a server error without an AWS error code (HTTP 502)",
            "check the AWS Health Dashboard for IAM",
        ),
        (
            599,
            "a server error without an AWS error code (HTTP 599)",
            "check the AWS Health Dashboard for IAM",
        ),
        (
            408,
            "a server error without an AWS error code (HTTP 408)",
            "check the AWS Health Dashboard for IAM",
        ),
    ];
    let runs = cases.into_iter().map(|(status, cause, remedy)| async move {
        let foreign = || Fault::Foreign {
            status,
            content_type: "text/html".to_owned(),
            body: b"<html>".to_vec(),
        };
        let wire = Wire::to(account()).await;
        wire.aws.fault_always(ACCOUNT, GetAccountSummary, foreign());
        let error = wire.evaluate().await.unwrap_err();
        assert!(error.message().contains(cause), "{error}");
        assert!(error.message().contains(remedy), "{error}");
        assert_eq!(wire.operations().len(), 3, "{status}");

        let wire = Wire::to(account_with_key()).await;
        wire.aws
            .fault_always(ACCOUNT, GetCredentialReport, foreign());
        wire.evaluate().await.unwrap();
        let why = format!("iam:GetCredentialReport failed (HTTP {status}).");
        assert!(wire.annotation().ends_with(&why), "{}", wire.annotation());
    });
    all(runs).await;
}

type Refusal = fn() -> CredentialsError;

/// Credentials that cannot be had.
#[derive(Debug)]
struct Without(Refusal);

impl ProvideCredentials for Without {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err((self.0)()))
    }
}

#[tokio::test]
async fn missing_credentials_are_named_without_what_their_provider_says() {
    let secret = "the provider's own text";
    let cases: [(Refusal, &str); 4] = [
        (
            || CredentialsError::not_loaded("the provider's own text"),
            "no credentials were found",
        ),
        (
            || CredentialsError::provider_timed_out(Duration::ZERO),
            "the credential provider timed out",
        ),
        (
            || CredentialsError::invalid_configuration("the provider's own text"),
            "the credential provider is misconfigured",
        ),
        (
            || CredentialsError::provider_error("the provider's own text"),
            "the credential provider failed",
        ),
    ];
    for (error, cause) in cases {
        let wire = Wire::connected(account(), |sdk| {
            sdk.credentials_provider(SharedCredentialsProvider::new(Without(error)))
        })
        .await;
        let error = wire.evaluate().await.unwrap_err();
        tells(&error, &format!("not called: {cause}"), CREDENTIALS);
        assert!(!error.message().contains(secret), "{error}");
        assert!(wire.aws.requests().is_empty());
    }
}

#[tokio::test]
async fn a_run_without_time_says_that_nothing_was_sent() {
    let wire = Wire::to(account()).await;
    let event = wire.aws.event(ACCOUNT);
    let error = wire
        .evaluate_as(&event, FUNCTION, Duration::from_millis(500))
        .await
        .unwrap_err();
    assert_eq!(error.error_type(), "EvidenceUnavailable");
    tells(&error, "not called, because no time was left", TIMEOUT);
    assert!(wire.aws.requests().is_empty());
}

#[tokio::test]
async fn a_call_that_the_deadline_ends_says_that_it_was_sent() {
    for (operation, error_type) in [
        (GetAccountSummary, "EvidenceUnavailable"),
        (PutEvaluations, "EvaluationNotDelivered"),
    ] {
        let wire = Wire::to(account()).await;
        wire.aws.fault_always(ACCOUNT, operation, Fault::Hang);
        let event = wire.aws.event(ACCOUNT);
        let error = wire
            .evaluate_as(&event, FUNCTION, Duration::from_millis(1500))
            .await
            .unwrap_err();
        assert_eq!(error.error_type(), error_type);
        tells(
            &error,
            "no response before the deadline of the run",
            TIMEOUT,
        );
    }
}

#[tokio::test]
async fn a_hang_past_the_time_limit_of_a_call_is_a_matter_of_the_network() {
    let wire = Wire::to(account()).await;
    wire.aws
        .fault_always(ACCOUNT, GetAccountSummary, Fault::Hang);
    let error = wire.evaluate().await.unwrap_err();
    tells(
        &error,
        "no response within the time limit of the call",
        NETWORK,
    );
    assert_eq!(wire.operations(), [GetAccountSummary; 3]);
}

/// The policy that AWS's message names determines the next step.
#[tokio::test]
async fn a_denial_names_the_policy_that_aws_names() {
    let cases = [
        (
            "with an explicit deny in a service control policy: arn:aws:organizations::999999999999:policy/o-1/service_control_policy/p-1",
            "a service control policy denies ACTION: exempt the function's role from it",
        ),
        (
            "with an explicit deny in a permissions boundary",
            "a permissions boundary denies ACTION: exempt the function's role from it",
        ),
        (
            "because no service control policy allows the ACTION action",
            "allow ACTION in the service control policy",
        ),
        (
            "because no VPC endpoint policy allows the ACTION action",
            "allow ACTION in the VPC endpoint policy",
        ),
        (
            "because no identity-based policy allows the ACTION action",
            "allow ACTION in the function's role",
        ),
        (
            "with an explicit deny",
            "allow ACTION in the function's role, and check whether a service control policy denies it",
        ),
        (
            "for whatever reason",
            "allow ACTION in the function's role, and check whether a service control policy denies it",
        ),
    ];
    for (operation, action) in [
        (GetAccountSummary, "iam:GetAccountSummary"),
        (PutEvaluations, "config:PutEvaluations"),
    ] {
        for (reason, remedy) in cases {
            let wire = Wire::to(account()).await;
            let message = format!(
                "User: arn:aws:sts::111122223333:assumed-role/r/f is not authorized to perform: ACTION on resource: * {reason}"
            );
            let denied = Fault::aws_error(
                403,
                "AccessDeniedException",
                &message.replace("ACTION", action),
            );
            wire.aws.fault_always(ACCOUNT, operation, denied);
            let error = wire.evaluate().await.unwrap_err();
            let end = format!("; {}", remedy.replace("ACTION", action));
            assert!(error.message().ends_with(&end), "{reason}: {error}");
            assert!(wire.operations().ends_with(&[operation]), "{reason}");
        }
    }
}

/// Each fault once or twice, on each call: the SDK's or our own retries hide it.
#[tokio::test]
async fn a_response_that_arrives_cut_or_malformed_is_requested_again() {
    let cut = |bytes, framing| Fault::Cut { bytes, framing };
    let faults = [
        cut(20, Framing::MatchingLength),
        cut(20, Framing::PromisedLength),
        cut(20, Framing::CloseDelimited),
        cut(0, Framing::MatchingLength),
        Fault::ResetDuringAnswer(20),
        Fault::Garbled(vec![(0, 0xff)]),
        Fault::Foreign {
            status: 200,
            content_type: "text/html".to_owned(),
            body: b"<html>Sign in</html>".to_vec(),
        },
        Fault::Foreign {
            status: 403,
            content_type: "text/html".to_owned(),
            body: b"<html>Sign in</html>".to_vec(),
        },
        Fault::xml(fixture("iam/no-evidence/error-with-200.txt")),
    ];
    for operation in [
        GetAccountSummary,
        GetCredentialReport,
        GenerateCredentialReport,
        PutEvaluations,
    ] {
        let runs = faults.iter().map(|fault| async move {
            let report = match operation {
                GenerateCredentialReport => Report::NotPresent,
                _ => fresh_report(),
            };
            let wire = Wire::to(account_with_key().with_report(report)).await;
            wire.aws.fault(ACCOUNT, operation, fault.clone());
            wire.aws.fault(ACCOUNT, operation, fault.clone());
            let evaluated = wire.evaluate().await;
            let evaluated =
                evaluated.unwrap_or_else(|error| panic!("{operation} {fault:?}: {error}"));
            assert!(
                evaluated.annotation.contains("Key 1: active"),
                "{operation} {fault:?}: {}",
                evaluated.annotation
            );
            let attempts = wire
                .operations()
                .iter()
                .filter(|o| **o == operation)
                .count();
            assert_eq!(attempts, 3, "{operation} {fault:?}");
        });
        all(runs).await;
    }
}

/// What the summary lacks may be what was lost on the way.
#[tokio::test]
async fn a_summary_that_lacks_the_number_once_is_requested_again() {
    for case in [
        "map-missing",
        "key-missing",
        "value-negative",
        "key-twice",
        "value-no-number",
    ] {
        let wire = Wire::to(account()).await;
        let body = fixture(&format!("iam/no-evidence/{case}.txt"));
        wire.aws.fault(ACCOUNT, GetAccountSummary, Fault::xml(body));
        wire.evaluate().await.expect(case);
        assert_eq!(
            wire.operations(),
            [GetAccountSummary, GetAccountSummary, PutEvaluations],
            "{case}"
        );
    }
}

#[tokio::test]
async fn a_response_that_is_cut_each_time_is_reported_as_cut() {
    let wire = Wire::to(account()).await;
    let framing = Framing::MatchingLength;
    wire.aws.fault_always(
        ACCOUNT,
        GetAccountSummary,
        Fault::Cut {
            bytes: 700,
            framing,
        },
    );
    let error = wire.evaluate().await.unwrap_err();
    assert_eq!(error.error_type(), "EvidenceUnavailable");
    tells(
        &error,
        "a response arrived incomplete or malformed: it ends before its closing tag",
        IN_BETWEEN,
    );
    assert!(
        error.message().contains("(HTTP 200, request id "),
        "{error}"
    );
    assert_eq!(wire.operations(), [GetAccountSummary; 3]);
}

/// The reason in the annotation is what happened, not what is usual.
#[tokio::test]
async fn a_report_for_which_no_time_was_left_is_not_called_late() {
    let wire = Wire::to(account_with_key()).await;
    let event = wire.aws.event(ACCOUNT);
    wire.evaluate_as(&event, FUNCTION, Duration::from_secs(6))
        .await
        .unwrap();
    assert_eq!(wire.operations(), [GetAccountSummary, PutEvaluations]);
    assert_eq!(
        wire.annotation(),
        "The root user has access keys. No details: no time was left for the credential report."
    );
}

#[tokio::test]
async fn a_report_that_the_rule_stops_waiting_for_is_not_called_failed() {
    for (operation, report) in [
        (GetCredentialReport, fresh_report()),
        (GenerateCredentialReport, Report::NotPresent),
    ] {
        let wire = Wire::to(account_with_key().with_report(report)).await;
        wire.aws.fault_always(ACCOUNT, operation, Fault::Hang);
        let event = wire.aws.event(ACCOUNT);
        // 30 s less what PutEvaluations and a failure need leave 0.7 s of these.
        wire.evaluate_as(&event, FUNCTION, Duration::from_millis(8_700))
            .await
            .unwrap();
        assert_eq!(
            wire.annotation(),
            format!(
                "The root user has access keys. No details: iam:{operation} did not respond in the time left for it."
            )
        );
    }
}

#[tokio::test]
async fn a_report_that_never_responds_has_timed_out() {
    let wire = Wire::to(account_with_key()).await;
    wire.aws
        .fault_always(ACCOUNT, GetCredentialReport, Fault::Hang);
    wire.evaluate().await.unwrap();
    assert_eq!(
        wire.annotation(),
        "The root user has access keys. No details: iam:GetCredentialReport failed (Timeout)."
    );
}

#[tokio::test]
async fn a_report_out_of_reach_has_no_connection() {
    let wire = Wire::to(account_with_key()).await;
    wire.aws
        .fault_always(ACCOUNT, GetCredentialReport, Fault::ResetBeforeAnswer);
    wire.evaluate().await.unwrap();
    assert_eq!(
        wire.annotation(),
        "The root user has access keys. No details: iam:GetCredentialReport failed (ConnectionFailed)."
    );
}

/// Twenty failed runs and more in one process each have their three attempts.
#[tokio::test]
async fn earlier_runs_use_up_none_of_the_attempts_of_later_ones() {
    let wire = Wire::to(account()).await;
    wire.aws
        .fault_always(ACCOUNT, PutEvaluations, Fault::ServerError(500));
    let runs = (0..30).map(|_| async { drop(wire.evaluate().await.unwrap_err()) });
    all(runs).await;
    let sent = wire
        .operations()
        .iter()
        .filter(|o| **o == PutEvaluations)
        .count();
    assert_eq!(sent, 90);
}
