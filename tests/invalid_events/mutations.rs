//! Every way to break a valid event, with the error expected and the field that
//! it must name.

use serde_json::{Value, json};

use crate::OTHER;
use crate::wire::ACCOUNT;

/// One way to break a valid event.
pub struct Mutation {
    /// What is done to it.
    pub what: String,
    /// The payload that comes of it.
    pub payload: String,
    /// The error type expected.
    pub error_type: &'static str,
    /// What its message must name.
    pub named: String,
}

/// Every mutation of the event in `payload`.
pub fn mutations(payload: &str) -> Vec<Mutation> {
    let event: Value = serde_json::from_str(payload).unwrap();
    let mut all = broken_json(payload);
    all.extend(broken_fields(&event));
    all.extend(broken_values(&event));
    all.extend(foreign_accounts(&event));
    all.extend(rule_parameters(&event));
    all
}

fn mutation(what: String, payload: String, error_type: &'static str, named: &str) -> Mutation {
    Mutation {
        what,
        payload,
        error_type,
        named: named.to_owned(),
    }
}

/// The payload, or the JSON inside it, is no JSON object.
fn broken_json(payload: &str) -> Vec<Mutation> {
    let event: Value = serde_json::from_str(payload).unwrap();
    let compact = event.to_string();
    let mut all = Vec::new();
    let mut refuse = |what: &str, payload: String, named: &str| {
        all.push(mutation(what.to_owned(), payload, "InvalidEvent", named));
    };
    for cut in [
        0,
        1,
        compact.len() / 3,
        compact.len() / 2,
        compact.len() - 1,
    ] {
        refuse(
            &format!("cut at byte {cut}"),
            compact[..cut].to_owned(),
            "the payload is not JSON",
        );
    }
    refuse(
        "garbage after it",
        format!("{compact}garbage"),
        "the payload is not JSON",
    );
    refuse(
        "twice",
        format!("{compact}{compact}"),
        "the payload is not JSON",
    );
    refuse(
        "in an array",
        format!("[{compact}]"),
        "the payload is not a JSON object",
    );
    refuse(
        "as a string",
        json!(compact).to_string(),
        "the payload is not a JSON object",
    );
    let values: Vec<Value> = event.as_object().unwrap().values().cloned().collect();
    refuse(
        "its values in an array",
        json!(values).to_string(),
        "the payload is not a JSON object",
    );
    let repeated = format!("{{\"accountId\":\"{ACCOUNT}\",{}", &compact[1..]);
    refuse("a field twice", repeated, "carries accountId twice");

    let inner = event["invokingEvent"].as_str().unwrap();
    for (what, text, why) in [
        ("cut", inner[..inner.len() - 1].to_owned(), "is not JSON"),
        ("empty", String::new(), "is not JSON"),
        ("null", "null".to_owned(), "is not a JSON object"),
        ("an array", format!("[{inner}]"), "is not a JSON object"),
        (
            "the right values in an array",
            format!(r#"["ScheduledNotification","2026-03-01T00:00:00Z","{ACCOUNT}"]"#),
            "is not a JSON object",
        ),
        ("with garbage after it", format!("{inner}}}"), "is not JSON"),
        (
            "with a field twice",
            format!(
                "{{\"messageType\":\"ScheduledNotification\",{}",
                &inner[1..]
            ),
            "carries messageType twice",
        ),
    ] {
        let mut event = event.clone();
        event["invokingEvent"] = text.into();
        refuse(
            &format!("invokingEvent {what}"),
            event.to_string(),
            &format!("invokingEvent {why}"),
        );
    }
    all
}

/// A required field is missing or of another type.
fn broken_fields(event: &Value) -> Vec<Mutation> {
    let mut all = Vec::new();
    let others = [
        json!(null),
        json!(7),
        json!(true),
        json!(["x"]),
        json!({ "x": 1 }),
    ];
    for field in ["invokingEvent", "accountId", "resultToken"] {
        let mut without = event.clone();
        without.as_object_mut().unwrap().remove(field);
        all.push(mutation(
            format!("no {field}"),
            without.to_string(),
            "InvalidEvent",
            field,
        ));
        for other in &others {
            let mut event = event.clone();
            event[field] = other.clone();
            all.push(mutation(
                format!("{field} is {other}"),
                event.to_string(),
                "InvalidEvent",
                field,
            ));
        }
    }
    for field in ["messageType", "notificationCreationTime"] {
        let named = format!("invokingEvent.{field}");
        let without = inside(event, |inner| {
            inner.as_object_mut().unwrap().remove(field);
        });
        all.push(mutation(
            format!("no {named}"),
            without,
            "InvalidEvent",
            &named,
        ));
        for other in &others {
            let payload = inside(event, |inner| inner[field] = other.clone());
            all.push(mutation(
                format!("{named} is {other}"),
                payload,
                "InvalidEvent",
                &named,
            ));
        }
    }
    all
}

/// A required field has a value that it cannot have.
fn broken_values(event: &Value) -> Vec<Mutation> {
    let mut all = Vec::new();
    let accounts = [
        "",
        "11112222333",
        "1111222233334",
        "11112222333x",
        " 111122223333",
        "١١١١٢٢٢٢٣٣٣٣",
    ];
    for value in accounts {
        let mut event = event.clone();
        event["accountId"] = value.into();
        all.push(mutation(
            format!("accountId {value:?}"),
            event.to_string(),
            "InvalidEvent",
            "accountId",
        ));
    }
    let mut empty = event.clone();
    empty["resultToken"] = "".into();
    all.push(mutation(
        "resultToken empty".to_owned(),
        empty.to_string(),
        "InvalidEvent",
        "resultToken",
    ));
    let mut proactive = event.clone();
    proactive["evaluationMode"] = "PROACTIVE".into();
    all.push(mutation(
        "PROACTIVE".to_owned(),
        proactive.to_string(),
        "InvalidEvent",
        "evaluationMode",
    ));
    for value in [
        "",
        "ConfigurationItemChangeNotification",
        "OversizedConfigurationItemChangeNotification",
        "ConfigurationSnapshotDeliveryCompleted",
        "scheduledNotification",
        "ScheduledNotification ",
    ] {
        let payload = inside(event, |inner| inner["messageType"] = value.into());
        let named = "invokingEvent.messageType";
        all.push(mutation(
            format!("messageType {value:?}"),
            payload,
            "InvalidEvent",
            named,
        ));
    }
    for value in [
        "",
        "now",
        "2026-03-01",
        "2026-03-01T06:00:00",
        "2026-13-01T06:00:00Z",
        "2026-02-30T06:00:00Z",
        "2026-03-01T25:00:00Z",
        "1772344800",
        "2016-12-31T23:59:60Z",
        "2026-03-01T12:34:60.5Z",
        "2026-03-01T06:00:00.Z",
        "Sun, 01 Mar 2026 06:00:00 GMT",
    ] {
        let payload = inside(event, |inner| {
            inner["notificationCreationTime"] = value.into();
        });
        let named = "invokingEvent.notificationCreationTime";
        all.push(mutation(
            format!("time {value:?}"),
            payload,
            "InvalidEvent",
            named,
        ));
    }
    all
}

/// A well-formed account id in the event is another account's.
fn foreign_accounts(event: &Value) -> Vec<Mutation> {
    let mut all = Vec::new();
    let arns = [
        (
            "configRuleArn",
            format!("arn:aws:config:us-east-1:{OTHER}:config-rule/config-rule-ab12cd"),
        ),
        (
            "executionRoleArn",
            format!("arn:aws-cn:iam::{OTHER}:role/any/path/Role"),
        ),
        ("accountId", OTHER.to_owned()),
    ];
    for (field, value) in arns {
        let mut event = event.clone();
        event[field] = value.into();
        all.push(mutation(
            format!("foreign {field}"),
            event.to_string(),
            "WrongAccount",
            field,
        ));
    }
    let payload = inside(event, |inner| inner["awsAccountId"] = OTHER.into());
    let named = "invokingEvent.awsAccountId";
    all.push(mutation(
        "foreign awsAccountId".to_owned(),
        payload,
        "WrongAccount",
        named,
    ));
    all
}

/// The ConfigRule passes parameters, or something that is none.
fn rule_parameters(event: &Value) -> Vec<Mutation> {
    let cases = [
        (
            json!("{\"ExecutionRoleName\":\"x\"}"),
            "\"ExecutionRoleName\"",
        ),
        (json!({ "Exempt": "444455556666" }), "\"Exempt\""),
        (json!("[]"), "ruleParameters"),
        (json!("null"), "ruleParameters"),
        (json!("{"), "ruleParameters"),
        (json!("none"), "ruleParameters"),
        (json!(0), "ruleParameters"),
        (json!(false), "ruleParameters"),
        (json!([]), "ruleParameters"),
    ];
    let broken = |(value, named): (Value, &str)| {
        let mut event = event.clone();
        event["ruleParameters"] = value.clone();
        mutation(
            format!("ruleParameters {value}"),
            event.to_string(),
            "InvalidRuleParameters",
            named,
        )
    };
    cases.into_iter().map(broken).collect()
}

/// The event with its invoking event changed.
fn inside(event: &Value, change: impl Fn(&mut Value)) -> String {
    let mut event = event.clone();
    let mut inner: Value = serde_json::from_str(event["invokingEvent"].as_str().unwrap()).unwrap();
    change(&mut inner);
    event["invokingEvent"] = inner.to_string().into();
    event.to_string()
}
