//! Nothing of a response's body or headers, nor of an endpoint, is in the log, in
//! the diagnostic that Lambda records, or in what AWS Config stores: a marker is
//! put into all of them, on every path by which a call can fail.

use std::time::Duration;

use crate::function::Function;
use crate::responder::{closed_port, responder};
use crate::wire::{ACCOUNT, account, account_with_key};
use local_aws::{Outcome, summary_answer};
use tokio::task::JoinSet;

const MARKER: &str = "MARKER";
const IAM: &str = "AWS_ENDPOINT_URL_IAM";
const CONFIG: &str = "AWS_ENDPOINT_URL_CONFIG_SERVICE";

/// Responses that fail a call of IAM and of AWS Config, as they go over the wire.
fn responses() -> Vec<Vec<u8>> {
    let bodies = [
        "<html>MARKER</html>",
        "<MARKER name=\"MARKER\">MARKER</MARKER>",
        "MARKER",
        "<GetAccountSummaryResponse><MARKER>",
        "<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap><entry><key>AccountAccessKeysPresent</key><value>MARKER</value></entry></SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>",
        "<ErrorResponse><Error><Code>MARKER code</Code><Message>MARKER</Message></Error></ErrorResponse>",
        "<ErrorResponse><Error><Message>MARKER</Message></Error><RequestId>MARKER</RequestId></ErrorResponse>",
        "{\"MARKER\":",
        // With a status of success this is a true response with a new field.
        "{\"message\":\"MARKER\"}",
        "{\"__type\":\"MARKER code\",\"message\":\"MARKER\"}",
    ];
    let mut responses: Vec<Vec<u8>> = vec![
        b"MARKER".to_vec(),
        b"HTTP/1.1 MARKER\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\nMARKER\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\ncontent-length: MARKER\r\n\r\nMARKER".to_vec(),
        b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\nMARKER".to_vec(),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nMARKER\r\n".to_vec(),
    ];
    for status in [
        "200 MARKER",
        "302 MARKER",
        "400 MARKER",
        "403 MARKER",
        "429 MARKER",
        "500 MARKER",
    ] {
        for body in bodies {
            if status.starts_with("200") && body.starts_with("{\"message") {
                continue;
            }
            let length = body.len();
            responses.push(format!(
                "HTTP/1.1 {status}\r\nserver: {MARKER}\r\nlocation: http://{MARKER}/\r\n\
                 content-type: {MARKER}\r\nx-amzn-requestid: {MARKER}\r\nx-amz-retry-after: {MARKER}\r\n\
                 set-cookie: {MARKER}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            ).into_bytes());
        }
    }
    responses
}

/// The address of a server that sends each of the responses to `attempts` requests in a
/// row; to GetAccountSummary it sends `summary`, if there is one.
async fn serving(responses: Vec<Vec<u8>>, attempts: usize, summary: Option<String>) -> String {
    let mut requests = 0_usize;
    responder(move |request| match &summary {
        Some(body) if request.contains("Action=GetAccountSummary") => {
            let length = body.len();
            format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
            .into_bytes()
        }
        _ => {
            requests += 1;
            responses[(requests - 1) / attempts % responses.len()].clone()
        }
    })
    .await
}

/// What the function logs and posts in so many invocations, with that variable set.
async fn said(
    account: local_aws::Account,
    invocations: usize,
    (variable, url): (&str, &str),
) -> String {
    let function = Function::start_with(account, &[(variable, Some(url))]).await;
    let mut said = String::new();
    for _ in 0..invocations {
        match function.evaluate().await {
            Outcome::Response(text) => said.push_str(&text),
            Outcome::Error(error) => {
                said.push_str(&error.error_type);
                said.push_str(&error.error_message);
            }
            Outcome::Exited(_) => break,
        }
        said.push('\n');
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    for evaluation in function.aws.evaluations(ACCOUNT) {
        said.push_str(&evaluation.annotation.unwrap_or_default());
    }
    for error in function.runtime.init_errors() {
        said.push_str(&error.error_message);
    }
    said.push_str(&function.process.output());
    said
}

/// Runs with each of the responses from that service; each fails.
async fn failing(service: &str, error_type: &str) {
    let responses = responses();
    let count = responses.len();
    let url = format!("http://{}", serving(responses, 3, None).await);
    let said = said(account(), count, (service, &url)).await;
    assert!(said.matches(error_type).count() >= count, "{said}");
    assert!(!said.contains(MARKER), "{said}");
}

#[tokio::test]
async fn nothing_of_iams_response_leaks() {
    failing(IAM, "EvidenceUnavailable").await;
}

#[tokio::test]
async fn nothing_of_aws_configs_response_leaks() {
    failing(CONFIG, "EvaluationNotDelivered").await;
}

#[tokio::test]
async fn nothing_of_a_credential_report_response_leaks() {
    let responses = responses();
    let mut runs = JoinSet::new();
    // A run sends at most six requests about the report.
    for six in responses.chunks(6) {
        let six = six.to_vec();
        runs.spawn(async move {
            let summary = summary_answer(&account_with_key(), &"0".repeat(36));
            let url = format!("http://{}", serving(six, 1, Some(summary)).await);
            said(account(), 1, (IAM, &url)).await
        });
    }
    while let Some(said) = runs.join_next().await {
        let said = said.unwrap();
        let why = "No details: iam:GetCredentialReport failed (";
        assert!(said.contains(why), "{said}");
        assert!(!said.contains(MARKER), "{said}");
    }
}

#[tokio::test]
async fn nothing_of_an_endpoint_leaks() {
    let refusing = closed_port().await;
    let empty = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec();
    let reachable = serving(vec![empty], 1, None).await;
    for endpoint in [
        format!("http://user:{MARKER}@{refusing}"),
        format!("http://{MARKER}:{MARKER}@{reachable}/{MARKER}"),
        format!("http://{reachable}/{MARKER}?{MARKER}={MARKER}#{MARKER}"),
        format!("https://user:{MARKER}@{reachable}"),
        format!("http://{MARKER}.invalid/"),
        MARKER.to_owned(),
        format!("{MARKER}://{MARKER}"),
        format!("http://{MARKER} {MARKER}"),
        format!("/{MARKER}"),
        format!("http:///{MARKER}"),
    ] {
        for service in [IAM, CONFIG] {
            let said = said(account(), 1, (service, &endpoint)).await;
            assert!(!said.contains(MARKER), "{service}={endpoint}: {said}");
            let mut names = [
                "EvidenceUnavailable",
                "EvaluationNotDelivered",
                "InvalidEnvironment",
            ]
            .iter();
            assert!(names.any(|it| said.contains(it)), "{endpoint}: {said}");
        }
    }
}
