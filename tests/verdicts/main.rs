//! Scenarios 1, 2, 6 and 15 of docs/rule.md: what is reported, and with which calls.
//! Every run goes over the wire.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod credential_report;
#[path = "../harness/wire.rs"]
mod wire;

use std::time::Duration;

use local_aws::{Fault, Operation, RootKey, days_ago};
use serde_json::json;
use wire::{ACCOUNT, Wire, account, account_with_key, fixture, fresh_report, rows};

use Operation::{GetAccountSummary, GetCredentialReport, PutEvaluations};

#[tokio::test]
async fn scenario_1_no_keys_is_compliant_after_two_requests() {
    let wire = Wire::to(account()).await;
    let event = wire.aws.event(ACCOUNT);
    let evaluated = wire.evaluate_event(&event).await.unwrap();
    assert_eq!(evaluated.compliance_type, "COMPLIANT");

    let requests = wire.aws.requests();
    assert_eq!(wire.operations(), [GetAccountSummary, PutEvaluations]);
    assert_eq!(
        requests[0].parameters,
        json!({ "Action": "GetAccountSummary", "Version": "2010-05-08" })
    );
    assert_eq!(
        requests[1].parameters,
        json!({
            "Evaluations": [{
                "ComplianceResourceType": "AWS::::Account",
                "ComplianceResourceId": ACCOUNT,
                "ComplianceType": "COMPLIANT",
                "Annotation": "The root user has no access keys.",
                "OrderingTimestamp": 1_772_344_800.373,
            }],
            "ResultToken": event["resultToken"],
            "TestMode": false,
        })
    );
    assert_eq!(
        requests[1].headers["x-amz-target"],
        "StarlingDoveService.PutEvaluations"
    );
    for request in &requests {
        assert_eq!(request.account.as_deref(), Some(ACCOUNT));
        assert_eq!(request.signature.as_ref().unwrap().region, "us-east-1");
    }
}

#[tokio::test]
async fn scenario_1_a_missing_password_is_in_the_annotation() {
    let mut account = account();
    account.password = false;
    let annotation = Wire::to(account).await.evaluated().await;
    let words = "The root user has no access keys and no password.";
    assert_eq!(annotation, words);
}

#[tokio::test]
async fn scenario_2_an_active_key_is_described() {
    let key = RootKey::active(days_ago(2000)).last_used(days_ago(10), "us-east-1", "s3");
    let account = account().with_root_keys(Some(key), None);
    let wire = Wire::to(account.with_report(fresh_report())).await;
    let evaluated = wire.evaluate().await.unwrap();
    assert_eq!(evaluated.compliance_type, "NON_COMPLIANT");
    assert_eq!(
        wire.operations(),
        [GetAccountSummary, GetCredentialReport, PutEvaluations]
    );
    assert_eq!(
        wire.annotation(),
        "The root user has access keys. Key 1: active, created or last changed 2020-09-08 (2000 days ago), last used 2026-02-19 (s3, us-east-1). Credential report of 2026-03-01 05:00 UTC."
    );
}

#[tokio::test]
async fn scenario_2_any_positive_number_of_keys_is_non_compliant() {
    for present in [1, 2, 7, i64::from(i32::MAX)] {
        let mut account = account_with_key();
        account.access_keys_present = Some(present);
        let evaluated = Wire::to(account).await.evaluate().await.unwrap();
        assert_eq!(evaluated.compliance_type, "NON_COMPLIANT", "{present}");
    }
}

#[tokio::test]
async fn scenario_6_the_report_is_not_read_if_there_are_no_keys() {
    let mut account = account_with_key();
    account.access_keys_present = Some(0);
    let wire = Wire::to(account).await;
    assert_eq!(wire.evaluate().await.unwrap().compliance_type, "COMPLIANT");
    assert_eq!(wire.operations(), [GetAccountSummary, PutEvaluations]);
}

#[tokio::test]
async fn scenario_15_the_evaluation_of_a_test_event_is_not_stored() {
    let wire = Wire::to(account()).await;
    let mut event = wire.aws.event(ACCOUNT);
    event["resultToken"] = "TESTMODE".into();
    wire.evaluate_event(&event).await.unwrap();
    let sent = &wire.put_evaluations()[0].parameters;
    assert_eq!(sent["TestMode"], true);
    assert_eq!(sent["Evaluations"][0]["ComplianceType"], "COMPLIANT");
    assert!(wire.aws.evaluations(ACCOUNT).is_empty());
}

#[tokio::test]
async fn every_known_form_of_the_event_is_accepted() {
    const EVENTS: &str = "
documented | 1468446600.373
thin | 1468446600.0
offset-and-nanoseconds | 1772341200.1234567
conformance-pack | 1772344800.0
ill-formed-optional-fields | 1772344800.0
arns-that-are-none | 1772344800.0
";
    for [case, seconds] in rows(EVENTS) {
        let wire = Wire::to(account()).await;
        let payload = fixture(&format!("events/valid/{case}.json"));
        let evaluated = wire.evaluate_payload(&payload).await;
        assert!(evaluated.is_ok(), "{case}: {evaluated:?}");
        let sent = &wire.put_evaluations()[0].parameters["Evaluations"][0]["OrderingTimestamp"];
        let sent = serde_json::Number::from_f64(sent.as_f64().unwrap()).unwrap();
        assert_eq!(sent.to_string(), seconds, "{case}");
    }
}

#[tokio::test]
async fn the_time_spent_on_each_step_is_reported() {
    let slow = Duration::from_millis(30);
    let wire = Wire::to(account_with_key()).await;
    for operation in [GetAccountSummary, GetCredentialReport, PutEvaluations] {
        wire.fault(operation, Fault::Slow(slow));
    }
    let evaluated = wire.evaluate().await.unwrap();
    for ms in [
        evaluated.evidence_ms,
        evaluated.report_ms,
        evaluated.delivery_ms,
    ] {
        assert!(ms >= 30, "{evaluated:?}");
    }
}

#[tokio::test]
async fn a_retry_sends_the_same_evaluation() {
    let wire = Wire::to(account_with_key()).await;
    let event = wire.aws.event(ACCOUNT);
    wire.evaluate_event(&event).await.unwrap();
    wire.evaluate_event(&event).await.unwrap();
    let sent = wire.put_evaluations();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].parameters, sent[1].parameters);
}
