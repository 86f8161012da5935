//! What IAM answers, and to whom.
#![allow(clippy::unwrap_used, reason = "a test")]

mod client;

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::Duration;
use client::{iam, post};
use local_aws::{Account, Credentials, LocalAws, Report, RootKey, days_ago, default_time};
use serde_json::json;

const ACCOUNT: &str = "111122223333";

async fn with(account: Account) -> (LocalAws, Credentials) {
    let aws = LocalAws::start().await.unwrap();
    let credentials = aws.put_account(account);
    (aws, credentials)
}

fn value_of(summary: &str, key: &str) -> String {
    let (_, rest) = summary.split_once(&format!("<key>{key}</key>")).unwrap();
    rest.split_once("<value>")
        .unwrap()
        .1
        .split('<')
        .next()
        .unwrap()
        .to_owned()
}

/// The report's rows, as fields.
async fn report(aws: &LocalAws, credentials: &Credentials) -> Vec<Vec<String>> {
    let heard = iam(aws, credentials, "GetCredentialReport").await;
    assert_eq!(heard.status(), 200, "{}", heard.text);
    let csv = BASE64_STANDARD
        .decode(heard.element("Content").unwrap())
        .unwrap();
    let csv = String::from_utf8(csv).unwrap();
    csv.lines()
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

#[tokio::test]
async fn the_summary_counts_a_key_whether_it_is_active_or_not() {
    let key = RootKey::active(days_ago(3));
    let inactive = RootKey::inactive(days_ago(3));
    for (keys, value) in [
        ([None, None], "0"),
        ([Some(key), None], "1"),
        ([None, Some(inactive)], "1"),
    ] {
        let [first, second] = keys;
        let (aws, credentials) = with(Account::new(ACCOUNT).with_root_keys(first, second)).await;
        let heard = iam(&aws, &credentials, "GetAccountSummary").await;
        assert_eq!(heard.status(), 200);
        assert_eq!(heard.header("content-type"), Some("text/xml"));
        assert_eq!(value_of(heard.body(), "AccountAccessKeysPresent"), value);
        assert_eq!(value_of(heard.body(), "AccountPasswordPresent"), "1");
        assert_eq!(heard.element("RequestId"), heard.header("x-amzn-requestid"));
    }
}

#[tokio::test]
async fn accounts_are_told_apart_by_the_key_that_signs() {
    let (aws, one) = with(Account::new(ACCOUNT)).await;
    let mut other = Account::new("444455556666");
    other.access_keys_present = Some(2);
    let other = aws.put_account(other);
    let mut values = Vec::new();
    for credentials in [&one, &other] {
        let heard = iam(&aws, credentials, "GetAccountSummary").await;
        values.push(value_of(heard.body(), "AccountAccessKeysPresent"));
    }
    assert_eq!(values, ["0", "2"]);
    let accounts: Vec<_> = aws
        .requests()
        .into_iter()
        .filter_map(|r| r.account)
        .collect();
    assert_eq!(accounts, [ACCOUNT, "444455556666"]);
}

#[tokio::test]
async fn whoever_does_not_sign_as_somebody_known_is_refused() {
    let (aws, credentials) = with(Account::new(ACCOUNT)).await;
    let body = "Action=GetAccountSummary&Version=2010-05-08";
    let unsigned = post(&aws.iam_url(), None, &[], body).await;
    assert_eq!(
        (unsigned.status(), unsigned.code().as_str()),
        (403, "MissingAuthenticationToken")
    );
    let mut stranger = credentials.clone();
    stranger.access_key_id = "ASIA0000000000000000".to_owned();
    let mut stale = credentials.clone();
    stale.session_token = "of-yesterday".to_owned();
    for wrong in [&stranger, &stale] {
        let heard = iam(&aws, wrong, "GetAccountSummary").await;
        assert_eq!(
            (heard.status(), heard.code().as_str()),
            (403, "InvalidClientTokenId")
        );
    }
    let misdirected = post(&aws.iam_url(), Some((&credentials, "sts")), &[], body).await;
    assert_eq!(
        (misdirected.status(), misdirected.code().as_str()),
        (403, "SignatureDoesNotMatch")
    );
    let unheard_of = iam(&aws, &credentials, "ListUsers").await;
    assert_eq!(
        (unheard_of.status(), unheard_of.code().as_str()),
        (400, "InvalidAction")
    );
}

#[tokio::test]
async fn a_report_is_absent_then_started_then_in_progress_then_there() {
    let mut account = Account::new(ACCOUNT);
    account.looks_until_ready = 2;
    let (aws, credentials) = with(account).await;
    let mut life = Vec::new();
    for action in [
        "GetCredentialReport",
        "GenerateCredentialReport",
        "GetCredentialReport",
        "GenerateCredentialReport",
        "GetCredentialReport",
        "GenerateCredentialReport",
    ] {
        let heard = iam(&aws, &credentials, action).await;
        let word = heard
            .element("State")
            .or(heard.element("Code"))
            .or(heard.element("ReportFormat"));
        life.push((heard.status(), word.unwrap().to_owned()));
    }
    let expected = [
        (410, "ReportNotPresent"),
        (200, "STARTED"),
        (404, "ReportInProgress"),
        (200, "INPROGRESS"),
        (200, "text/csv"),
        (200, "COMPLETE"),
    ];
    assert_eq!(
        life,
        expected.map(|(status, word)| (status, word.to_owned()))
    );
}

#[tokio::test]
async fn a_report_is_served_unchanged_for_four_hours_and_has_then_expired() {
    let made = default_time() - Duration::minutes(30);
    let old = RootKey::active(days_ago(500)).last_used(days_ago(20), "eu-central-1", "s3");
    let new = RootKey::active(default_time() - Duration::minutes(10));
    let account = Account::new(ACCOUNT)
        .with_root_keys(Some(old), Some(new))
        .with_report(Report::Complete { generated_at: made });
    let (aws, credentials) = with(account).await;
    let first = report(&aws, &credentials).await;
    assert_eq!(first[1][0], "<root_account>");
    assert_eq!(
        first[1][8..18],
        [
            "true",
            "2024-10-17T06:00:00+00:00",
            "2026-02-09T06:00:00+00:00",
            "eu-central-1",
            "s3",
            "false",
            "N/A",
            "N/A",
            "N/A",
            "N/A"
        ]
    );
    aws.set_time(made + Duration::hours(4) - Duration::seconds(1));
    assert_eq!(report(&aws, &credentials).await, first);
    aws.set_time(made + Duration::hours(4));
    let expired = iam(&aws, &credentials, "GetCredentialReport").await;
    assert_eq!(
        (expired.status(), expired.code().as_str()),
        (410, "ReportExpired")
    );
    let again = iam(&aws, &credentials, "GenerateCredentialReport").await;
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
    let (aws, credentials) = with(account).await;
    let rows = report(&aws, &credentials).await;
    assert_eq!(rows[1][8..10], ["false", "N/A"]);
    assert_eq!(rows[1][13..15], ["false", "2025-12-01T06:00:00+00:00"]);
    assert!(rows.iter().all(|row| row.len() == 22));
    assert_eq!(
        rows[2][8], "true",
        "an IAM user's key, which is not the root user's"
    );
}

#[tokio::test]
async fn every_request_is_kept_as_it_came() {
    let (aws, credentials) = with(Account::new(ACCOUNT)).await;
    iam(&aws, &credentials, "GetAccountSummary").await;
    iam(&aws, &credentials, "ListUsers").await;
    let [known, unknown] = &aws.requests()[..] else {
        panic!("two were sent")
    };
    assert_eq!(
        serde_json::to_value(known).unwrap(),
        json!({
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
        })
    );
    assert_eq!((unknown.operation, unknown.connection), (None, 2));
    assert_eq!(aws.connections().iam, 2);
    assert_eq!(aws.connections().config, 0);
}
