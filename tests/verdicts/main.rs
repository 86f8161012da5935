//! Scenarios 1, 2, 6, 9 and 15 of docs/rule.md: what is reported, and with which
//! calls. Every run goes over the wire.

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
use wire::{ACCOUNT, Wire, account, account_with_key, fixture, fresh_report};

use Operation::{GetAccountSummary, GetCredentialReport, PutEvaluations};

#[tokio::test]
async fn scenario_1_no_keys_is_compliant_with_exactly_these_two_requests() {
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
async fn scenario_1_says_so_when_there_is_no_password_either() {
    let mut account = account();
    account.password = false;
    let wire = Wire::to(account).await;
    wire.evaluate().await.unwrap();
    assert_eq!(
        wire.annotation(),
        "The root user has no access keys and no password."
    );
}

#[tokio::test]
async fn scenario_2_an_active_key_is_described() {
    let key = RootKey::active(days_ago(2000)).last_used(days_ago(10), "us-east-1", "s3");
    let wire = Wire::to(
        account()
            .with_root_keys(Some(key), None)
            .with_report(fresh_report()),
    )
    .await;
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
async fn scenario_2_any_positive_number_counts() {
    for present in [1, 2, 7, i64::from(i32::MAX)] {
        let mut account = account_with_key();
        account.access_keys_present = Some(present);
        let wire = Wire::to(account).await;
        wire.evaluate().await.unwrap();
        assert_eq!(
            wire.aws.evaluations(ACCOUNT)[0].compliance_type,
            "NON_COMPLIANT",
            "{present}"
        );
    }
}

#[tokio::test]
async fn scenario_6_the_report_is_not_even_fetched_for_a_clean_account() {
    let mut account = account_with_key();
    account.access_keys_present = Some(0);
    let wire = Wire::to(account).await;
    assert_eq!(wire.evaluate().await.unwrap().compliance_type, "COMPLIANT");
    assert_eq!(wire.operations(), [GetAccountSummary, PutEvaluations]);
}

#[tokio::test]
async fn scenario_9_one_bad_answer_is_as_if_nothing_had_happened() {
    let faults = [
        Fault::Throttle,
        Fault::ServerError(500),
        Fault::ServerError(503),
        Fault::ResetBeforeAnswer,
    ];
    for operation in [GetAccountSummary, PutEvaluations] {
        for fault in &faults {
            let wire = Wire::to(account()).await;
            wire.aws.fault(ACCOUNT, operation, fault.clone());
            let outcome = wire.evaluate().await;
            assert!(outcome.is_ok(), "{operation} {fault:?}: {outcome:?}");
            assert_eq!(
                wire.aws.evaluations(ACCOUNT).len(),
                1,
                "{operation} {fault:?}"
            );
            assert_eq!(wire.annotation(), "The root user has no access keys.");
        }
    }
}

#[tokio::test]
async fn scenario_15_a_test_event_asks_config_to_store_nothing() {
    let wire = Wire::to(account()).await;
    let mut event = wire.aws.event(ACCOUNT);
    event["resultToken"] = "TESTMODE".into();
    wire.evaluate_event(&event).await.unwrap();
    let sent = wire.put_evaluations().parameters;
    assert_eq!(sent["TestMode"], true);
    assert_eq!(sent["Evaluations"][0]["ComplianceType"], "COMPLIANT");
    assert!(wire.aws.evaluations(ACCOUNT).is_empty());
}

#[tokio::test]
async fn events_as_config_is_known_to_send_them_are_all_understood() {
    let cases = [
        ("documented", "1468446600.373"),
        ("thin", "1468446600.0"),
        ("offset-and-nanoseconds", "1772341200.1234567"),
        ("conformance-pack", "1772344800.0"),
        ("ill-formed-optional-fields", "1772344800.0"),
        ("arns-that-are-none", "1772344800.0"),
    ];
    for (case, seconds) in cases {
        let wire = Wire::to(account()).await;
        let payload = fixture(&format!("events/valid/{case}.json"));
        let evaluated = wire.evaluate_payload(&payload).await;
        assert!(evaluated.is_ok(), "{case}: {evaluated:?}");
        let sent = &wire.put_evaluations().parameters["Evaluations"][0]["OrderingTimestamp"];
        let sent = serde_json::Number::from_f64(sent.as_f64().unwrap()).unwrap();
        assert_eq!(sent.to_string(), seconds, "{case}");
    }
}

#[tokio::test]
async fn the_time_spent_on_each_step_is_told() {
    let slow = Duration::from_millis(30);
    let wire = Wire::to(account_with_key()).await;
    for operation in [GetAccountSummary, GetCredentialReport, PutEvaluations] {
        wire.aws.fault(ACCOUNT, operation, Fault::Slow(slow));
    }
    let told = wire.evaluate().await.unwrap();
    for ms in [told.evidence_ms, told.report_ms, told.delivery_ms] {
        assert!(ms >= 30, "{told:?}");
    }
}

#[tokio::test]
async fn a_hundred_evaluations_use_one_connection_to_each_service() {
    let wire = Wire::to(account()).await;
    for _ in 0..100 {
        wire.evaluate().await.unwrap();
    }
    assert_eq!(wire.operations().len(), 200);
    let connections = wire.aws.connections();
    assert_eq!((connections.iam, connections.config), (1, 1));
}

#[tokio::test]
async fn a_retry_repeats_itself_exactly() {
    let wire = Wire::to(account_with_key()).await;
    let event = wire.aws.event(ACCOUNT);
    wire.evaluate_event(&event).await.unwrap();
    wire.evaluate_event(&event).await.unwrap();
    let sent: Vec<_> = wire
        .aws
        .requests()
        .into_iter()
        .filter(|request| request.operation == Some(PutEvaluations))
        .map(|request| request.parameters)
        .collect();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
}
