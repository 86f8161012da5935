//! Scenarios 10–12 of docs/rule.md: events that are refused before any AWS call.

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
use std::time::Duration;

use mutations::mutations;
use root_access_key_rule::rule::event::EvaluationRequest;
use serde_json::json;
use wire::{ACCOUNT, FUNCTION, Wire, account, fixture};

/// An account that is not the function's.
const OTHER: &str = "444455556666";

#[tokio::test]
async fn scenarios_10_to_12_every_broken_event_is_refused_by_name_and_without_an_aws_call() {
    let wire = Wire::to(account()).await;
    let mut refused = 0;
    let folder = format!("{}/tests/fixtures/events/valid", env!("CARGO_MANIFEST_DIR"));
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let case = path.file_name().unwrap().to_string_lossy().into_owned();
        for broken in mutations(&fs::read_to_string(&path).unwrap()) {
            let what = format!("{case}: {}", broken.what);
            let error = wire
                .evaluate_payload(&broken.payload)
                .await
                .expect_err(&what);
            assert_eq!(error.error_type(), broken.error_type, "{what}: {error}");
            assert!(error.message().contains(&broken.named), "{what}: {error}");
            assert!(wire.aws.requests().is_empty(), "{what} made an AWS call");
            refused += 1;
        }
    }
    assert!(refused >= 200, "only {refused} malformed events");
    wire.evaluate()
        .await
        .expect("the next good event is served");
    assert_eq!(wire.aws.evaluations(ACCOUNT).len(), 1);
}

#[tokio::test]
async fn scenario_10_the_functions_own_account_decides_and_both_are_named() {
    let wire = Wire::to(account()).await;
    let event = wire.aws.event(ACCOUNT);
    let elsewhere = FUNCTION.replace(ACCOUNT, OTHER);
    let error = wire
        .evaluate_as(&event, &elsewhere, Duration::from_secs(30))
        .await
        .unwrap_err();
    assert_eq!(error.error_type(), "WrongAccount");
    assert!(
        error.message().contains(ACCOUNT) && error.message().contains(OTHER),
        "{error}"
    );
    assert!(wire.aws.requests().is_empty());
}

#[tokio::test]
async fn scenario_10_an_ill_formed_function_arn_is_the_wrong_account() {
    let wire = Wire::to(account()).await;
    let event = wire.aws.event(ACCOUNT);
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
        let error = wire
            .evaluate_as(&event, arn, Duration::from_secs(30))
            .await
            .unwrap_err();
        assert_eq!(error.error_type(), "WrongAccount", "{arn}");
    }
    assert!(wire.aws.requests().is_empty());
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
        wire.evaluate_as(&event, arn, Duration::from_secs(30))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn scenario_12_no_parameters_come_in_many_forms() {
    let wire = Wire::to(account()).await;
    for none in [
        json!(null),
        json!(""),
        json!(" \n\t"),
        json!("{}"),
        json!(" { } "),
        json!({}),
    ] {
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
