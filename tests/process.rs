//! The real `bootstrap` binary against the Lambda Runtime API: start, panic,
//! deadline, connections, and what is in its output. `BOOTSTRAP=PATH` runs the
//! same against another build of it, such as the packaged one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod function;
mod wire;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use function::{Function, bootstrap, error_type};
use local_aws::{
    Environment, Fault, FunctionProcess, Invocation, LocalAws, Operation, Outcome, RuntimeApi,
    default_time, lambda_environment, report_answer,
};
use serde_json::Value;
use wire::{ACCOUNT, FUNCTION, account, account_with_key, fixture};

use Operation::{GetAccountSummary, PutEvaluations};

#[tokio::test]
async fn an_evaluation_answers_and_leaves_one_log_line() {
    let function = Function::start(account_with_key()).await;
    let Outcome::Response(body) = function.evaluate().await else {
        panic!("no response")
    };
    let answer: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(answer["complianceType"], "NON_COMPLIANT");

    let log = function.log();
    assert_eq!(log.len(), 1);
    let line = &log[0];
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["message"], "evaluated");
    assert_eq!(line["account"], ACCOUNT);
    assert_eq!(line["rule"], local_aws::RULE_NAME);
    assert_eq!(line["compliance_type"], "NON_COMPLIANT");
    assert_eq!(line["annotation"], answer["annotation"]);
    assert_eq!(line["version"], env!("CARGO_PKG_VERSION"));
    for named in [
        "timestamp",
        "request_id",
        "iam_request_id",
        "config_request_id",
    ] {
        assert!(
            line[named].as_str().is_some_and(|text| !text.is_empty()),
            "{named}: {line}"
        );
    }
    for counted in ["evidence_ms", "report_ms", "delivery_ms", "total_ms"] {
        assert!(line[counted].is_u64(), "{counted}: {line}");
    }
}

#[tokio::test]
async fn a_failure_reaches_lambda_by_name_and_leaves_one_log_line() {
    let function = Function::start(account()).await;
    function
        .aws
        .fault_always(ACCOUNT, GetAccountSummary, Fault::Denied);
    let outcome = function.evaluate().await;
    let Outcome::Error(error) = outcome else {
        panic!("no error: {outcome:?}")
    };
    assert_eq!(error.error_type, "EvidenceUnavailable");
    assert!(
        error.error_message.contains("AccessDenied"),
        "{}",
        error.error_message
    );

    let log = function.log();
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(log[0]["level"], "ERROR");
    assert_eq!(log[0]["message"], "evaluation failed");
    assert_eq!(log[0]["error_type"], "EvidenceUnavailable");
    assert_eq!(log[0]["error"], error.error_message.as_str());
    assert_eq!(log[0]["account"], ACCOUNT);
}

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

#[tokio::test]
async fn scenario_16_a_start_without_what_lambda_promises_is_told_by_name() {
    for name in [
        "AWS_REGION",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    ] {
        for value in [None, Some("")] {
            let change = |environment: &mut Environment| {
                environment.remove(name);
                environment.remove("AWS_DEFAULT_REGION");
                if let Some(value) = value {
                    environment.insert(name.to_owned(), value.to_owned());
                }
            };
            let function = Function::start_with(account(), &bootstrap(), change).await;
            not_started(&function, name).await;
        }
    }
}

#[tokio::test]
async fn scenario_16_an_ill_formed_memory_size_is_told_by_name() {
    let change = |environment: &mut Environment| {
        environment.insert(
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE".to_owned(),
            "lots".to_owned(),
        );
    };
    let function = Function::start_with(account(), &bootstrap(), change).await;
    not_started(&function, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE").await;
}

#[tokio::test]
async fn scenario_16_without_credentials_the_start_fails_by_name() {
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        let change = |environment: &mut Environment| {
            environment.remove(name);
        };
        let function = Function::start_with(account(), &bootstrap(), change).await;
        not_started(&function, name).await;
    }
}

#[tokio::test]
async fn scenario_16_what_the_sdk_would_only_trip_over_later_is_named_at_the_start() {
    let cases = [
        ("AWS_REGION", "us east 1"),
        ("AWS_REGION", "us-east-1\n"),
        ("AWS_REGION", "https://iam.amazonaws.com"),
        ("AWS_REGION", "-"),
        ("AWS_REGION", "évora-1"),
        ("AWS_SECRET_ACCESS_KEY", "two words"),
        ("AWS_SESSION_TOKEN", "line\nline"),
        ("AWS_ENDPOINT_URL", "nonsense"),
        ("AWS_ENDPOINT_URL_IAM", "127.0.0.1:9000"),
        ("AWS_ENDPOINT_URL_IAM", "ftp://127.0.0.1"),
        ("AWS_ENDPOINT_URL_IAM", "http://"),
        ("AWS_ENDPOINT_URL_CONFIG_SERVICE", "http://[::1"),
        (
            "AWS_ENDPOINT_URL_CONFIG_SERVICE",
            "http://name:password@127.0.0.1",
        ),
        ("AWS_ENDPOINT_URL_CONFIG_SERVICE", "http://127.0.0.1/?a=b"),
        ("AWS_USE_FIPS_ENDPOINT", "yes"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "1"),
    ];
    for (name, value) in cases {
        let change = |environment: &mut Environment| {
            environment.insert(name.to_owned(), value.to_owned());
        };
        let function = Function::start_with(account(), &bootstrap(), change).await;
        not_started(&function, name).await;
        let error = &function.runtime.init_errors()[0].error_message;
        assert!(
            !error.contains(value) || value == "-" || value == "1",
            "{error}"
        );
    }
}

#[tokio::test]
async fn scenario_16_root_certificates_that_cannot_be_read_are_named_at_the_start() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("root-certificates");
    let empty_folder = folder.join("empty");
    fs::create_dir_all(&empty_folder).unwrap();
    let file = |name: &str, text: &str| {
        let file = folder.join(name);
        fs::write(&file, text).unwrap();
        file
    };
    let pem = |inside: &str| {
        format!("-----BEGIN CERTIFICATE-----\n{inside}\n-----END CERTIFICATE-----\n")
    };
    let cases = [
        ("SSL_CERT_FILE", folder.join("missing.pem")),
        ("SSL_CERT_FILE", empty_folder.clone()),
        ("SSL_CERT_FILE", PathBuf::new()),
        ("SSL_CERT_FILE", file("empty.pem", "")),
        ("SSL_CERT_FILE", file("words.pem", "no certificate")),
        ("SSL_CERT_FILE", file("no-base64.pem", &pem("%%%"))),
        (
            "SSL_CERT_FILE",
            file("no-certificate.pem", &pem("bm9uZQ==")),
        ),
        ("SSL_CERT_DIR", folder.join("missing")),
        ("SSL_CERT_DIR", folder.clone()),
        ("SSL_CERT_DIR", empty_folder),
    ];
    for (name, path) in cases {
        let change = |environment: &mut Environment| {
            environment.insert(name.to_owned(), path.display().to_string());
        };
        let function = Function::start_with(account(), &bootstrap(), change).await;
        not_started(&function, name).await;
    }
}

/// The process ends with a failure, and Lambda and the log both receive the reason.
async fn not_started(function: &Function, named: &str) {
    let code = function.process.exited().await;
    assert!(
        code.is_some_and(|code| code != 0),
        "{named}: exit code {code:?}"
    );
    let told = function.runtime.init_errors();
    assert_eq!(told.len(), 1, "{named}: {told:?}");
    assert_eq!(told[0].error_type, "InvalidEnvironment");
    assert_eq!(told[0].header.as_deref(), Some("InvalidEnvironment"));
    assert!(
        told[0].error_message.contains(named),
        "{}",
        told[0].error_message
    );
    let log = function.log();
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(log[0]["error_type"], "InvalidEnvironment");
}

#[tokio::test]
async fn scenario_16_without_a_runtime_api_only_the_log_can_say_so() {
    let change = |environment: &mut Environment| {
        environment.remove("AWS_LAMBDA_RUNTIME_API");
    };
    let function = Function::start_with(account(), &bootstrap(), change).await;
    assert_eq!(function.process.exited().await, Some(1));
    assert!(
        function.log()[0]["error"]
            .as_str()
            .unwrap()
            .contains("AWS_LAMBDA_RUNTIME_API")
    );
}

#[tokio::test]
async fn the_default_region_serves_where_lambda_sets_no_other() {
    for other in [None, Some("")] {
        let change = |environment: &mut Environment| {
            let region = environment.remove("AWS_REGION").unwrap();
            environment.insert("AWS_DEFAULT_REGION".to_owned(), region);
            if let Some(other) = other {
                environment.insert("AWS_REGION".to_owned(), other.to_owned());
            }
        };
        let function = Function::start_with(account(), &bootstrap(), change).await;
        assert!(matches!(function.evaluate().await, Outcome::Response(_)));
    }
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
async fn a_panic_at_the_start_is_reported_by_its_place_alone() {
    let examples = Path::new(env!("CARGO_BIN_EXE_bootstrap")).with_file_name("examples");
    let secret = "a-value-that-must-not-be-seen";
    let change = |environment: &mut Environment| {
        environment.insert("DEFECT".to_owned(), secret.to_owned());
    };
    let function = Function::start_with(account(), &examples.join("defect"), change).await;
    assert_eq!(function.process.exited().await, Some(1));
    let posted = function.runtime.init_errors();
    assert_eq!(posted.len(), 1, "{posted:?}");
    assert_eq!(posted[0].error_type, "InternalError");
    let log = function.log();
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(log[0]["error_type"], "InternalError");
    for text in [&posted[0].error_message, log[0]["error"].as_str().unwrap()] {
        assert!(text.contains("examples/defect.rs:"), "{text}");
    }
    assert!(!function.process.output().contains(secret));
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

#[tokio::test]
async fn a_test_run_is_marked_in_log_and_response() {
    let function = Function::start(account()).await;
    for test_mode in [true, false] {
        let mut event = function.aws.event(ACCOUNT);
        if test_mode {
            event["resultToken"] = "TESTMODE".into();
        }
        let Outcome::Response(body) = function.invoke(event.to_string()).await else {
            panic!("no response")
        };
        let response: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(response["test_mode"], test_mode);
        let line = function.log().pop().unwrap();
        assert_eq!(
            line.get("test_mode"),
            test_mode.then_some(&Value::Bool(true))
        );
    }
}

/// Everything a passing and a failing run print, at that log level.
async fn everything_printed(level: &str) -> (String, Vec<String>) {
    let change = |environment: &mut Environment| {
        environment.insert("AWS_LAMBDA_LOG_LEVEL".to_owned(), level.to_owned());
        environment.insert("RUST_LOG".to_owned(), "trace".to_owned());
        environment.insert("RUST_BACKTRACE".to_owned(), "full".to_owned());
    };
    let function = Function::start_with(account_with_key(), &bootstrap(), change).await;
    let mut secrets = Vec::new();
    let mut faults: Vec<(Operation, Fault)> = vec![
        (GetAccountSummary, Fault::Denied),
        (
            GetAccountSummary,
            Fault::xml(fixture("iam/no-evidence/value-no-number.txt")),
        ),
        (
            GetAccountSummary,
            Fault::xml(fixture("iam/no-evidence/key-twice.txt")),
        ),
        (
            GetAccountSummary,
            Fault::xml(fixture("iam/no-evidence/captive-portal.txt")),
        ),
        (PutEvaluations, Fault::FailedEvaluations),
        (PutEvaluations, Fault::json("{\"FailedEvaluations\":[")),
    ];
    let mut events = vec![function.aws.event(ACCOUNT)];
    let passed = function.invoke(events[0].to_string()).await;
    assert!(matches!(passed, Outcome::Response(_)), "{passed:?}");
    while let Some((operation, fault)) = faults.pop() {
        // An incomplete response is tried again, so one would not fail the run.
        function.aws.fault_always(ACCOUNT, operation, fault);
        let event = function.aws.event(ACCOUNT);
        error_type(&function.invoke(event.to_string()).await);
        function.aws.clear_faults(ACCOUNT);
        events.push(event);
    }
    let quoting = function.aws.event(ACCOUNT);
    let token = quoting["resultToken"].as_str().unwrap().to_owned();
    let refusal = Fault::aws_error(400, "InvalidResultTokenException", &token);
    function.aws.fault(ACCOUNT, PutEvaluations, refusal);
    error_type(&function.invoke(quoting.to_string()).await);
    events.push(quoting);

    // A piece of each secret would be as bad as the whole.
    for event in events {
        let token = event["resultToken"].as_str().unwrap();
        secrets.extend([token[..24].to_owned(), token[token.len() - 40..].to_owned()]);
    }
    let keys = function.account.credentials();
    secrets.extend([
        keys.access_key_id,
        keys.secret_access_key,
        keys.session_token,
    ]);
    let generated_at = default_time() - chrono::Duration::hours(1);
    let report = report_answer(&function.account.report_at(generated_at), generated_at, "");
    let base64 = report.split("<Content>").nth(1).unwrap();
    secrets.push(base64[..24].to_owned());
    secrets.extend(
        [
            "<SummaryMap>",
            "SummaryMap>",
            "<root_account>",
            "Welcome to the network",
        ]
        .map(str::to_owned),
    );
    (function.process.output(), secrets)
}

#[tokio::test]
async fn no_secret_is_printed_at_any_level() {
    for level in ["TRACE", "DEBUG", "INFO", "ERROR"] {
        let (output, secrets) = everything_printed(level).await;
        // There was output to search, of failures and (down to INFO) of success.
        assert_eq!(
            output.matches("evaluation failed").count(),
            7,
            "{level}: {output}"
        );
        assert_eq!(
            output.contains("\"evaluated\""),
            level != "ERROR",
            "{level}"
        );
        for secret in secrets {
            assert!(
                !output.contains(&secret),
                "{level}: {secret} is in {output}"
            );
        }
    }
}
