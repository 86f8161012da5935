//! Events as the Runtime API gives them: each is served whatever its headers hold,
//! and every outcome has a name.

use std::path::Path;
use std::time::Duration;

use local_aws::{
    Fault, FunctionProcess, Invocation, LocalAws, Operation, Outcome, RuntimeApi,
    lambda_environment,
};
use serde_json::Value;

use crate::function::{Function, bootstrap, error_type};
use crate::wire::{ACCOUNT, FUNCTION, account};
use Operation::{GetAccountSummary, PutEvaluations};

#[tokio::test]
async fn whatever_comes_in_is_named_and_the_next_good_event_is_served() {
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
        assert_eq!(
            error_type(&function.invoke(payload).await),
            "InvalidEvent",
            "{shown}"
        );
    }
    assert!(function.aws.requests().is_empty());
    assert!(matches!(function.invoke(good).await, Outcome::Response(_)));
}

#[tokio::test]
async fn a_hundred_invocations_make_two_calls_each_on_two_connections() {
    let function = Function::start(account()).await;
    for _ in 0..100 {
        assert!(matches!(function.evaluate().await, Outcome::Response(_)));
    }
    let operations: Vec<_> = function
        .aws
        .requests()
        .iter()
        .filter_map(|r| r.operation)
        .collect();
    assert_eq!(operations, [GetAccountSummary, PutEvaluations].repeat(100));
    let connections = function.aws.connections();
    assert_eq!((connections.iam, connections.config), (1, 1));
}

#[tokio::test]
async fn over_tls_there_is_one_handshake_with_each_service() {
    let aws = LocalAws::start_tls().await.unwrap();
    let runtime = RuntimeApi::start().await.unwrap();
    aws.put_account(account());
    let environment = lambda_environment(&aws, &runtime, &account());
    let process = FunctionProcess::spawn(&bootstrap(), &environment).unwrap();
    for _ in 0..10 {
        let event = aws.event(ACCOUNT).to_string();
        let outcome = process
            .invoke(&runtime, event, Invocation::of(FUNCTION))
            .await;
        assert!(matches!(outcome, Outcome::Response(_)), "{outcome:?}");
    }
    assert_eq!(aws.connections().handshakes, 2);
}

#[tokio::test]
async fn a_hang_is_named_before_lambda_ends_the_run() {
    let function = Function::start(account()).await;
    function
        .aws
        .fault_always(ACCOUNT, GetAccountSummary, Fault::Hang);
    let event = function.aws.event(ACCOUNT).to_string();
    let invocation = Invocation::of(FUNCTION).within(Duration::from_secs(2));
    let outcome = function
        .process
        .invoke(&function.runtime, event, invocation)
        .await;
    assert_eq!(error_type(&outcome), "EvidenceUnavailable");
}

/// The defect is planted in an example that serves as `bootstrap` does
/// (`examples/defect.rs`): the product itself has none that could be ordered.
#[tokio::test]
async fn scenario_17_a_panic_has_a_name_and_the_next_event_is_served() {
    let examples = Path::new(env!("CARGO_BIN_EXE_bootstrap")).with_file_name("examples");
    let function = Function::start_with(account(), &examples.join("defect"), |_| ()).await;
    let token = "a-token-that-must-not-be-seen";
    let outcome = function.invoke(format!("panic: {token}")).await;
    let Outcome::Error(error) = outcome else {
        panic!("no error: {outcome:?}")
    };
    assert_eq!(error.error_type, "InternalError");
    assert!(
        error.error_message.contains("examples/defect.rs:"),
        "{}",
        error.error_message
    );
    assert!(matches!(function.evaluate().await, Outcome::Response(_)));

    let log = function.log();
    assert_eq!(log.len(), 2, "{log:?}");
    assert_eq!(log[0]["error_type"], "InternalError");
    assert!(!function.process.output().contains(token));
}

#[tokio::test]
async fn an_endpoint_out_of_reach_is_named_by_the_variable_that_sets_it() {
    const IAM: &str = "AWS_ENDPOINT_URL_IAM";
    const CONFIG: &str = "AWS_ENDPOINT_URL_CONFIG_SERVICE";
    const BOTH: &str = "AWS_ENDPOINT_URL";
    let cases = [
        (IAM, IAM, "EvidenceUnavailable"),
        (BOTH, IAM, "EvidenceUnavailable"),
        (CONFIG, CONFIG, "EvaluationNotDelivered"),
        (BOTH, CONFIG, "EvaluationNotDelivered"),
    ];
    for (set, instead_of, error_type) in cases {
        let function = Function::start_with(account(), &bootstrap(), |environment| {
            environment.remove(instead_of);
            // Nobody listens on the port for discarding what comes.
            environment.insert(set.to_owned(), "http://127.0.0.1:9".to_owned());
        })
        .await;
        let Outcome::Error(error) = function.evaluate().await else {
            panic!("{set}: no error")
        };
        assert_eq!(error.error_type, error_type);
        let end = format!("security groups, DNS, {set}");
        assert!(
            error.error_message.ends_with(&end),
            "{}",
            error.error_message
        );
    }
}

/// The outcome of a good event that comes with such headers.
async fn outcome_of(function: &Function, invocation: Invocation) -> Outcome {
    let event = function.aws.event(ACCOUNT).to_string();
    function
        .process
        .invoke(&function.runtime, event, invocation)
        .await
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
        let outcome = outcome_of(&function, invocation).await;
        let shown = String::from_utf8_lossy(value);
        assert!(
            matches!(outcome, Outcome::Response(_)),
            "{name}: {shown}: {outcome:?}"
        );
    }
    for name in [CLIENT, IDENTITY, DEADLINE, TRACE, "content-type"] {
        let invocation = Invocation::of(FUNCTION).without_header(name);
        let outcome = outcome_of(&function, invocation).await;
        assert!(
            matches!(outcome, Outcome::Response(_)),
            "{name}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn an_assumed_deadline_still_ends_a_hang_by_name() {
    let function = Function::start(account()).await;
    function
        .aws
        .fault_always(ACCOUNT, GetAccountSummary, Fault::Hang);
    let invocation = Invocation::of(FUNCTION).without_header("lambda-runtime-deadline-ms");
    let outcome = outcome_of(&function, invocation).await;
    assert_eq!(error_type(&outcome), "EvidenceUnavailable");
}

#[tokio::test]
async fn without_a_readable_function_arn_the_event_fails_by_name_and_the_next_is_served() {
    let arn = "lambda-runtime-invoked-function-arn";
    let function = Function::start(account()).await;
    for invocation in [
        Invocation::of(FUNCTION).without_header(arn),
        Invocation::of(FUNCTION).with_header(arn, b"\xff\xfe"),
        Invocation::of(FUNCTION).with_header(arn, ""),
    ] {
        let outcome = outcome_of(&function, invocation).await;
        assert_eq!(error_type(&outcome), "WrongAccount");
    }
    assert!(function.aws.requests().is_empty());
    assert!(matches!(function.evaluate().await, Outcome::Response(_)));
}

/// The process has ended with one line that says so, in words of its own.
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
async fn an_event_that_cannot_be_answered_ends_the_process_in_words() {
    for invocation in [
        Invocation::of(FUNCTION).without_header("lambda-runtime-aws-request-id"),
        Invocation::of(FUNCTION).with_header("lambda-runtime-aws-request-id", b"\xff\xfe"),
    ] {
        let function = Function::start(account()).await;
        assert!(matches!(function.evaluate().await, Outcome::Response(_)));
        let Outcome::Exited(code) = outcome_of(&function, invocation).await else {
            panic!("still running")
        };
        stopped(
            &function.process,
            code,
            "after 1 events: it gave an event without a readable request id",
        );
    }
}

#[tokio::test]
async fn losing_the_runtime_api_after_good_runs_has_words_of_its_own() {
    let aws = LocalAws::start().await.unwrap();
    let runtime = RuntimeApi::start().await.unwrap();
    aws.put_account(account());
    let environment = lambda_environment(&aws, &runtime, &account());
    let process = FunctionProcess::spawn(&bootstrap(), &environment).unwrap();
    for _ in 0..3 {
        let event = aws.event(ACCOUNT).to_string();
        let invocation = Invocation::of(FUNCTION);
        let outcome = process.invoke(&runtime, event, invocation).await;
        assert!(matches!(outcome, Outcome::Response(_)), "{outcome:?}");
    }
    drop(runtime);
    let code = process.exited().await;
    stopped(&process, code, "lost Lambda's Runtime API after 3 events: ");
}
