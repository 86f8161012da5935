//! Events as the Runtime API sends them: each is served whatever its headers contain,
//! and every failure has a name.

use std::time::Duration;

use local_aws::{Fault, FunctionProcess, Invocation, LocalAws, Operation, Outcome};
use serde_json::Value;

use crate::function::{Function, bootstrap, defect, error, response};
use crate::wire::{ACCOUNT, FUNCTION, account};
use Operation::{GetAccountSummary, PutEvaluations};

#[tokio::test]
async fn every_payload_that_is_no_event_is_invalid_and_the_next_event_is_served() {
    let function = Function::start(account()).await;
    let good = function.aws.event(ACCOUNT).to_string();
    let bad: [Vec<u8>; 7] = [
        b"".to_vec(),
        b"not JSON".to_vec(),
        b"null".to_vec(),
        b"[1,2".to_vec(),
        format!("{good} garbage").into_bytes(),
        [good.as_bytes(), b"\xff\xfe"].concat(),
        good.replace(ACCOUNT, "11112222\u{fffd}").into_bytes(),
    ];
    for payload in bad {
        let shown = String::from_utf8_lossy(&payload).into_owned();
        let (error_type, _) = error(function.invoke(payload).await);
        assert_eq!(error_type, "InvalidEvent", "{shown}");
    }
    assert!(function.aws.requests().is_empty());
    response(function.invoke(good).await);
}

#[tokio::test]
async fn a_hundred_invocations_make_two_calls_each_on_two_connections() {
    let function = Function::start(account()).await;
    for _ in 0..100 {
        response(function.evaluate().await);
    }
    let requests = function.aws.requests();
    let operations: Vec<_> = requests.iter().filter_map(|it| it.operation).collect();
    assert_eq!(operations, [GetAccountSummary, PutEvaluations].repeat(100));
    let connections = function.aws.connections();
    assert_eq!((connections.iam, connections.config), (1, 1));
}

#[tokio::test]
async fn over_tls_there_is_one_handshake_with_each_service() {
    let aws = LocalAws::start_tls().await.unwrap();
    let function = Function::spawn(&bootstrap(), aws, account(), &[]).await;
    for _ in 0..10 {
        response(function.evaluate().await);
    }
    assert_eq!(function.aws.connections().handshakes, 2);
}

/// A function whose calls of GetAccountSummary get no response.
async fn hanging() -> Function {
    let function = Function::start(account()).await;
    let aws = &function.aws;
    aws.fault_always(ACCOUNT, GetAccountSummary, Fault::Hang);
    function
}

#[tokio::test]
async fn a_hang_is_reported_before_lambda_ends_the_run() {
    let function = hanging().await;
    let invocation = Invocation::of(FUNCTION).within(Duration::from_secs(2));
    let (error_type, _) = error(function.evaluate_as(invocation).await);
    assert_eq!(error_type, "EvidenceUnavailable");
}

/// No input makes the rule panic, so the test runs an example binary with a deliberate
/// panic.
#[tokio::test]
async fn scenario_17_a_panic_has_a_name_and_the_next_event_is_served() {
    let aws = LocalAws::start().await.unwrap();
    let function = Function::spawn(&defect(), aws, account(), &[]).await;
    let token = "a-token-that-must-not-be-seen";
    let (error_type, message) = error(function.invoke(format!("panic: {token}")).await);
    assert_eq!(error_type, "InternalError");
    assert!(message.contains("examples/defect.rs:"), "{message}");
    response(function.evaluate().await);

    let log = function.log();
    assert_eq!(log.len(), 2, "{log:?}");
    assert_eq!(log[0]["error_type"], "InternalError");
    assert!(!function.process.output().contains(token));
}

#[tokio::test]
async fn the_error_of_an_unreachable_endpoint_names_the_variable_that_sets_it() {
    const IAM: &str = "AWS_ENDPOINT_URL_IAM";
    const CONFIG: &str = "AWS_ENDPOINT_URL_CONFIG_SERVICE";
    const BOTH: &str = "AWS_ENDPOINT_URL";
    let cases = [
        (IAM, IAM, "EvidenceUnavailable"),
        (BOTH, IAM, "EvidenceUnavailable"),
        (CONFIG, CONFIG, "EvaluationNotDelivered"),
        (BOTH, CONFIG, "EvaluationNotDelivered"),
    ];
    for (set, instead_of, expected) in cases {
        // Nobody listens on the port for discarding what arrives.
        let changes = [(instead_of, None), (set, Some("http://127.0.0.1:9"))];
        let function = Function::start_with(account(), &changes).await;
        let (error_type, message) = error(function.evaluate().await);
        assert_eq!(error_type, expected);
        let end = format!("security groups, DNS, {set}");
        assert!(message.ends_with(&end), "{message}");
    }
}

#[tokio::test]
async fn a_header_that_cannot_be_read_is_ignored_and_the_event_is_served() {
    const CLIENT: &str = "lambda-runtime-client-context";
    const IDENTITY: &str = "lambda-runtime-cognito-identity";
    const DEADLINE: &str = "lambda-runtime-deadline-ms";
    const TRACE: &str = "lambda-runtime-trace-id";
    let function = Function::start(account()).await;
    let values: [(&str, &[u8]); 22] = [
        (CLIENT, br#"{"custom":{"attempt":1}}"#),
        (CLIENT, br#"{"custom":{"a":{"b":[1,null]}}}"#),
        (CLIENT, br#"{"client":{"installation_id":"x"}}"#),
        (CLIENT, br#"{"environment":null}"#),
        (CLIENT, b"null"),
        (CLIENT, b"[]"),
        (CLIENT, b"not JSON"),
        (CLIENT, b""),
        (CLIENT, b"\xff\xfe"),
        (IDENTITY, b"{}"),
        (IDENTITY, b"null"),
        (IDENTITY, br#"{"identity_id":1,"identity_pool_id":{}}"#),
        (IDENTITY, b"\xff\xfe"),
        (TRACE, b"\xff\xfe"),
        ("lambda-runtime-aws-tenant-id", b"\xff\xfe"),
        (DEADLINE, b""),
        (DEADLINE, b"soon"),
        (DEADLINE, b"-1"),
        (DEADLINE, b"1.8e12"),
        (DEADLINE, b"18446744073709551616"),
        (DEADLINE, b"18446744073709551615"),
        (DEADLINE, b"\xff\xfe"),
    ];
    for (name, value) in values {
        let invocation = Invocation::of(FUNCTION).with_header(name, value);
        response(function.evaluate_as(invocation).await);
    }
    for name in [CLIENT, IDENTITY, DEADLINE, TRACE, "content-type"] {
        let invocation = Invocation::of(FUNCTION).without_header(name);
        response(function.evaluate_as(invocation).await);
    }
}

#[tokio::test]
async fn without_a_deadline_a_hang_is_still_reported() {
    let function = hanging().await;
    let invocation = Invocation::of(FUNCTION).without_header("lambda-runtime-deadline-ms");
    let (error_type, _) = error(function.evaluate_as(invocation).await);
    assert_eq!(error_type, "EvidenceUnavailable");
}

#[tokio::test]
async fn an_event_without_a_readable_function_arn_fails_and_the_next_is_served() {
    let arn = "lambda-runtime-invoked-function-arn";
    let function = Function::start(account()).await;
    for invocation in [
        Invocation::of(FUNCTION).without_header(arn),
        Invocation::of(FUNCTION).with_header(arn, b"\xff\xfe"),
        Invocation::of(FUNCTION).with_header(arn, ""),
    ] {
        let (error_type, _) = error(function.evaluate_as(invocation).await);
        assert_eq!(error_type, "WrongAccount");
    }
    assert!(function.aws.requests().is_empty());
    response(function.evaluate().await);
}

/// The process has ended, and its last log line says why.
fn stopped(process: &FunctionProcess, code: Option<i32>, words: &str) {
    assert_eq!(code, Some(1));
    let output = process.output();
    let last: Value = serde_json::from_str(output.lines().last().unwrap()).unwrap();
    assert_eq!(last["level"], "ERROR");
    assert_eq!(last["message"], "stopped");
    assert_eq!(last["error_type"], "RuntimeApiLost");
    assert!(last["error"].as_str().unwrap().contains(words), "{last}");
    assert!(!output.contains("start failed") && !output.contains("InvalidEnvironment"));
}

#[tokio::test]
async fn an_event_without_a_readable_request_id_stops_the_process_and_is_logged() {
    let id = "lambda-runtime-aws-request-id";
    for invocation in [
        Invocation::of(FUNCTION).without_header(id),
        Invocation::of(FUNCTION).with_header(id, b"\xff\xfe"),
    ] {
        let function = Function::start(account()).await;
        response(function.evaluate().await);
        let Outcome::Exited(code) = function.evaluate_as(invocation).await else {
            panic!("still running")
        };
        let words = "after 1 events: it returned an event without a readable request ID";
        stopped(&function.process, code, words);
    }
}

#[tokio::test]
async fn losing_the_runtime_api_after_good_runs_is_logged() {
    let function = Function::start(account()).await;
    for _ in 0..3 {
        response(function.evaluate().await);
    }
    drop(function.runtime);
    let code = function.process.exited().await;
    let words = "lost Lambda's Runtime API after 3 events: ";
    stopped(&function.process, code, words);
}
