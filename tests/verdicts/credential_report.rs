//! Scenarios 2–5 of docs/rule.md, and what else the credential report adds to a
//! verdict: words, and never more than words.

use std::time::Duration;

use crate::wire::{ACCOUNT, FUNCTION, Wire, account, account_with_key, all, fixture, fresh_report};
use chrono::Duration as Days;
use local_aws::{Fault, Operation, Report, RootKey, days_ago, default_time};

use Operation::{GenerateCredentialReport, GetAccountSummary, GetCredentialReport, PutEvaluations};

#[tokio::test]
async fn scenario_2_two_keys_are_described_each() {
    let used = RootKey::active(days_ago(400)).last_used(days_ago(1), "eu-west-1", "sts");
    let keys = account().with_root_keys(Some(used), Some(RootKey::inactive(days_ago(1))));
    let wire = Wire::to(keys.with_report(fresh_report())).await;
    wire.evaluate().await.unwrap();
    assert_eq!(
        wire.annotation(),
        "Root access keys: Key 1: active, created or last changed 2025-01-25 (400 d), used 2026-02-28 (sts eu-west-1); Key 2: inactive, created or last changed 2026-02-28 (1 d), no use on record since 2015-04-22; report 2026-03-01 05:00Z"
    );
}

#[tokio::test]
async fn scenario_3_an_inactive_key_counts_and_the_annotation_says_why() {
    let key = RootKey::inactive(days_ago(5000));
    let wire = Wire::to(
        account()
            .with_root_keys(None, Some(key))
            .with_report(fresh_report()),
    )
    .await;
    wire.evaluate().await.unwrap();
    assert_eq!(
        wire.aws.evaluations(ACCOUNT)[0].compliance_type,
        "NON_COMPLIANT"
    );
    assert_eq!(
        wire.annotation(),
        "The root user has access keys. Key 2: inactive, created or last changed 2012-06-22 (5000 days ago), no use on record since 2015-04-22. Deactivating is not enough: delete them. Credential report of 2026-03-01 05:00 UTC."
    );
}

#[tokio::test]
async fn scenario_4_a_key_newer_than_the_report_is_not_shown_yet() {
    let key = RootKey::active(default_time() - Days::minutes(5));
    let wire = Wire::to(
        account()
            .with_root_keys(Some(key), None)
            .with_report(fresh_report()),
    )
    .await;
    wire.evaluate().await.unwrap();
    assert_eq!(
        wire.aws.evaluations(ACCOUNT)[0].compliance_type,
        "NON_COMPLIANT"
    );
    assert_eq!(
        wire.annotation(),
        "The root user has access keys. The credential report of 2026-03-01 05:00 UTC does not show them yet."
    );
}

#[tokio::test]
async fn scenario_5_a_refused_report_leaves_the_verdict_and_names_awss_code() {
    let wire = Wire::to(account_with_key()).await;
    wire.aws
        .fault_always(ACCOUNT, GetCredentialReport, Fault::Denied);
    wire.evaluate().await.unwrap();
    assert_eq!(
        wire.operations(),
        [GetAccountSummary, GetCredentialReport, PutEvaluations]
    );
    assert_eq!(
        wire.aws.evaluations(ACCOUNT)[0].compliance_type,
        "NON_COMPLIANT"
    );
    assert_eq!(
        wire.annotation(),
        "The root user has access keys. No details: iam:GetCredentialReport failed (AccessDenied)."
    );
}

#[tokio::test]
async fn scenario_5_a_report_that_may_not_be_made_is_named_too() {
    let wire = Wire::to(account_with_key().with_report(Report::NotPresent)).await;
    wire.aws
        .fault_always(ACCOUNT, GenerateCredentialReport, Fault::Denied);
    wire.evaluate().await.unwrap();
    assert_eq!(
        wire.annotation(),
        "The root user has access keys. No details: iam:GenerateCredentialReport failed (AccessDenied)."
    );
}

#[tokio::test]
async fn scenario_5_a_report_never_ready_costs_six_requests_and_no_busy_loop() {
    let mut account = account_with_key().with_report(Report::NotPresent);
    account.looks_until_ready = 1000;
    let wire = Wire::to(account).await;
    wire.evaluate().await.unwrap();
    assert_eq!(
        wire.annotation(),
        "The root user has access keys. No details: the credential report was not ready in time."
    );
    let report_requests: Vec<_> = wire
        .aws
        .requests()
        .into_iter()
        .filter(|r| {
            matches!(
                r.operation,
                Some(GetCredentialReport | GenerateCredentialReport)
            )
        })
        .collect();
    assert_eq!(report_requests.len(), 6);
    for pair in report_requests[1..].windows(2) {
        assert!(
            pair[1].at - pair[0].at >= Duration::from_millis(900),
            "polls are a second apart"
        );
    }
}

fn report_not_present() -> Fault {
    Fault::AwsError {
        status: 410,
        code: "ReportNotPresent".to_owned(),
        message: "No report is present".to_owned(),
    }
}

#[tokio::test]
async fn scenario_5_a_report_that_stays_absent_is_generated_once() {
    let wire = Wire::to(account_with_key()).await;
    wire.aws
        .fault_always(ACCOUNT, GetCredentialReport, report_not_present());
    wire.evaluate().await.unwrap();
    assert_eq!(
        wire.operations(),
        [
            GetAccountSummary,
            GetCredentialReport,
            GenerateCredentialReport,
            GetCredentialReport,
            GetCredentialReport,
            GetCredentialReport,
            GetCredentialReport,
            PutEvaluations
        ]
    );
    assert_eq!(
        wire.annotation(),
        "The root user has access keys. No details: the credential report was not ready in time."
    );
}

/// Evaluates in a function with less time for the credential report than the first
/// pause, of a second: eight seconds are kept for the report to AWS Config and a failure.
async fn evaluate_without_time_to_pause(wire: &Wire) {
    let (event, left) = (wire.aws.event(ACCOUNT), Duration::from_millis(8950));
    wire.evaluate_as(&event, FUNCTION, left).await.unwrap();
}

#[tokio::test]
async fn a_report_that_is_absent_is_generated_without_a_pause() {
    let wire = Wire::to(account_with_key().with_report(Report::NotPresent)).await;
    evaluate_without_time_to_pause(&wire).await;
    assert_eq!(
        wire.operations(),
        [
            GetAccountSummary,
            GetCredentialReport,
            GenerateCredentialReport,
            PutEvaluations
        ]
    );
}

#[tokio::test]
async fn a_report_that_is_complete_by_then_is_read_without_a_pause() {
    let wire = Wire::to(account_with_key().with_report(fresh_report())).await;
    wire.aws
        .fault(ACCOUNT, GetCredentialReport, report_not_present());
    evaluate_without_time_to_pause(&wire).await;
    assert_eq!(
        wire.operations(),
        [
            GetAccountSummary,
            GetCredentialReport,
            GenerateCredentialReport,
            GetCredentialReport,
            PutEvaluations
        ]
    );
}

#[tokio::test]
async fn a_report_that_somebody_else_requested_is_only_waited_for() {
    let wire = Wire::to(account_with_key()).await;
    let in_progress = Fault::AwsError {
        status: 404,
        code: "ReportInProgress".to_owned(),
        message: "The report is being generated".to_owned(),
    };
    wire.aws.fault(ACCOUNT, GetCredentialReport, in_progress);
    wire.evaluate().await.unwrap();
    assert_eq!(
        wire.operations(),
        [
            GetAccountSummary,
            GetCredentialReport,
            GetCredentialReport,
            PutEvaluations
        ]
    );
}

#[tokio::test]
async fn scenario_5_throttled_polls_are_counted_and_not_retried_by_the_sdk() {
    let wire = Wire::to(account_with_key()).await;
    wire.aws
        .fault_always(ACCOUNT, GetCredentialReport, Fault::Throttle);
    wire.evaluate().await.unwrap();
    let looks = wire
        .operations()
        .iter()
        .filter(|o| **o == GetCredentialReport)
        .count();
    assert_eq!(looks, 6);
    assert_eq!(
        wire.annotation(),
        "The root user has access keys. No details: iam:GetCredentialReport failed (Throttling)."
    );
}

#[tokio::test]
async fn an_expired_report_is_made_anew_and_read() {
    let old = Report::Complete {
        generated_at: days_ago(1),
    };
    let mut account = account_with_key().with_report(old);
    account.looks_until_ready = 1;
    let wire = Wire::to(account).await;
    wire.evaluate().await.unwrap();
    assert_eq!(
        wire.operations(),
        [
            GetAccountSummary,
            GetCredentialReport,
            GenerateCredentialReport,
            GetCredentialReport,
            GetCredentialReport,
            PutEvaluations
        ]
    );
    assert!(
        wire.annotation()
            .ends_with("Credential report of 2026-03-01 06:00 UTC.")
    );
}

/// The annotation of an account with a key whose credential report is that fixture.
async fn annotation_with_report(case: &str) -> String {
    let mut account = account_with_key();
    account.report_csv = Some(fixture(&format!("credential-report/{case}.csv")).into_bytes());
    let wire = Wire::to(account).await;
    wire.evaluate().await.unwrap();
    wire.annotation()
}

#[tokio::test]
async fn scenario_5_unreadable_reports_say_why() {
    let cases = [
        ("garbled-active", "the credential report could not be read"),
        ("row-cut-short", "the credential report could not be read"),
        (
            "inactive-with-ill-formed-date",
            "the credential report could not be read",
        ),
        ("empty", "the credential report has no column user"),
        ("html", "the credential report has no column user"),
        (
            "no-root-row",
            "the credential report has no row for the root user",
        ),
        (
            "no-key-columns",
            "the credential report has no column access_key_1_active",
        ),
        (
            "other-account",
            "the credential report is for account 444455556666",
        ),
    ];
    for (case, why) in cases {
        assert_eq!(
            annotation_with_report(&format!("unreadable/{case}")).await,
            format!("The root user has access keys. No details: {why}."),
            "{case}"
        );
    }
}

#[tokio::test]
async fn reports_are_read_by_column_name_whatever_else_is_in_them() {
    let cases = [
        (
            "columns-in-another-order",
            "Key 1: active, created or last changed 2019-03-04 (2554 days ago), last used 2024-01-02 (s3, us-east-1).",
        ),
        (
            "booleans-in-capitals-and-further-columns",
            "Key 1: active, created or last changed 2019-03-04 (2554 days ago), last used 2024-01-02 (s3, us-east-1).",
        ),
        (
            "no-information",
            "Key 1: active, created or last changed 2019-03-04 (2554 days ago), last use unknown.",
        ),
        (
            "service-and-region-not-understood",
            "Key 1: active, created or last changed 2019-03-04 (2554 days ago), last used 2024-01-02.",
        ),
        (
            "service-with-a-dot",
            "Key 1: active, created or last changed 2019-03-04 (2554 days ago), last used 2024-01-02 (runtime.lex, us-gov-west-1).",
        ),
        (
            "last-rotated-unknown",
            "Key 1: active, creation or last change unknown, no use on record since 2015-04-22.",
        ),
        (
            "last-rotated-after-the-notification",
            "Key 1: active, created or last changed 2026-03-02, no use on record since 2015-04-22.",
        ),
        (
            "last-rotated-on-the-day",
            "Key 1: active, created or last changed 2026-03-01 (today), no use on record since 2015-04-22.",
        ),
        // It may be a key of 2009 that was used in 2012: the report cannot tell.
        (
            "old-key-deactivated-lately",
            "Key 1: inactive, created or last changed 2024-03-31 (700 days ago), no use on record since 2015-04-22. Deactivating is not enough: delete them.",
        ),
    ];
    for (case, words) in cases {
        assert_eq!(
            annotation_with_report(&format!("readable/{case}")).await,
            format!(
                "The root user has access keys. {words} Credential report of 2026-03-01 05:00 UTC."
            ),
            "{case}"
        );
    }
}

#[tokio::test]
async fn ten_megabytes_of_report_do_not_matter() {
    let mut csv = fixture("credential-report/readable/columns-in-another-order.csv");
    csv.push_str(&"x".repeat(5_000_000));
    csv.push('\n');
    csv.push_str(&"a,b,c\n".repeat(900_000));
    let mut account = account_with_key();
    account.report_csv = Some(csv.into_bytes());
    let wire = Wire::to(account).await;
    wire.evaluate().await.unwrap();
    assert!(
        wire.annotation()
            .contains("created or last changed 2019-03-04")
    );
}

#[tokio::test]
async fn scenario_9_one_bad_answer_about_the_report_costs_no_details() {
    let faults = [
        Fault::Throttle,
        Fault::ServerError(500),
        Fault::ResetBeforeAnswer,
    ];
    for operation in [GetCredentialReport, GenerateCredentialReport] {
        let runs = faults.iter().map(|fault| async move {
            let wire = Wire::to(account_with_key().with_report(Report::NotPresent)).await;
            wire.aws.fault(ACCOUNT, operation, fault.clone());
            wire.evaluate().await.unwrap();
            let annotation = wire.annotation();
            assert!(
                annotation.contains("Key 1: active"),
                "{operation} {fault:?}: {annotation}"
            );
        });
        all(runs).await;
    }
}
