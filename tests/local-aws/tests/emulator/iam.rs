//! What IAM responds, and to whom.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::Duration;
use local_aws::{Account, Operation, Report, RootKey, Service, days_ago, default_time};
use serde_json::json;

use crate::client::{ACCOUNT, Caller};

/// The report's rows, as fields.
async fn report(aws: &Caller) -> Vec<Vec<String>> {
    let response = aws.call(Operation::GetCredentialReport, json!({})).await;
    let content = response.element("Content").expect(&response.text);
    let csv = String::from_utf8(BASE64_STANDARD.decode(content).unwrap()).unwrap();
    let fields = |line: &str| line.split(',').map(str::to_owned).collect();
    csv.lines().map(fields).collect()
}

#[tokio::test]
async fn the_summary_counts_a_key_whether_it_is_active_or_not() {
    for (keys, value) in [
        ([None, None], "0"),
        ([Some(RootKey::active(days_ago(3))), None], "1"),
        ([None, Some(RootKey::inactive(days_ago(3)))], "1"),
    ] {
        let [first, second] = keys;
        let aws = Caller::start(Account::new(ACCOUNT).with_root_keys(first, second)).await;
        let response = aws.call(Operation::GetAccountSummary, json!({})).await;
        assert_eq!(response.header("content-type"), Some("text/xml"));
        assert_eq!(
            response.element("RequestId"),
            response.header("x-amzn-requestid")
        );
        let body = response.body().split_whitespace().collect::<String>();
        for (key, value) in [
            ("AccountAccessKeysPresent", value),
            ("AccountPasswordPresent", "1"),
        ] {
            let entry = format!("<key>{key}</key><value>{value}</value>");
            assert!(body.contains(&entry), "{body}");
        }
    }
}

#[tokio::test]
async fn a_request_without_a_known_signer_is_rejected() {
    let aws = Caller::start(Account::new(ACCOUNT)).await;
    let (mut unknown, mut stale) = (aws.clone(), aws.clone());
    unknown.credentials.access_key_id = "ASIA0000000000000000".to_owned();
    stale.credentials.session_token = "of-yesterday".to_owned();
    let (iam, summary) = (Some(Service::Iam), "GetAccountSummary");
    for (caller, signed_for, operation, error) in [
        (&aws, None, summary, "403 MissingAuthenticationToken"),
        (&unknown, iam, summary, "403 InvalidClientTokenId"),
        (&stale, iam, summary, "403 InvalidClientTokenId"),
        (
            &aws,
            Some(Service::Sts),
            summary,
            "403 SignatureDoesNotMatch",
        ),
        (&aws, iam, "ListUsers", "400 InvalidAction"),
    ] {
        let response = caller
            .post(Service::Iam, signed_for, operation, json!({}))
            .await;
        assert_eq!(response.error(), error);
    }
}

#[tokio::test]
async fn a_report_is_absent_then_started_then_in_progress_then_complete() {
    let mut account = Account::new(ACCOUNT);
    account.looks_until_ready = 2;
    let aws = Caller::start(account).await;
    for (operation, status, word) in [
        (Operation::GetCredentialReport, 410, "ReportNotPresent"),
        (Operation::GenerateCredentialReport, 200, "STARTED"),
        (Operation::GetCredentialReport, 404, "ReportInProgress"),
        (Operation::GenerateCredentialReport, 200, "INPROGRESS"),
        (Operation::GetCredentialReport, 200, "text/csv"),
        (Operation::GenerateCredentialReport, 200, "COMPLETE"),
    ] {
        let response = aws.call(operation, json!({})).await;
        let mut words = ["State", "Code", "ReportFormat"].into_iter();
        let found = words.find_map(|name| response.element(name));
        assert_eq!((response.status(), found), (status, Some(word)));
    }
}

#[tokio::test]
async fn a_report_is_returned_unchanged_for_four_hours_and_has_then_expired() {
    let made = default_time() - Duration::minutes(30);
    let old = RootKey::active(days_ago(500)).last_used(days_ago(20), "eu-central-1", "s3");
    let new = RootKey::active(default_time() - Duration::minutes(10));
    let account = Account::new(ACCOUNT)
        .with_root_keys(Some(old), Some(new))
        .with_report(Report::Complete { generated_at: made });
    let aws = Caller::start(account).await;
    let first = report(&aws).await;
    assert_eq!(first[1][0], "<root_account>");
    let used = "true,2024-10-17T06:00:00+00:00,2026-02-09T06:00:00+00:00,eu-central-1,s3";
    assert_eq!(
        first[1][8..18].join(","),
        format!("{used},false,N/A,N/A,N/A,N/A")
    );
    aws.set_time(made + Duration::hours(4) - Duration::seconds(1));
    assert_eq!(report(&aws).await, first);
    aws.set_time(made + Duration::hours(4));
    let expired = aws.call(Operation::GetCredentialReport, json!({})).await;
    assert_eq!(expired.error(), "410 ReportExpired");
    let again = aws
        .call(Operation::GenerateCredentialReport, json!({}))
        .await;
    assert_eq!(again.element("State"), Some("STARTED"));
    assert_eq!(report(&aws).await[1][13], "true");
}

#[tokio::test]
async fn an_inactive_key_reads_false_but_keeps_its_date() {
    let account = Account::new(ACCOUNT)
        .with_root_keys(None, Some(RootKey::inactive(days_ago(90))))
        .with_report(Report::Complete {
            generated_at: default_time(),
        });
    let aws = Caller::start(account).await;
    let rows = report(&aws).await;
    assert_eq!(rows[1][8..10], ["false", "N/A"]);
    assert_eq!(rows[1][13..15], ["false", "2025-12-01T06:00:00+00:00"]);
    assert!(rows.iter().all(|row| row.len() == 22));
    assert_eq!(
        rows[2][8], "true",
        "the key of an IAM user, not of the root user"
    );
}

#[tokio::test]
async fn every_request_is_recorded_as_it_was_sent() {
    let aws = Caller::start(Account::new(ACCOUNT)).await;
    aws.call(Operation::GetAccountSummary, json!({})).await;
    let iam = Service::Iam;
    aws.post(iam, Some(iam), "ListUsers", json!({})).await;
    let [known, unknown] = &aws.requests()[..] else {
        panic!("two were sent")
    };
    let expected = json!({
        "service": "iam",
        "operation": "GetAccountSummary",
        "account": ACCOUNT,
        "parameters": { "Action": "GetAccountSummary", "Version": "2010-05-08" },
        "headers": {
            "host": "x",
            "connection": "close",
            "content-length": "43",
            "x-amz-security-token": aws.credentials.session_token,
        },
        "signature": {
            "access_key_id": aws.credentials.access_key_id,
            "region": "us-east-1",
            "service": "iam",
        },
        "connection": 1,
    });
    assert_eq!(serde_json::to_value(known).unwrap(), expected);
    assert_eq!((unknown.operation, unknown.connection), (None, 2));
    assert_eq!((aws.connections().iam, aws.connections().config), (2, 0));
}
