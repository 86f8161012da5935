//! What AWS Config accepts, what it rejects, and the results that it returns.

use chrono::{TimeZone, Utc};
use local_aws::{Account, ConfigRule, Operation, RULE_NAME, Service};
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Caller};

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

/// `ok`, or the error.
async fn put(aws: &Caller, request: &Value) -> String {
    let response = aws.call(Operation::PutEvaluations, request.clone()).await;
    if response.status() != 200 {
        return response.error();
    }
    assert_eq!(response.json(), json!({ "FailedEvaluations": [] }));
    assert!(response.header("x-amzn-requestid").is_some());
    "ok".to_owned()
}

#[tokio::test]
async fn an_evaluation_is_stored_for_the_rule_of_its_token() {
    let aws = Caller::start(Account::new(ACCOUNT)).await;
    aws.put_rule(ConfigRule::new(ACCOUNT, "another-rule"));
    let token = aws.issue_token(ACCOUNT, "another-rule");
    let sent = request(&token, &[evaluation("NON_COMPLIANT", 1_772_344_800.373)]);
    assert_eq!(put(&aws, &sent).await, "ok");
    let [stored] = &aws.evaluations(ACCOUNT)[..] else {
        panic!("one was sent")
    };
    assert_eq!(
        (&*stored.rule, &*stored.resource_id),
        ("another-rule", ACCOUNT)
    );
    assert_eq!(stored.compliance_type, "NON_COMPLIANT");
    assert_eq!(stored.annotation.as_deref(), Some("why"));
    let time = Utc.timestamp_millis_opt(1_772_344_800_373).unwrap();
    assert_eq!(stored.ordering_timestamp, time);
}

#[tokio::test]
async fn every_invalid_request_is_rejected_and_nothing_is_stored() {
    let aws = Caller::start(Account::new(ACCOUNT)).await;
    aws.put_account(Account::new("444455556666"));
    let token = aws.issue_token(ACCOUNT, RULE_NAME);
    let of_other_account = aws.issue_token("444455556666", RULE_NAME);
    let deleted = aws.issue_token(ACCOUNT, "deleted-rule");
    let good = evaluation("COMPLIANT", 1.0);
    let one = [good.clone()];
    let with = |member: &str, value: Value| {
        let mut evaluation = good.clone();
        evaluation[member] = value;
        request(&token, &[good.clone(), evaluation])
    };
    let without = |member: &str| with(member, Value::Null);
    let (id, kind) = ("ComplianceResourceId", "ComplianceResourceType");
    for (code, sent) in [
        ("InvalidResultToken", request("never issued", &one)),
        ("InvalidResultToken", request(&of_other_account, &one)),
        ("InvalidResultToken", request("", &one)),
        ("Validation", json!({ "Evaluations": [good] })),
        ("NoSuchConfigRule", request(&deleted, &one)),
        (
            "InvalidParameterValue",
            with("ComplianceType", "INSUFFICIENT_DATA".into()),
        ),
        ("Validation", with("ComplianceType", "Compliant".into())),
        ("Validation", with("Annotation", "".into())),
        ("Validation", with("Annotation", "é".repeat(257).into())),
        ("Serialization", with("Annotation", 7.into())),
        ("InvalidParameterValue", with(kind, "AWS::Account".into())),
        ("Validation", with(id, "1".repeat(769).into())),
        (
            "Serialization",
            with("OrderingTimestamp", "2026-03-01T06:00:00Z".into()),
        ),
        ("Validation", without("OrderingTimestamp")),
        ("Validation", without(kind)),
        ("Validation", without(id)),
        ("Validation", without("ComplianceType")),
        ("Validation", request(&token, &vec![good.clone(); 101])),
        ("Serialization", json!([])),
    ] {
        let response = put(&aws, &sent).await;
        assert_eq!(response, format!("400 {code}Exception"), "{sent}");
        assert_eq!(aws.evaluations(ACCOUNT), []);
    }
    for fine in [
        with("Annotation", "é".repeat(256).into()),
        without("Annotation"),
        request(&token, &vec![good.clone(); 100]),
    ] {
        assert_eq!(put(&aws, &fine).await, "ok");
    }
    assert_eq!(aws.evaluations(ACCOUNT).len(), 104);
}

#[tokio::test]
async fn test_mode_accepts_any_token_and_stores_nothing() {
    let aws = Caller::start(Account::new(ACCOUNT)).await;
    let mut sent = request("TESTMODE", &[evaluation("COMPLIANT", 1.0)]);
    sent["TestMode"] = true.into();
    assert_eq!(put(&aws, &sent).await, "ok");
    sent["Evaluations"][0]["Annotation"] = "".into();
    assert_eq!(put(&aws, &sent).await, "400 ValidationException");
    sent["ResultToken"] = Value::Null;
    assert_eq!(put(&aws, &sent).await, "400 ValidationException");
    assert_eq!(aws.evaluations(ACCOUNT), []);
}

#[tokio::test]
async fn unknown_signers_and_operations_are_rejected_with_config_s_errors() {
    let aws = Caller::start(Account::new(ACCOUNT)).await;
    let mut unknown = aws.clone();
    unknown.credentials.access_key_id = "ASIA0000000000000000".to_owned();
    let (config, put) = (Some(Service::Config), "PutEvaluations");
    for (caller, signed_for, operation, code) in [
        (&aws, None, put, "MissingAuthenticationToken"),
        (&unknown, config, put, "UnrecognizedClient"),
        (&aws, Some(Service::Iam), put, "InvalidSignature"),
        (&aws, config, "PutConfigRule", "UnknownOperation"),
    ] {
        let response = caller
            .post(Service::Config, signed_for, operation, json!({}))
            .await;
        assert_eq!(response.error(), format!("400 {code}Exception"));
    }
}

#[tokio::test]
async fn the_newest_ordering_timestamp_counts_whenever_it_arrives() {
    let aws = Caller::start(Account::new(ACCOUNT)).await;
    let details = Operation::GetComplianceDetailsByConfigRule;
    let compliance = Operation::DescribeComplianceByConfigRule;
    let before = aws.call(compliance, json!({})).await;
    let of_rule = &before.json()["ComplianceByConfigRules"][0]["Compliance"];
    assert_eq!(*of_rule, json!({ "ComplianceType": "INSUFFICIENT_DATA" }));
    for (kind, seconds) in [
        ("COMPLIANT", 100.0),
        ("NON_COMPLIANT", 300.5),
        ("COMPLIANT", 200.0),
    ] {
        let token = aws.issue_token(ACCOUNT, RULE_NAME);
        put(&aws, &request(&token, &[evaluation(kind, seconds)])).await;
    }
    let results = aws
        .call(details, json!({ "ConfigRuleName": RULE_NAME }))
        .await;
    let expected = json!({ "EvaluationResults": [{
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
    }] });
    assert_eq!(results.json(), expected);
    let after = aws.call(compliance, json!({})).await;
    let expected = json!({ "ComplianceByConfigRules": [{
        "ConfigRuleName": RULE_NAME,
        "Compliance": {
            "ComplianceType": "NON_COMPLIANT",
            "ComplianceContributorCount": { "CappedCount": 1, "CapExceeded": false },
        },
    }] });
    assert_eq!(after.json(), expected);
    let only = json!({ "ComplianceTypes": ["COMPLIANT"] });
    let none = aws.call(compliance, only).await;
    assert_eq!(none.json(), json!({ "ComplianceByConfigRules": [] }));
}

#[tokio::test]
async fn rules_are_listed_in_pages() {
    let aws = Caller::start(Account::new(ACCOUNT)).await;
    for number in 0..30 {
        aws.put_rule(ConfigRule::new(ACCOUNT, &format!("rule-{number}")));
    }
    let operation = Operation::DescribeConfigRules;
    let (_, sizes) = aws.pages(operation, json!({}), "ConfigRules").await;
    assert_eq!(sizes, [25, 6]);
    for (request, error) in [
        (
            json!({ "NextToken": "of somebody else" }),
            "400 InvalidNextTokenException",
        ),
        (
            json!({ "ConfigRuleNames": ["none"] }),
            "400 NoSuchConfigRuleException",
        ),
        (
            json!({ "ConfigRuleNames": vec!["rule-1"; 26] }),
            "400 ValidationException",
        ),
    ] {
        assert_eq!(aws.result(operation, request).await, error);
    }
}
