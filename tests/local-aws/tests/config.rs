//! What Config takes, what it refuses, and what it tells those who read.
#![allow(clippy::unwrap_used, reason = "a test")]

mod client;

use chrono::{TimeZone, Utc};
use client::{config, post};
use local_aws::{Account, ConfigRule, Credentials, LocalAws, RULE_NAME};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";

async fn start() -> (LocalAws, Credentials) {
    let aws = LocalAws::start().await.unwrap();
    let credentials = aws.put_account(Account::new(ACCOUNT));
    (aws, credentials)
}

fn evaluation(compliance: &str, seconds: f64) -> Value {
    json!({
        "ComplianceResourceType": "AWS::::Account",
        "ComplianceResourceId": ACCOUNT,
        "ComplianceType": compliance,
        "Annotation": "why",
        "OrderingTimestamp": seconds,
    })
}

fn request(token: &str, evaluations: &[Value]) -> Value {
    json!({ "ResultToken": token, "Evaluations": evaluations })
}

async fn put(aws: &LocalAws, credentials: &Credentials, request: &Value) -> String {
    let heard = config(aws, credentials, "PutEvaluations", request).await;
    if heard.status() == 200 {
        assert_eq!(heard.json(), json!({ "FailedEvaluations": [] }));
        assert!(heard.header("x-amzn-requestid").is_some());
        return "ok".to_owned();
    }
    assert_eq!(heard.status(), 400);
    heard.code()
}

async fn details(aws: &LocalAws, credentials: &Credentials) -> Value {
    let body = json!({ "ConfigRuleName": RULE_NAME });
    config(aws, credentials, "GetComplianceDetailsByConfigRule", &body)
        .await
        .json()
}

#[tokio::test]
async fn an_evaluation_is_kept_under_the_rule_its_token_belongs_to() {
    let (aws, credentials) = start().await;
    aws.put_rule(ConfigRule::new(ACCOUNT, "another-rule"));
    let token = aws.issue_token(ACCOUNT, "another-rule");
    let sent = request(&token, &[evaluation("NON_COMPLIANT", 1_772_344_800.373)]);
    assert_eq!(put(&aws, &credentials, &sent).await, "ok");
    let [kept] = &aws.evaluations(ACCOUNT)[..] else {
        panic!("one was sent")
    };
    assert_eq!(
        (kept.rule.as_str(), kept.resource_id.as_str()),
        ("another-rule", ACCOUNT)
    );
    assert_eq!(kept.compliance_type, "NON_COMPLIANT");
    assert_eq!(kept.annotation.as_deref(), Some("why"));
    assert_eq!(
        kept.ordering_timestamp,
        Utc.timestamp_millis_opt(1_772_344_800_373).unwrap()
    );
    assert_eq!(
        details(&aws, &credentials).await,
        json!({ "EvaluationResults": [] })
    );
}

#[tokio::test]
async fn all_that_config_refuses_is_refused_and_nothing_of_it_kept() {
    let (aws, credentials) = start().await;
    aws.put_account(Account::new("444455556666"));
    let token = aws.issue_token(ACCOUNT, RULE_NAME);
    let foreign = aws.issue_token("444455556666", RULE_NAME);
    let deleted = aws.issue_token(ACCOUNT, "deleted-rule");
    let good = evaluation("COMPLIANT", 1.0);
    let one = [good.clone()];
    let with = |member: &str, value: Value| {
        let mut evaluation = good.clone();
        evaluation[member] = value;
        request(&token, &[good.clone(), evaluation])
    };
    let without = |member: &str| {
        let mut evaluation = good.clone();
        evaluation.as_object_mut().unwrap().remove(member);
        request(&token, &[evaluation])
    };
    let cases = [
        ("InvalidResultTokenException", request("never issued", &one)),
        ("InvalidResultTokenException", request(&foreign, &one)),
        ("InvalidResultTokenException", request("", &one)),
        ("ValidationException", json!({ "Evaluations": [good] })),
        ("NoSuchConfigRuleException", request(&deleted, &one)),
        (
            "InvalidParameterValueException",
            with("ComplianceType", "INSUFFICIENT_DATA".into()),
        ),
        (
            "ValidationException",
            with("ComplianceType", "Compliant".into()),
        ),
        ("ValidationException", with("Annotation", "".into())),
        (
            "ValidationException",
            with("Annotation", "é".repeat(257).into()),
        ),
        ("SerializationException", with("Annotation", 7.into())),
        (
            "InvalidParameterValueException",
            with("ComplianceResourceType", "AWS::Account".into()),
        ),
        (
            "ValidationException",
            with("ComplianceResourceId", "1".repeat(769).into()),
        ),
        (
            "SerializationException",
            with("OrderingTimestamp", "2026-03-01T06:00:00Z".into()),
        ),
        ("ValidationException", without("OrderingTimestamp")),
        ("ValidationException", without("ComplianceResourceType")),
        ("ValidationException", without("ComplianceResourceId")),
        ("ValidationException", without("ComplianceType")),
        (
            "ValidationException",
            request(&token, &vec![good.clone(); 101]),
        ),
        ("SerializationException", json!([])),
    ];
    for (code, sent) in cases {
        assert_eq!(put(&aws, &credentials, &sent).await, code, "{sent}");
        assert_eq!(aws.evaluations(ACCOUNT), []);
    }
    for fine in [
        with("Annotation", "é".repeat(256).into()),
        without("Annotation"),
    ] {
        assert_eq!(put(&aws, &credentials, &fine).await, "ok");
    }
    assert_eq!(
        put(&aws, &credentials, &request(&token, &vec![good; 100])).await,
        "ok"
    );
    assert_eq!(aws.evaluations(ACCOUNT).len(), 103);
}

#[tokio::test]
async fn test_mode_needs_no_good_token_and_keeps_nothing() {
    let (aws, credentials) = start().await;
    let mut sent = request("TESTMODE", &[evaluation("COMPLIANT", 1.0)]);
    sent["TestMode"] = true.into();
    assert_eq!(put(&aws, &credentials, &sent).await, "ok");
    sent["Evaluations"][0]["Annotation"] = "".into();
    assert_eq!(put(&aws, &credentials, &sent).await, "ValidationException");
    sent["ResultToken"] = Value::Null;
    assert_eq!(put(&aws, &credentials, &sent).await, "ValidationException");
    assert_eq!(aws.evaluations(ACCOUNT), []);
}

#[tokio::test]
async fn strangers_and_unknown_targets_are_refused_in_config_s_words() {
    let (aws, credentials) = start().await;
    let unsigned = post(&aws.config_url(), None, &[], "{}").await;
    assert_eq!(unsigned.code(), "MissingAuthenticationTokenException");
    let mut stranger = credentials.clone();
    stranger.access_key_id = "ASIA0000000000000000".to_owned();
    let refused = config(&aws, &stranger, "DescribeConfigRules", &json!({})).await;
    assert_eq!(
        (refused.status(), refused.code().as_str()),
        (400, "UnrecognizedClientException")
    );
    let unknown = config(&aws, &credentials, "PutConfigRule", &json!({})).await;
    assert_eq!(unknown.code(), "UnknownOperationException");
}

#[tokio::test]
async fn the_newest_ordering_timestamp_wins_whenever_it_comes() {
    let (aws, credentials) = start().await;
    for (compliance, seconds) in [
        ("COMPLIANT", 100.0),
        ("NON_COMPLIANT", 300.5),
        ("COMPLIANT", 200.0),
    ] {
        let token = aws.issue_token(ACCOUNT, RULE_NAME);
        put(
            &aws,
            &credentials,
            &request(&token, &[evaluation(compliance, seconds)]),
        )
        .await;
    }
    let answer = details(&aws, &credentials).await;
    assert_eq!(
        answer["EvaluationResults"],
        json!([{
            "EvaluationResultIdentifier": {
                "EvaluationResultQualifier": {
                    "ConfigRuleName": RULE_NAME,
                    "ResourceType": "AWS::::Account",
                    "ResourceId": ACCOUNT,
                    "EvaluationMode": "DETECTIVE",
                },
                "OrderingTimestamp": 300.5,
            },
            "ComplianceType": "NON_COMPLIANT",
            "ResultRecordedTime": 1_772_344_800.373,
            "ConfigRuleInvokedTime": 1_772_344_800.373,
            "Annotation": "why",
        }])
    );
    let compliance = config(
        &aws,
        &credentials,
        "DescribeComplianceByConfigRule",
        &json!({}),
    )
    .await;
    assert_eq!(
        compliance.json(),
        json!({ "ComplianceByConfigRules": [{
            "ConfigRuleName": RULE_NAME,
            "Compliance": {
                "ComplianceType": "NON_COMPLIANT",
                "ComplianceContributorCount": { "CappedCount": 1, "CapExceeded": false },
            },
        }] })
    );
}

#[tokio::test]
async fn a_rule_that_never_heard_has_insufficient_data() {
    let (aws, credentials) = start().await;
    let answer = config(
        &aws,
        &credentials,
        "DescribeComplianceByConfigRule",
        &json!({}),
    )
    .await;
    let compliance = &answer.json()["ComplianceByConfigRules"][0]["Compliance"];
    assert_eq!(
        *compliance,
        json!({ "ComplianceType": "INSUFFICIENT_DATA" })
    );
    let only = json!({ "ComplianceTypes": ["COMPLIANT"] });
    let answer = config(&aws, &credentials, "DescribeComplianceByConfigRule", &only).await;
    assert_eq!(answer.json(), json!({ "ComplianceByConfigRules": [] }));
}

#[tokio::test]
async fn rules_come_in_pages() {
    let (aws, credentials) = start().await;
    for number in 0..30 {
        aws.put_rule(ConfigRule::new(ACCOUNT, &format!("rule-{number}")));
    }
    let mut names = Vec::new();
    let mut token = Value::Null;
    loop {
        let body = json!({ "NextToken": token });
        let page = config(&aws, &credentials, "DescribeConfigRules", &body)
            .await
            .json();
        let rules = page["ConfigRules"].as_array().unwrap();
        names.extend(rules.iter().map(|rule| rule["ConfigRuleName"].clone()));
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
        assert_eq!(rules.len(), 25);
    }
    assert_eq!(names.len(), 31);
    for (asked, code) in [
        (
            json!({ "NextToken": "of somebody else" }),
            "InvalidNextTokenException",
        ),
        (
            json!({ "ConfigRuleNames": ["none"] }),
            "NoSuchConfigRuleException",
        ),
        (
            json!({ "ConfigRuleNames": vec!["rule-1"; 26] }),
            "ValidationException",
        ),
    ] {
        let heard = config(&aws, &credentials, "DescribeConfigRules", &asked).await;
        assert_eq!((heard.status(), heard.code().as_str()), (400, code));
    }
}
