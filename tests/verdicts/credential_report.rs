//! Scenarios 2–5 and 9 of docs/rule.md, and what else the credential report adds to a
//! verdict: words, and never more than words.

use std::time::Duration;

use crate::wire::{ACCOUNT, Wire, account, account_with_key, all, fixture, fresh_report, rows};
use local_aws::{Account, Fault, Framing, Operation, Report, RootKey, days_ago, default_time};

use Operation::{GenerateCredentialReport, GetAccountSummary, GetCredentialReport, PutEvaluations};

/// The annotation of an account with those root keys and a current report.
async fn annotation_of(first: Option<RootKey>, second: Option<RootKey>) -> String {
    let account = account().with_root_keys(first, second);
    let wire = Wire::to(account.with_report(fresh_report())).await;
    let annotation = wire.evaluated().await;
    let verdict = &wire.aws.evaluations(ACCOUNT)[0].compliance_type;
    assert_eq!(verdict, "NON_COMPLIANT");
    annotation
}

#[tokio::test]
async fn scenario_2_each_of_two_keys_is_described() {
    let used = RootKey::active(days_ago(400)).last_used(days_ago(1), "eu-west-1", "sts");
    let inactive = RootKey::inactive(days_ago(1));
    assert_eq!(
        annotation_of(Some(used), Some(inactive)).await,
        "Root access keys: Key 1: active, created or last changed 2025-01-25 (400 d), used 2026-02-28 (sts eu-west-1); Key 2: inactive, created or last changed 2026-02-28 (1 d), no use on record since 2015-04-22; report 2026-03-01 05:00Z"
    );
}

#[tokio::test]
async fn scenario_3_an_inactive_key_counts_and_the_annotation_says_why() {
    assert_eq!(
        annotation_of(None, Some(RootKey::inactive(days_ago(5000)))).await,
        "The root user has access keys. Key 2: inactive, created or last changed 2012-06-22 (5000 days ago), no use on record since 2015-04-22. Deactivating is not enough: delete them. Credential report of 2026-03-01 05:00 UTC."
    );
}

#[tokio::test]
async fn scenario_4_a_key_newer_than_the_report_is_not_shown_yet() {
    let key = RootKey::active(default_time() - chrono::Duration::minutes(5));
    assert_eq!(
        annotation_of(Some(key), None).await,
        "The root user has access keys. The credential report of 2026-03-01 05:00 UTC does not show them yet."
    );
}

/// The account has a key, and IAM has no credential report.
fn without_report() -> Account {
    account_with_key().with_report(Report::NotPresent)
}

/// The annotation without details, for that reason.
fn no_details(reason: &str) -> String {
    format!("The root user has access keys. No details: {reason}.")
}

#[tokio::test]
async fn scenario_5_an_unavailable_report_does_not_change_the_verdict_and_its_reason_is_in_the_annotation()
 {
    let (bytes, framing) = (400, Framing::MatchingLength);
    let cases = [
        (GetCredentialReport, Fault::Denied, "AccessDenied", 1),
        (GenerateCredentialReport, Fault::Denied, "AccessDenied", 1),
        // Six polls: the SDK adds no retries of its own.
        (GetCredentialReport, Fault::Throttle, "Throttling", 6),
        (
            GetCredentialReport,
            Fault::ResetBeforeAnswer,
            "ConnectionFailed",
            6,
        ),
        (
            GetCredentialReport,
            Fault::Cut { bytes, framing },
            "UnreadableAnswer",
            6,
        ),
    ];
    let runs = cases
        .into_iter()
        .map(|(operation, fault, code, polls)| async move {
            let account = match operation {
                GenerateCredentialReport => without_report(),
                _ => account_with_key(),
            };
            let wire = Wire::failing(account, operation, fault).await;
            let reason = format!("iam:{operation} failed ({code})");
            assert_eq!(wire.evaluated().await, no_details(&reason));
            assert_eq!(wire.count(operation), polls, "{reason}");
            let verdict = &wire.aws.evaluations(ACCOUNT)[0].compliance_type;
            assert_eq!(verdict, "NON_COMPLIANT");
        });
    all(runs).await;
}

#[tokio::test]
async fn scenario_5_a_report_that_never_responds_has_timed_out() {
    let wire = Wire::failing(account_with_key(), GetCredentialReport, Fault::Hang).await;
    let reason = "iam:GetCredentialReport failed (Timeout)";
    assert_eq!(wire.evaluated().await, no_details(reason));
}

#[tokio::test]
async fn scenario_5_a_report_that_is_never_ready_costs_six_requests_a_second_apart() {
    let mut account = without_report();
    account.looks_until_ready = 1000;
    let wire = Wire::to(account).await;
    let reason = "the credential report was not ready in time";
    assert_eq!(wire.evaluated().await, no_details(reason));
    assert_eq!(wire.count(GetCredentialReport), 5);
    assert_eq!(wire.count(GenerateCredentialReport), 1);
    let polls: Vec<_> = wire.aws.requests().iter().map(|it| it.at).collect();
    // Between the account summary with the first request and PutEvaluations.
    for pair in polls[2..polls.len() - 1].windows(2) {
        let wait = pair[1] - pair[0];
        assert!(wait >= Duration::from_millis(900), "{wait:?}");
    }
}

fn report_not_present() -> Fault {
    Fault::aws_error(410, "ReportNotPresent", "No report is present")
}

#[tokio::test]
async fn scenario_5_a_report_that_stays_absent_is_generated_once() {
    let wire = Wire::failing(
        account_with_key(),
        GetCredentialReport,
        report_not_present(),
    )
    .await;
    let reason = "the credential report was not ready in time";
    assert_eq!(wire.evaluated().await, no_details(reason));
    assert_eq!(wire.operations()[2], GenerateCredentialReport);
    assert_eq!(wire.count(GenerateCredentialReport), 1);
    assert_eq!(wire.count(GetCredentialReport), 5);
}

/// Evaluates with less time for the credential report than the first pause, of a second:
/// eight seconds are kept for PutEvaluations and a failure.
async fn evaluate_without_time_to_pause(wire: &Wire) {
    let left = Duration::from_millis(8950);
    wire.evaluate_within(left).await.unwrap();
}

#[tokio::test]
async fn an_absent_report_is_generated_and_read_without_a_pause() {
    let absent = Wire::to(without_report()).await;
    evaluate_without_time_to_pause(&absent).await;
    let mut calls = vec![
        GetAccountSummary,
        GetCredentialReport,
        GenerateCredentialReport,
    ];
    assert_eq!(
        absent.operations(),
        [&calls[..], &[PutEvaluations]].concat()
    );

    let complete_by_then = Wire::to(account_with_key()).await;
    complete_by_then.fault(GetCredentialReport, report_not_present());
    evaluate_without_time_to_pause(&complete_by_then).await;
    calls.extend([GetCredentialReport, PutEvaluations]);
    assert_eq!(complete_by_then.operations(), calls);
}

#[tokio::test]
async fn a_report_that_somebody_else_requested_is_only_waited_for() {
    let wire = Wire::to(account_with_key()).await;
    let in_progress = Fault::aws_error(404, "ReportInProgress", "The report is being generated");
    wire.fault(GetCredentialReport, in_progress);
    wire.evaluate().await.unwrap();
    assert_eq!(wire.count(GetCredentialReport), 2);
    assert_eq!(wire.count(GenerateCredentialReport), 0);
}

#[tokio::test]
async fn an_expired_report_is_generated_again_and_read() {
    let generated_at = days_ago(1);
    let mut account = account_with_key().with_report(Report::Complete { generated_at });
    account.looks_until_ready = 1;
    let wire = Wire::to(account).await;
    let annotation = wire.evaluated().await;
    assert!(annotation.ends_with("Credential report of 2026-03-01 06:00 UTC."));
    assert_eq!(
        wire.operations()[1..5],
        [
            GetCredentialReport,
            GenerateCredentialReport,
            GetCredentialReport,
            GetCredentialReport,
        ]
    );
}

#[tokio::test]
async fn a_report_that_was_not_requested_for_lack_of_time_is_reported_as_such() {
    let wire = Wire::to(account_with_key()).await;
    let left = Duration::from_secs(6);
    wire.evaluate_within(left).await.unwrap();
    assert_eq!(wire.operations(), [GetAccountSummary, PutEvaluations]);
    let reason = "no time was left for the credential report";
    assert_eq!(wire.annotation(), no_details(reason));
}

#[tokio::test]
async fn a_report_that_the_rule_stops_waiting_for_is_not_called_failed() {
    for (operation, account) in [
        (GetCredentialReport, account_with_key()),
        (GenerateCredentialReport, without_report()),
    ] {
        let wire = Wire::failing(account, operation, Fault::Hang).await;
        // What PutEvaluations and a failure need leaves 0.7 s for the report.
        let left = Duration::from_millis(8_700);
        wire.evaluate_within(left).await.unwrap();
        let reason = format!("iam:{operation} did not respond in the time left for it");
        assert_eq!(wire.annotation(), no_details(&reason));
    }
}

/// The annotation of an account with a key whose credential report is that fixture.
async fn annotation_with_report(case: &str) -> String {
    let mut account = account_with_key();
    account.report_csv = Some(fixture(&format!("credential-report/{case}.csv")).into_bytes());
    Wire::to(account).await.evaluated().await
}

#[tokio::test]
async fn scenario_5_an_unreadable_report_is_named_by_what_is_wrong_with_it() {
    const REPORTS: &str = "
garbled-active | could not be read
row-cut-short | could not be read
inactive-with-ill-formed-date | could not be read
empty | has no column user
html | has no column user
no-root-row | has no row for the root user
no-key-columns | has no column access_key_1_active
other-account | is for account 444455556666
";
    for [case, why] in rows(REPORTS) {
        let annotation = annotation_with_report(&format!("unreadable/{case}")).await;
        let reason = format!("the credential report {why}");
        assert_eq!(annotation, no_details(&reason), "{case}");
    }
}

/// `old-key-deactivated-lately` may be a key of 2009 that was used in 2012: the report
/// cannot tell.
#[tokio::test]
async fn a_report_is_read_by_column_name_whatever_else_is_in_it() {
    const REPORTS: &str = "
columns-in-another-order | active, created or last changed 2019-03-04 (2554 days ago), last used 2024-01-02 (s3, us-east-1).
booleans-in-capitals-and-further-columns | active, created or last changed 2019-03-04 (2554 days ago), last used 2024-01-02 (s3, us-east-1).
no-information | active, created or last changed 2019-03-04 (2554 days ago), last use unknown.
service-and-region-not-understood | active, created or last changed 2019-03-04 (2554 days ago), last used 2024-01-02.
service-with-a-dot | active, created or last changed 2019-03-04 (2554 days ago), last used 2024-01-02 (runtime.lex, us-gov-west-1).
last-rotated-unknown | active, creation or last change unknown, no use on record since 2015-04-22.
last-rotated-after-the-notification | active, created or last changed 2026-03-02, no use on record since 2015-04-22.
last-rotated-on-the-day | active, created or last changed 2026-03-01 (today), no use on record since 2015-04-22.
old-key-deactivated-lately | inactive, created or last changed 2024-03-31 (700 days ago), no use on record since 2015-04-22. Deactivating is not enough: delete them.
";
    for [case, words] in rows(REPORTS) {
        let expected = format!(
            "The root user has access keys. Key 1: {words} Credential report of 2026-03-01 05:00 UTC."
        );
        let annotation = annotation_with_report(&format!("readable/{case}")).await;
        assert_eq!(annotation, expected, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn ten_megabytes_of_report_are_read() {
    // Paused time does not advance while a blocking task runs. So no time limit depends on how busy this machine is.
    let (end, ended) = std::sync::mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || ended.recv());
    let mut csv = fixture("credential-report/readable/columns-in-another-order.csv");
    csv.push_str(&"x".repeat(5_000_000));
    csv.push('\n');
    csv.push_str(&"a,b,c\n".repeat(900_000));
    let mut account = account_with_key();
    account.report_csv = Some(csv.into_bytes());
    let annotation = Wire::to(account).await.evaluated().await;
    drop(end);
    let words = "created or last changed 2019-03-04";
    assert!(annotation.contains(words), "{annotation}");
}

/// A report that is truncated once, at any place, is read again.
#[tokio::test]
async fn scenario_9_a_report_that_is_truncated_once_is_read_again() {
    let wire = Wire::to(account_with_key()).await;
    let framing = Framing::MatchingLength;
    for bytes in (0..1600).step_by(400) {
        wire.fault(GetCredentialReport, Fault::Cut { bytes, framing });
        let evaluated = wire.evaluate().await.unwrap();
        let annotation = evaluated.annotation;
        assert!(annotation.contains("Key 1: active"), "byte {bytes}");
    }
}
