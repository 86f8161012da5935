//! Each fault behaves on the wire as its name says.

use std::time::Duration;

use local_aws::{Account, Fault, Framing, Operation, summary_answer};
use serde_json::json;

use crate::client::{ACCOUNT, Caller, ClientResponse};

const SUMMARY: Operation = Operation::GetAccountSummary;

async fn summary_with(fault: Fault) -> ClientResponse {
    let aws = Caller::start(Account::new(ACCOUNT)).await;
    aws.fault(ACCOUNT, SUMMARY, fault);
    aws.call(SUMMARY, json!({})).await
}

/// The response, and how many evaluations AWS Config stored.
async fn put_with(fault: Fault) -> (ClientResponse, usize) {
    let aws = Caller::start(Account::new(ACCOUNT)).await;
    aws.fault(ACCOUNT, Operation::PutEvaluations, fault);
    let request = json!({
        "ResultToken": aws.event(ACCOUNT)["resultToken"],
        "Evaluations": [{
            "ComplianceResourceType": "AWS::::Account",
            "ComplianceResourceId": ACCOUNT,
            "ComplianceType": "COMPLIANT",
            "OrderingTimestamp": 1_772_344_800.373,
        }],
    });
    let response = aws.call(Operation::PutEvaluations, request).await;
    (response, aws.evaluations(ACCOUNT).len())
}

#[tokio::test]
async fn errors_have_the_status_and_code_of_their_service() {
    for (fault, of_iam, of_config) in [
        (Fault::Throttle, "400 Throttling", "400 ThrottlingException"),
        (
            Fault::Denied,
            "403 AccessDenied",
            "400 AccessDeniedException",
        ),
        (
            Fault::ServerError(500),
            "500 ServiceFailure",
            "500 InternalFailure",
        ),
        (
            Fault::ServerError(503),
            "503 ServiceUnavailable",
            "503 ServiceUnavailable",
        ),
        (
            Fault::aws_error(418, "Teapot", "short"),
            "418 Teapot",
            "418 Teapot",
        ),
    ] {
        let response = summary_with(fault.clone()).await;
        assert_eq!(response.error(), of_iam);
        assert!(response.header("x-amzn-requestid").is_some());
        let (response, stored) = put_with(fault).await;
        assert_eq!((&*response.error(), stored), (of_config, 0));
    }
}

#[tokio::test]
async fn a_queued_fault_affects_one_request_and_a_permanent_one_every_request() {
    let aws = Caller::start(Account::new(ACCOUNT)).await;
    aws.fault_always(ACCOUNT, SUMMARY, Fault::Denied);
    aws.fault(ACCOUNT, SUMMARY, Fault::Throttle);
    aws.fault(ACCOUNT, SUMMARY, Fault::ServerError(500));
    let mut statuses = Vec::new();
    for request in 0..5 {
        if request == 4 {
            aws.clear_faults(ACCOUNT);
        }
        statuses.push(aws.call(SUMMARY, json!({})).await.status());
    }
    assert_eq!(statuses, [400, 500, 403, 403, 200]);
}

#[tokio::test]
async fn a_reset_ends_the_connection_before_during_or_instead_of_the_response() {
    let (response, stored) = put_with(Fault::ResetBeforeAnswer).await;
    assert_eq!((response.reset, &*response.text, stored), (true, "", 0));
    let (response, stored) = put_with(Fault::AcceptThenReset).await;
    assert_eq!((response.reset, &*response.text, stored), (true, "", 1));
    let response = summary_with(Fault::ResetDuringAnswer(100)).await;
    assert_eq!((response.reset, response.body().len()), (true, 100));
}

#[tokio::test]
async fn a_cut_response_ends_at_that_byte_without_a_reset() {
    let complete = summary_answer(
        &Account::new(ACCOUNT),
        "00000000-0000-4000-8000-000000000001",
    );
    let length = complete.len().to_string();
    for (framing, content_length) in [
        (Framing::MatchingLength, Some("300")),
        (Framing::PromisedLength, Some(&*length)),
        (Framing::CloseDelimited, None),
    ] {
        let response = summary_with(Fault::Cut {
            bytes: 300,
            framing,
        })
        .await;
        assert!(!response.reset);
        assert_eq!(response.body(), &complete[..300]);
        assert_eq!(response.header("content-length"), content_length);
        assert_eq!(response.header("transfer-encoding"), None);
    }
}

#[tokio::test]
async fn a_garbled_response_differs_in_those_bits_alone() {
    let correct = summary_with(Fault::ContentType("text/html".to_owned())).await;
    assert_eq!(correct.header("content-type"), Some("text/html"));
    let garbled = summary_with(Fault::Garbled(vec![(0, 1), (7, 2), (100_000, 4)])).await;
    let mut expected = correct.body().as_bytes().to_vec();
    expected[0] ^= 1;
    expected[7] ^= 2;
    assert_eq!(garbled.body().as_bytes(), expected);
    assert_eq!(garbled.header("content-type"), Some("text/xml"));
}

#[tokio::test]
async fn a_response_can_be_another_one_or_come_from_a_proxy() {
    let of_aws = summary_with(Fault::xml("<x/>")).await;
    assert_eq!((of_aws.status(), of_aws.body()), (200, "<x/>"));
    assert!(of_aws.header("x-amzn-requestid").is_some());
    let of_proxy = summary_with(Fault::Foreign {
        status: 502,
        content_type: "text/html".to_owned(),
        body: b"<html>".to_vec(),
    });
    let of_proxy = of_proxy.await;
    assert_eq!((of_proxy.status(), of_proxy.body()), (502, "<html>"));
    assert_eq!(of_proxy.header("x-amzn-requestid"), None);
}

#[tokio::test]
async fn a_correct_response_can_lack_the_request_id_or_contain_failed_evaluations() {
    let (response, stored) = put_with(Fault::WithoutRequestId).await;
    assert_eq!((response.status(), stored), (200, 1));
    assert_eq!(response.header("x-amzn-requestid"), None);
    let (response, stored) = put_with(Fault::FailedEvaluations).await;
    assert_eq!((response.status(), stored), (200, 0));
    let failed = &response.json()["FailedEvaluations"];
    assert_eq!(failed[0]["ComplianceResourceId"], ACCOUNT);
}

#[tokio::test(start_paused = true)]
async fn a_slow_response_is_correct_and_a_hang_never_ends() {
    let response = summary_with(Fault::Slow(Duration::from_hours(1))).await;
    assert_eq!(response.status(), 200);
    let hang = tokio::time::timeout(Duration::from_hours(24), summary_with(Fault::Hang));
    assert!(hang.await.is_err());
}

#[tokio::test]
async fn requests_beyond_a_rate_are_throttled_until_time_has_passed() {
    let caller = Caller::start(Account::new(ACCOUNT)).await;
    let operation = Operation::GetCallerIdentity;
    caller.limit_rate(ACCOUNT, operation, 20, 2);
    let call = async || caller.result(operation, json!({})).await;
    let at_once = [call().await, call().await, call().await];
    assert_eq!(at_once, ["ok", "ok", "400 Throttling"]);
    assert_eq!(
        caller.result(Operation::GetAccountSummary, json!({})).await,
        "ok"
    );
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(call().await, "ok");
}
