//! `StartConfigRulesEvaluation`: the rule's event reaches its function, and the limits.

use chrono::Duration;
use local_aws::{Account, Operation, RULE_NAME, RuntimeApi};
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Caller, runtime};

/// `ok`, or the error.
async fn start_evaluation(aws: &Caller, names: &[&str]) -> String {
    let request = json!({ "ConfigRuleNames": names });
    aws.result(Operation::StartConfigRulesEvaluation, request)
        .await
}

async fn state(aws: &Caller) -> Value {
    let rules = aws.call(Operation::DescribeConfigRules, json!({})).await;
    rules.json()["ConfigRules"][0]["ConfigRuleState"].clone()
}

#[tokio::test]
async fn starting_an_evaluation_sends_the_rule_s_event_to_its_function() {
    let aws = Caller::start(Account::new(ACCOUNT)).await;
    let function = RuntimeApi::start().await.unwrap();
    aws.connect_function(ACCOUNT, &function);
    assert_eq!(start_evaluation(&aws, &[RULE_NAME]).await, "ok");
    assert_eq!(state(&aws).await, "EVALUATING");

    let next = runtime(&function, "GET invocation/next", &[], "").await;
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
    assert!((2000..4000).contains(&token.len()), "{}", token.len());
    let sent = json!({ "ResultToken": token, "Evaluations": [] });
    let put = aws.call(Operation::PutEvaluations, sent).await;
    assert_eq!(put.status(), 200, "{}", put.text);

    // No other run starts within a minute, nor while this one is in progress.
    let limit = "400 LimitExceededException";
    assert_eq!(start_evaluation(&aws, &[RULE_NAME]).await, limit);
    aws.set_time(aws.now() + Duration::seconds(60));
    assert_eq!(start_evaluation(&aws, &[RULE_NAME]).await, limit);
    let id = next.header("lambda-runtime-aws-request-id").unwrap();
    let line = format!("POST invocation/{id}/response");
    runtime(&function, &line, &[], "null").await;
    // The emulator notices the end of the run shortly after this response.
    for _ in 0..1000 {
        if state(&aws).await == "ACTIVE" {
            break;
        }
    }
    assert_eq!(start_evaluation(&aws, &[RULE_NAME]).await, "ok");
}

#[tokio::test]
async fn an_evaluation_is_started_once_a_minute_for_one_to_25_known_rules() {
    let aws = Caller::start(Account::new(ACCOUNT)).await;
    for (seconds, names, expected) in [
        (0, vec![], "400 ValidationException"),
        (0, vec!["x"; 26], "400 ValidationException"),
        (0, vec!["x"], "400 NoSuchConfigRuleException"),
        (0, vec![RULE_NAME], "ok"),
        (59, vec![RULE_NAME], "400 LimitExceededException"),
        (1, vec![RULE_NAME], "ok"),
    ] {
        aws.set_time(aws.now() + Duration::seconds(seconds));
        assert_eq!(start_evaluation(&aws, &names).await, expected);
    }
}
