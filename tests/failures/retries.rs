//! Responses that arrive truncated, malformed or as an error that may pass: the call is
//! tried again, and the run fails only if every attempt does.

use crate::wire::{Wire, account, account_with_key, all, fixture, foreign, fresh_report};
use local_aws::{Fault, Framing, Operation, Report};

use Operation::{GenerateCredentialReport, GetAccountSummary, GetCredentialReport, PutEvaluations};

/// Each fault twice on each call: the SDK's retries or the polls of the report hide it.
#[tokio::test]
async fn scenario_9_a_call_that_fails_twice_is_as_if_it_had_not_failed() {
    let cut = |bytes, framing| Fault::Cut { bytes, framing };
    let page = "<html>Sign in</html>";
    let faults = [
        Fault::Throttle,
        Fault::ServerError(500),
        Fault::ServerError(503),
        Fault::ResetBeforeAnswer,
        cut(20, Framing::MatchingLength),
        cut(20, Framing::PromisedLength),
        cut(20, Framing::CloseDelimited),
        cut(0, Framing::MatchingLength),
        Fault::ResetDuringAnswer(20),
        Fault::Garbled(vec![(0, 0xff)]),
        foreign(200, "text/html", page),
        foreign(403, "text/html", page),
        Fault::xml(fixture("iam/unusable/error-with-200.txt")),
    ];
    for operation in [
        GetAccountSummary,
        GetCredentialReport,
        GenerateCredentialReport,
        PutEvaluations,
    ] {
        let runs = faults.iter().map(|fault| async move {
            let report = match operation {
                GenerateCredentialReport => Report::NotPresent,
                _ => fresh_report(),
            };
            let wire = Wire::to(account_with_key().with_report(report)).await;
            for _ in 0..2 {
                wire.fault(operation, fault.clone());
            }
            let annotation = wire.evaluate().await.unwrap().annotation;
            let what = format!("{operation} {fault:?}: {annotation}");
            assert!(annotation.contains("Key 1: active"), "{what}");
            assert_eq!(wire.count(operation), 3, "{what}");
        });
        all(runs).await;
    }
}

/// What the summary lacks may be what was lost on the way.
#[tokio::test]
async fn a_summary_without_the_number_is_requested_again() {
    for case in ["map-missing", "key-missing", "value-negative", "key-twice"] {
        let wire = Wire::to(account()).await;
        let body = fixture(&format!("iam/unusable/{case}.txt"));
        wire.fault(GetAccountSummary, Fault::xml(body));
        wire.evaluated().await;
        assert_eq!(wire.count(GetAccountSummary), 2, "{case}");
    }
}

#[tokio::test]
async fn a_response_that_is_truncated_at_each_attempt_is_reported_as_such() {
    let (bytes, framing) = (700, Framing::MatchingLength);
    let cut = Fault::Cut { bytes, framing };
    let wire = Wire::failing(account(), GetAccountSummary, cut).await;
    let message = wire.failure("EvidenceUnavailable").await;
    let cause = "a response arrived incomplete or malformed: it ends before its closing tag (HTTP 200, request id ";
    assert!(message.contains(cause), "{message}");
    let remedy = "check for anything that truncates or changes responses";
    assert!(message.contains(remedy), "{message}");
    assert_eq!(wire.operations(), [GetAccountSummary; 3]);
}

/// Thirty failed runs in one process each have their three attempts.
#[tokio::test]
async fn failed_runs_do_not_reduce_the_retries_of_later_runs() {
    let wire = Wire::failing(account(), PutEvaluations, Fault::ServerError(500)).await;
    for _ in 0..5 {
        let runs = (0..6).map(|_| async { drop(wire.evaluate().await.unwrap_err()) });
        all(runs).await;
    }
    assert_eq!(wire.count(PutEvaluations), 90);
}
