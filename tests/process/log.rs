//! The log of the process: one line an evaluation, and no secret in any.

use local_aws::{Environment, Fault, Operation, Outcome, default_time, report_answer};
use serde_json::Value;

use crate::function::{Function, bootstrap, error_type};
use crate::wire::{ACCOUNT, account, account_with_key, fixture};
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
