//! The log of the process: one line for each evaluation, and no secret in any line.

use local_aws::{Fault, Operation, default_time, report_answer};
use serde_json::Value;

use crate::function::{Function, error, response};
use crate::wire::{ACCOUNT, account, account_with_key, fixture};
use Operation::{GetAccountSummary, PutEvaluations};

#[tokio::test]
async fn an_evaluation_has_a_response_and_one_log_line() {
    let function = Function::start(account_with_key()).await;
    let response = response(function.evaluate().await);
    assert_eq!(response["complianceType"], "NON_COMPLIANT");

    let log = function.log();
    assert_eq!(log.len(), 1);
    let line = &log[0];
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["message"], "evaluated");
    assert_eq!(line["account"], ACCOUNT);
    assert_eq!(line["rule"], local_aws::RULE_NAME);
    assert_eq!(line["compliance_type"], "NON_COMPLIANT");
    assert_eq!(line["annotation"], response["annotation"]);
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
async fn a_failure_reaches_lambda_and_has_one_log_line() {
    let function = Function::start(account()).await;
    let aws = &function.aws;
    aws.fault_always(ACCOUNT, GetAccountSummary, Fault::Denied);
    let (error_type, message) = error(function.evaluate().await);
    assert_eq!(error_type, "EvidenceUnavailable");
    assert!(message.contains("AccessDenied"), "{message}");

    let log = function.log();
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(log[0]["level"], "ERROR");
    assert_eq!(log[0]["message"], "evaluation failed");
    assert_eq!(log[0]["error_type"], "EvidenceUnavailable");
    assert_eq!(log[0]["error"], message.as_str());
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
        let response = response(function.invoke(event.to_string()).await);
        assert_eq!(response["test_mode"], test_mode);
        let line = function.log().pop().unwrap();
        assert_eq!(
            line.get("test_mode"),
            test_mode.then_some(&Value::Bool(true))
        );
    }
}

/// Everything that a passing run and seven failing runs print at that log level, and the
/// pieces of secrets and of raw responses that must not be in it.
async fn printed_and_secret(level: &str) -> (String, Vec<String>) {
    let changes = [
        ("AWS_LAMBDA_LOG_LEVEL", Some(level)),
        ("RUST_LOG", Some("trace")),
        ("RUST_BACKTRACE", Some("full")),
    ];
    let function = Function::start_with(account_with_key(), &changes).await;
    let mut secrets: Vec<String> = Vec::new();
    let mut event_with_token = || {
        let event = function.aws.event(ACCOUNT);
        let token = event["resultToken"].as_str().unwrap().to_owned();
        // A piece of each secret would be as bad as all of it.
        secrets.extend([token[..24].to_owned(), token[token.len() - 40..].to_owned()]);
        (event.to_string(), token)
    };
    response(function.invoke(event_with_token().0).await);
    let summary = |case: &str| Fault::xml(fixture(&format!("iam/unusable/{case}.txt")));
    let quoting = |token: &str| Fault::aws_error(400, "InvalidResultTokenException", token);
    for number in 0..7 {
        let (event, token) = event_with_token();
        let (operation, fault) = match number {
            0 => (GetAccountSummary, Fault::Denied),
            1 => (GetAccountSummary, summary("value-no-number")),
            2 => (GetAccountSummary, summary("key-twice")),
            3 => (GetAccountSummary, summary("captive-portal")),
            4 => (PutEvaluations, Fault::FailedEvaluations),
            5 => (PutEvaluations, Fault::json("{\"FailedEvaluations\":[")),
            _ => (PutEvaluations, quoting(&token)),
        };
        function.aws.fault_always(ACCOUNT, operation, fault);
        error(function.invoke(event).await);
        function.aws.clear_faults(ACCOUNT);
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
    let raw = ["SummaryMap>", "<root_account>", "Welcome to the network"];
    secrets.extend(raw.map(str::to_owned));
    (function.process.output(), secrets)
}

#[tokio::test]
async fn no_secret_is_printed_at_any_level() {
    for level in ["TRACE", "DEBUG", "INFO", "ERROR"] {
        let (output, secrets) = printed_and_secret(level).await;
        // There was output to search, of failures and (down to INFO) of success.
        let failures = output.matches("evaluation failed").count();
        assert_eq!(failures, 7, "{level}: {output}");
        let has_evaluation = output.contains("\"evaluated\"");
        assert_eq!(has_evaluation, level != "ERROR", "{level}");
        for secret in secrets {
            assert!(!output.contains(&secret), "{level}: {secret}: {output}");
        }
    }
}
