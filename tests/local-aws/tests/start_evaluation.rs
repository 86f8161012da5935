//! `StartConfigRulesEvaluation`: the rule's event on its way, and the limits.
#![allow(clippy::unwrap_used, reason = "a test")]

mod client;

use chrono::Duration;
use client::config;
use local_aws::{Account, Credentials, LocalAws, RULE_NAME, RuntimeApi};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";

async fn start() -> (LocalAws, Credentials) {
    let aws = LocalAws::start().await.unwrap();
    let credentials = aws.put_account(Account::new(ACCOUNT));
    (aws, credentials)
}

async fn start_evaluation(aws: &LocalAws, credentials: &Credentials, names: &[&str]) -> String {
    let body = json!({ "ConfigRuleNames": names });
    let heard = config(aws, credentials, "StartConfigRulesEvaluation", &body).await;
    if heard.status() == 200 {
        heard.body().to_owned()
    } else {
        heard.code()
    }
}

#[tokio::test]
async fn starting_an_evaluation_sends_the_rule_s_event_to_its_function() {
    let (aws, credentials) = start().await;
    let function = RuntimeApi::start().await.unwrap();
    aws.connect_function(ACCOUNT, &function);
    assert_eq!(
        start_evaluation(&aws, &credentials, &[RULE_NAME]).await,
        "{}"
    );
    let state = config(&aws, &credentials, "DescribeConfigRules", &json!({}))
        .await
        .json();
    assert_eq!(state["ConfigRules"][0]["ConfigRuleState"], "EVALUATING");

    let next = client::runtime(&function, "GET", "invocation/next", &[], "").await;
    let event = next.json();
    let arn = "arn:aws:lambda:us-east-1:111122223333:function:root-access-key-rule";
    assert_eq!(
        next.header("lambda-runtime-invoked-function-arn"),
        Some(arn)
    );
    assert_eq!(event["accountId"], ACCOUNT);
    let invoking: Value = serde_json::from_str(event["invokingEvent"].as_str().unwrap()).unwrap();
    assert_eq!(invoking["messageType"], "ScheduledNotification");
    assert_eq!(
        invoking["notificationCreationTime"],
        "2026-03-01T06:00:00.373Z"
    );
    let token = event["resultToken"].as_str().unwrap();
    let length = token.len();
    assert!((2000..4000).contains(&length), "{length}");
    let sent = json!({ "ResultToken": token, "Evaluations": [] });
    let put = config(&aws, &credentials, "PutEvaluations", &sent).await;
    assert_eq!(put.status(), 200, "{}", put.text);

    // While that run is open, and for a minute, there is no other.
    assert_eq!(
        start_evaluation(&aws, &credentials, &[RULE_NAME]).await,
        "LimitExceededException"
    );
    aws.set_time(aws.now() + Duration::seconds(60));
    assert_eq!(
        start_evaluation(&aws, &credentials, &[RULE_NAME]).await,
        "LimitExceededException"
    );
    let id = next.header("lambda-runtime-aws-request-id").unwrap();
    client::runtime(
        &function,
        "POST",
        &format!("invocation/{id}/response"),
        &[],
        "null",
    )
    .await;
    // The run's end is noticed soon, but not before the answer just read.
    for _ in 0..1000 {
        let rules = config(&aws, &credentials, "DescribeConfigRules", &json!({})).await;
        if rules.json()["ConfigRules"][0]["ConfigRuleState"] == "ACTIVE" {
            break;
        }
    }
    assert_eq!(
        start_evaluation(&aws, &credentials, &[RULE_NAME]).await,
        "{}"
    );
}

#[tokio::test]
async fn starting_is_refused_once_more_within_a_minute_or_for_no_rule_or_too_many() {
    let (aws, credentials) = start().await;
    assert_eq!(
        start_evaluation(&aws, &credentials, &[]).await,
        "ValidationException"
    );
    assert_eq!(
        start_evaluation(&aws, &credentials, &["x"; 26]).await,
        "ValidationException"
    );
    assert_eq!(
        start_evaluation(&aws, &credentials, &["x"]).await,
        "NoSuchConfigRuleException"
    );
    assert_eq!(
        start_evaluation(&aws, &credentials, &[RULE_NAME]).await,
        "{}"
    );
    aws.set_time(aws.now() + Duration::seconds(59));
    assert_eq!(
        start_evaluation(&aws, &credentials, &[RULE_NAME]).await,
        "LimitExceededException"
    );
    aws.set_time(aws.now() + Duration::seconds(1));
    assert_eq!(
        start_evaluation(&aws, &credentials, &[RULE_NAME]).await,
        "{}"
    );
}
