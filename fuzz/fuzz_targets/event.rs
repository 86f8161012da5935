//! Any payload is either rejected in one printable line without the token, or is a
//! request for this account alone with every required value.

#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use root_access_key_rule::error::RuleError;
use root_access_key_rule::rule::event::EvaluationRequest;
use serde_json::Value;

const ACCOUNT: &str = "111122223333";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:root-access-key-rule";
const TOKEN: &str = "eyJlbmNyeXB0ZWREYXRhIjpbLTEyMSwxMjUsNywtMzVd";

fuzz_target!(|payload: &str| {
    match EvaluationRequest::from_payload(payload, FUNCTION) {
        Ok(request) => must_be_ours(payload, &request),
        Err(error) => must_be_told(&error),
    }
    // The same event with a token that occurs nowhere else in it.
    if let Ok(mut event) = serde_json::from_str::<Value>(payload)
        && event["resultToken"].is_string()
    {
        event["resultToken"] = TOKEN.into();
        if let Err(error) = EvaluationRequest::from_payload(&event.to_string(), FUNCTION) {
            assert!(!error.message().contains(&TOKEN[..16]), "{error}");
        }
    }
});

fn must_be_ours(payload: &str, request: &EvaluationRequest) {
    let event: Value = serde_json::from_str(payload).expect("JSON");
    let inside = event["invokingEvent"].as_str().expect("text");
    let inside: Value = serde_json::from_str(inside).expect("JSON within");
    assert_eq!(request.account.as_str(), ACCOUNT);
    assert_eq!(event["accountId"], ACCOUNT);
    assert_eq!(inside["messageType"], "ScheduledNotification");
    assert_ne!(event["evaluationMode"], "PROACTIVE");
    assert_eq!(event["resultToken"], request.result_token.reveal());
    assert!(!request.result_token.reveal().is_empty());
    for arn in ["configRuleArn", "executionRoleArn"] {
        let parts: Vec<_> = event[arn]
            .as_str()
            .unwrap_or_default()
            .splitn(6, ':')
            .collect();
        if let ["arn", _, _, _, account, resource] = parts[..] {
            let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
            assert!(
                !is_account || resource.is_empty() || account == ACCOUNT,
                "{arn}"
            );
        }
    }
    if let Some(account) = inside["awsAccountId"].as_str() {
        let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        assert!(!is_account || account == ACCOUNT, "awsAccountId");
    }
    let none = match &event["ruleParameters"] {
        Value::Null => true,
        Value::String(text) => {
            let inside = serde_json::from_str::<Value>(text).unwrap_or_default();
            text.trim().is_empty() || inside.as_object().is_some_and(|map| map.is_empty())
        }
        other => other.as_object().is_some_and(|map| map.is_empty()),
    };
    assert!(none, "rule parameters");
    let time = inside["notificationCreationTime"].as_str().expect("text");
    assert_eq!(
        DateTime::parse_from_rfc3339(time).expect("a time"),
        request.triggered_at
    );
    // The SDK's time panics on a value that it cannot represent.
    assert!(request.triggered_at.timestamp_subsec_nanos() < 1_000_000_000);
    let name = request.rule_name.as_deref().unwrap_or_default();
    assert!(
        !name.contains(char::is_control) && name.chars().count() <= 401,
        "{name:?}"
    );
}

fn must_be_told(error: &RuleError) {
    assert!(
        ["InvalidEvent", "WrongAccount", "InvalidRuleParameters"].contains(&error.error_type()),
        "{error:?}"
    );
    assert!(!error.message().contains(char::is_control), "{error:?}");
    // At most 400 characters of the payload, each possibly escaped, and our own words.
    assert!(error.message().chars().count() < 5_000, "{error}");
}
