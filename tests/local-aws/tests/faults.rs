//! Each faults looks on the wire as it is named.
#![allow(clippy::unwrap_used, reason = "a test")]

mod client;

use std::time::Duration;

use client::{Heard, config, iam};
use local_aws::{Account, Credentials, Fault, Framing, LocalAws, Operation, summary_answer};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";

async fn start() -> (LocalAws, Credentials) {
    let aws = LocalAws::start().await.unwrap();
    let credentials = aws.put_account(Account::new(ACCOUNT));
    (aws, credentials)
}

async fn summary_with(fault: Fault) -> Heard {
    let (aws, credentials) = start().await;
    aws.fault(ACCOUNT, Operation::GetAccountSummary, fault);
    iam(&aws, &credentials, "GetAccountSummary").await
}

fn evaluations(aws: &LocalAws) -> Value {
    json!({
        "ResultToken": aws.event(ACCOUNT)["resultToken"],
        "Evaluations": [{
            "ComplianceResourceType": "AWS::::Account",
            "ComplianceResourceId": ACCOUNT,
            "ComplianceType": "COMPLIANT",
            "OrderingTimestamp": 1_772_344_800.373,
        }],
    })
}

async fn put_with(fault: Fault) -> (Heard, usize) {
    let (aws, credentials) = start().await;
    aws.fault(ACCOUNT, Operation::PutEvaluations, fault);
    let heard = config(&aws, &credentials, "PutEvaluations", &evaluations(&aws)).await;
    (heard, aws.evaluations(ACCOUNT).len())
}

#[tokio::test]
async fn refusals_have_the_status_and_code_of_their_service() {
    for (fault, iam_says, config_says) in [
        (
            Fault::Throttle,
            (400, "Throttling"),
            (400, "ThrottlingException"),
        ),
        (
            Fault::Denied,
            (403, "AccessDenied"),
            (400, "AccessDeniedException"),
        ),
        (
            Fault::ServerError(500),
            (500, "ServiceFailure"),
            (500, "InternalFailure"),
        ),
        (
            Fault::ServerError(503),
            (503, "ServiceUnavailable"),
            (503, "ServiceUnavailable"),
        ),
        (
            Fault::aws_error(418, "Teapot", "short"),
            (418, "Teapot"),
            (418, "Teapot"),
        ),
    ] {
        let heard = summary_with(fault.clone()).await;
        assert_eq!((heard.status(), heard.code().as_str()), iam_says);
        assert!(heard.header("x-amzn-requestid").is_some());
        let (heard, stored) = put_with(fault).await;
        assert_eq!((heard.status(), heard.code().as_str()), config_says);
        assert_eq!(stored, 0);
    }
}

#[tokio::test]
async fn a_fault_befalls_one_request_and_a_permanent_one_all() {
    let (aws, credentials) = start().await;
    aws.fault_always(ACCOUNT, Operation::GetAccountSummary, Fault::Denied);
    aws.fault(ACCOUNT, Operation::GetAccountSummary, Fault::Throttle);
    aws.fault(
        ACCOUNT,
        Operation::GetAccountSummary,
        Fault::ServerError(500),
    );
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(iam(&aws, &credentials, "GetAccountSummary").await.status());
    }
    aws.clear_faults(ACCOUNT);
    statuses.push(iam(&aws, &credentials, "GetAccountSummary").await.status());
    assert_eq!(statuses, [400, 500, 403, 403, 200]);
}

#[tokio::test]
async fn a_reset_before_the_answer_leaves_nothing_but_the_reset() {
    let heard = summary_with(Fault::ResetBeforeAnswer).await;
    assert!(heard.reset);
    assert_eq!(heard.text, "");
    assert_eq!(put_with(Fault::ResetBeforeAnswer).await.1, 0);
}

#[tokio::test]
async fn an_answer_can_be_lost_after_config_took_the_evaluation() {
    let (heard, stored) = put_with(Fault::AcceptThenReset).await;
    assert!(heard.reset);
    assert_eq!((heard.text.as_str(), stored), ("", 1));
}

#[tokio::test]
async fn a_reset_during_the_answer_comes_after_so_many_bytes() {
    let heard = summary_with(Fault::ResetDuringAnswer(100)).await;
    assert!(heard.reset);
    assert_eq!(heard.body().len(), 100);
}

#[tokio::test]
async fn a_cut_answer_ends_in_order_at_that_byte() {
    let whole = summary_answer(
        &Account::new(ACCOUNT),
        "00000000-0000-4000-8000-000000000001",
    );
    let cut = |framing| {
        summary_with(Fault::Cut {
            bytes: 300,
            framing,
        })
    };
    let matching = cut(Framing::MatchingLength).await;
    let promised = cut(Framing::PromisedLength).await;
    let delimited = cut(Framing::CloseDelimited).await;
    for heard in [&matching, &promised, &delimited] {
        assert!(!heard.reset);
        assert_eq!(heard.body(), &whole[..300]);
    }
    assert_eq!(matching.header("content-length"), Some("300"));
    assert_eq!(
        promised.header("content-length"),
        Some(whole.len().to_string().as_str())
    );
    assert_eq!(delimited.header("content-length"), None);
    assert_eq!(delimited.header("transfer-encoding"), None);
}

#[tokio::test]
async fn a_garbled_answer_differs_in_those_bits_alone() {
    let whole = summary_with(Fault::ContentType("text/html".to_owned())).await;
    assert_eq!(whole.header("content-type"), Some("text/html"));
    let garbled = summary_with(Fault::Garbled(vec![(0, 1), (7, 2), (100_000, 4)])).await;
    let mut expected = whole.body().as_bytes().to_vec();
    expected[0] ^= 1;
    expected[7] ^= 2;
    assert_eq!(garbled.body().as_bytes(), expected);
    assert_eq!(garbled.header("content-type"), Some("text/xml"));
}

#[tokio::test]
async fn an_answer_can_be_another_or_come_from_somebody_else() {
    let aws_says = summary_with(Fault::xml("<x/>")).await;
    assert_eq!((aws_says.status(), aws_says.body()), (200, "<x/>"));
    assert!(aws_says.header("x-amzn-requestid").is_some());
    let proxy_says = summary_with(Fault::Foreign {
        status: 502,
        content_type: "text/html".to_owned(),
        body: b"<html>".to_vec(),
    });
    let proxy_says = proxy_says.await;
    assert_eq!((proxy_says.status(), proxy_says.body()), (502, "<html>"));
    assert_eq!(proxy_says.header("x-amzn-requestid"), None);
}

#[tokio::test]
async fn the_request_id_can_be_missing_from_a_true_answer() {
    let (heard, stored) = put_with(Fault::WithoutRequestId).await;
    assert_eq!((heard.status(), stored), (200, 1));
    assert_eq!(heard.header("x-amzn-requestid"), None);
}

#[tokio::test]
async fn failed_evaluations_come_back_in_a_good_answer_and_are_not_kept() {
    let (heard, stored) = put_with(Fault::FailedEvaluations).await;
    assert_eq!((heard.status(), stored), (200, 0));
    assert_eq!(
        heard.json()["FailedEvaluations"][0]["ComplianceResourceId"],
        ACCOUNT
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_is_true_and_a_hang_never_ends() {
    let heard = summary_with(Fault::Slow(Duration::from_hours(1))).await;
    assert_eq!(heard.status(), 200);
    let hang = summary_with(Fault::Hang);
    assert!(
        tokio::time::timeout(Duration::from_hours(24), hang)
            .await
            .is_err()
    );
}
