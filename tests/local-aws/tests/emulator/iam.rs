//! What IAM responds, and to whom.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::Duration;
use local_aws::{
    Account, Credentials, LocalAws, Operation, Report, RootKey, Service, days_ago, default_time,
};
use serde_json::json;

use crate::client::{ACCOUNT, ClientResponse, call, post, start};

async fn iam(aws: &LocalAws, by: &Credentials, operation: Operation) -> ClientResponse {
    call(aws, by, operation, json!({})).await
}

/// The report's rows, as fields.
async fn report(aws: &LocalAws, by: &Credentials) -> Vec<Vec<String>> {
    let response = iam(aws, by, Operation::GetCredentialReport).await;
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
        let (aws, credentials) = start(Account::new(ACCOUNT).with_root_keys(first, second)).await;
        let response = iam(&aws, &credentials, Operation::GetAccountSummary).await;
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
    let (aws, credentials) = start(Account::new(ACCOUNT)).await;
    let mut unknown = credentials.clone();
    unknown.access_key_id = "ASIA0000000000000000".to_owned();
    let mut stale = credentials.clone();
    stale.session_token = "of-yesterday".to_owned();
    for (signer, operation, error) in [
        (None, "GetAccountSummary", "403 MissingAuthenticationToken"),
        (
            Some((&unknown, Service::Iam)),
            "GetAccountSummary",
            "403 InvalidClientTokenId",
        ),
        (
            Some((&stale, Service::Iam)),
            "GetAccountSummary",
            "403 InvalidClientTokenId",
        ),
        (
            Some((&credentials, Service::Sts)),
            "GetAccountSummary",
            "403 SignatureDoesNotMatch",
        ),
        (
            Some((&credentials, Service::Iam)),
            "ListUsers",
            "400 InvalidAction",
        ),
    ] {
        let response = post(&aws, Service::Iam, signer, operation, json!({})).await;
        assert_eq!(response.error(), error);
    }
}

#[tokio::test]
async fn a_report_is_absent_then_started_then_in_progress_then_complete() {
    let mut account = Account::new(ACCOUNT);
    account.looks_until_ready = 2;
    let (aws, credentials) = start(account).await;
    for (operation, status, word) in [
        (Operation::GetCredentialReport, 410, "ReportNotPresent"),
        (Operation::GenerateCredentialReport, 200, "STARTED"),
        (Operation::GetCredentialReport, 404, "ReportInProgress"),
        (Operation::GenerateCredentialReport, 200, "INPROGRESS"),
        (Operation::GetCredentialReport, 200, "text/csv"),
        (Operation::GenerateCredentialReport, 200, "COMPLETE"),
    ] {
        let response = iam(&aws, &credentials, operation).await;
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
    let (aws, credentials) = start(account).await;
    let first = report(&aws, &credentials).await;
    assert_eq!(first[1][0], "<root_account>");
    let used = "true,2024-10-17T06:00:00+00:00,2026-02-09T06:00:00+00:00,eu-central-1,s3";
    assert_eq!(
        first[1][8..18].join(","),
        format!("{used},false,N/A,N/A,N/A,N/A")
    );
    aws.set_time(made + Duration::hours(4) - Duration::seconds(1));
    assert_eq!(report(&aws, &credentials).await, first);
    aws.set_time(made + Duration::hours(4));
    let expired = iam(&aws, &credentials, Operation::GetCredentialReport).await;
    assert_eq!(expired.error(), "410 ReportExpired");
    let again = iam(&aws, &credentials, Operation::GenerateCredentialReport).await;
    assert_eq!(again.element("State"), Some("STARTED"));
    assert_eq!(report(&aws, &credentials).await[1][13], "true");
}

#[tokio::test]
async fn an_inactive_key_reads_false_but_keeps_its_date() {
    let account = Account::new(ACCOUNT)
        .with_root_keys(None, Some(RootKey::inactive(days_ago(90))))
        .with_report(Report::Complete {
            generated_at: default_time(),
        });
    let (aws, credentials) = start(account).await;
    let rows = report(&aws, &credentials).await;
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
    let (aws, credentials) = start(Account::new(ACCOUNT)).await;
    iam(&aws, &credentials, Operation::GetAccountSummary).await;
    let signer = Some((&credentials, Service::Iam));
    post(&aws, Service::Iam, signer, "ListUsers", json!({})).await;
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
            "x-amz-security-token": credentials.session_token,
        },
        "signature": {
            "access_key_id": credentials.access_key_id,
            "region": "us-east-1",
            "service": "iam",
        },
        "connection": 1,
    });
    assert_eq!(serde_json::to_value(known).unwrap(), expected);
    assert_eq!((unknown.operation, unknown.connection), (None, 2));
    assert_eq!((aws.connections().iam, aws.connections().config), (2, 0));
}
