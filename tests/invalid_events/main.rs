//! Scenarios 10–12 of docs/rule.md: events that are rejected before any AWS call.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod mutations;
#[path = "../harness/wire.rs"]
mod wire;

use std::fs;

use mutations::mutations;
use root_access_key_rule::error::RuleError;
use root_access_key_rule::rule::event::EvaluationRequest;
use serde_json::{Value, json};
use wire::{ACCOUNT, FUNCTION, TIMEOUT, Wire, account, fixture};

/// An account that is not the function's.
const OTHER: &str = "444455556666";

#[tokio::test]
async fn scenarios_10_to_12_every_invalid_event_is_rejected_without_an_aws_call() {
    let wire = Wire::to(account()).await;
    let mut rejected = 0;
    let folder = format!("{}/tests/fixtures/events/valid", env!("CARGO_MANIFEST_DIR"));
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let case = path.file_name().unwrap().to_string_lossy().into_owned();
        for broken in mutations(&fs::read_to_string(&path).unwrap()) {
            let what = format!("{case}: {}", broken.what);
            let outcome = wire.evaluate_payload(&broken.payload).await;
            let error = outcome.expect_err(&what);
            assert_eq!(error.error_type(), broken.error_type, "{what}: {error}");
            assert!(error.message().contains(&broken.named), "{what}: {error}");
            assert!(wire.aws.requests().is_empty(), "{what} made an AWS call");
            rejected += 1;
        }
    }
    assert!(rejected >= 300, "only {rejected} invalid events");
    let next = wire.evaluate().await;
    next.expect("the next valid event is served");
    assert_eq!(wire.aws.evaluations(ACCOUNT).len(), 1);
}

/// The error of a valid event in the function with that ARN.
async fn error_in(wire: &Wire, function_arn: &str) -> RuleError {
    let event = wire.aws.event(ACCOUNT);
    let outcome = wire.evaluate_as(&event, function_arn, TIMEOUT).await;
    let error = outcome.expect_err(function_arn);
    assert_eq!(error.error_type(), "WrongAccount", "{function_arn}");
    assert!(wire.aws.requests().is_empty());
    error
}

#[tokio::test]
async fn scenario_10_an_event_for_another_account_is_rejected_and_both_are_named() {
    let wire = Wire::to(account()).await;
    let error = error_in(&wire, &FUNCTION.replace(ACCOUNT, OTHER)).await;
    let names = |account| error.message().contains(account);
    assert!(names(ACCOUNT) && names(OTHER), "{error}");
}

#[tokio::test]
async fn scenario_10_a_malformed_function_arn_is_the_wrong_account() {
    let wire = Wire::to(account()).await;
    for arn in [
        "",
        "No header lambda-runtime-invoked-function-arn found.",
        "arn:aws:lambda:us-east-1:111122223333",
        "arn:aws:lambda:us-east-1:111122223333:function:",
        "arn:aws:lambda:us-east-1:11112222333:function:root-access-key-rule",
        "arn:aws:iam::111122223333:function:root-access-key-rule",
        "arn:aws:lambda:us-east-1:111122223333:layer:root-access-key-rule",
        "xrn:aws:lambda:us-east-1:111122223333:function:root-access-key-rule",
    ] {
        error_in(&wire, arn).await;
    }
}

#[tokio::test]
async fn a_qualified_function_in_any_partition_is_this_account() {
    let wire = Wire::to(account()).await;
    for arn in [
        "arn:aws:lambda:us-east-1:111122223333:function:root-access-key-rule:live",
        "arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:root-access-key-rule",
        "arn:aws-cn:lambda:cn-north-1:111122223333:function:any-name:7",
    ] {
        let event = wire.aws.event(ACCOUNT);
        let outcome = wire.evaluate_as(&event, arn, TIMEOUT).await;
        outcome.expect(arn);
    }
}

#[tokio::test]
async fn scenario_12_every_form_of_no_parameters_is_accepted() {
    let wire = Wire::to(account()).await;
    let texts = ["", " \n\t", "{}", " { } "].map(Value::from);
    for none in texts.into_iter().chain([json!(null), json!({})]) {
        let mut event = wire.aws.event(ACCOUNT);
        event["ruleParameters"] = none.clone();
        assert!(wire.evaluate_event(&event).await.is_ok(), "{none}");
    }
}

#[tokio::test]
async fn an_error_never_quotes_the_result_token() {
    let wire = Wire::to(account()).await;
    let token = "a-token-that-must-not-be-seen";
    let payload = fixture("events/valid/documented.json").replace("TESTMODE", token);
    for broken in mutations(&payload) {
        let error = wire.evaluate_payload(&broken.payload).await.unwrap_err();
        assert!(!error.message().contains(token), "{}: {error}", broken.what);
    }
}

#[test]
fn a_request_is_printed_without_its_result_token() {
    let token = "a-token-that-must-not-be-seen";
    let payload = fixture("events/valid/documented.json").replace("TESTMODE", token);
    let request = EvaluationRequest::from_payload(&payload, FUNCTION).unwrap();
    assert_eq!(request.result_token.reveal(), token);
    let printed = format!("{request:?}");
    assert!(printed.contains("ResultToken(hidden)"), "{printed}");
    assert!(!printed.contains(token), "{printed}");
}
