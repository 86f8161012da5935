//! Every way to break a valid event, with the error expected and the field that
//! the message must name.

use serde_json::{Value, json};

use crate::OTHER;
use crate::wire::ACCOUNT;

/// One way to break a valid event.
pub struct Mutation {
    /// What is done to it.
    pub what: String,
    /// The resulting payload.
    pub payload: String,
    /// The expected error type.
    pub error_type: &'static str,
    /// The field or words that the message must have.
    pub named: String,
}

/// Every mutation of the event in `payload`.
pub fn mutations(payload: &str) -> Vec<Mutation> {
    let event: Value = serde_json::from_str(payload).unwrap();
    let mut mutations = broken_json(&event);
    for (field, values) in wrong_values() {
        mutations.push(changed(&event, field, None, "InvalidEvent"));
        for value in values.into_iter().chain(other_types()) {
            mutations.push(changed(&event, field, Some(value), "InvalidEvent"));
        }
    }
    let proactive = Some("PROACTIVE".into());
    mutations.push(changed(&event, "evaluationMode", proactive, "InvalidEvent"));
    for (field, value) in other_accounts() {
        mutations.push(changed(&event, field, Some(value.into()), "WrongAccount"));
    }
    for (value, named) in rule_parameters() {
        let field = "ruleParameters";
        let mut mutation = changed(&event, field, Some(value), "InvalidRuleParameters");
        named.clone_into(&mut mutation.named);
        mutations.push(mutation);
    }
    mutations
}

/// The event with that field set, or removed. A field of the invoking event is written
/// as `invokingEvent.FIELD`.
fn changed(event: &Value, field: &str, value: Option<Value>, error_type: &'static str) -> Mutation {
    let what = format!("{field}: {value:?}");
    let mut event = event.clone();
    if let Some(inner_field) = field.strip_prefix("invokingEvent.") {
        let mut inner: Value = serde_json::from_str(invoking_event(&event)).unwrap();
        set(&mut inner, inner_field, value);
        event["invokingEvent"] = inner.to_string().into();
    } else {
        set(&mut event, field, value);
    }
    Mutation {
        what,
        payload: event.to_string(),
        error_type,
        named: field.to_owned(),
    }
}

fn set(object: &mut Value, field: &str, value: Option<Value>) {
    let object = object.as_object_mut().unwrap();
    match value {
        Some(value) => object.insert(field.to_owned(), value),
        None => object.remove(field),
    };
}

fn invoking_event(event: &Value) -> &str {
    event["invokingEvent"].as_str().unwrap()
}

/// The payload, or the JSON inside it, is no JSON object.
fn broken_json(event: &Value) -> Vec<Mutation> {
    let outer = broken_object(&event.to_string(), "accountId", ACCOUNT);
    let mut mutations: Vec<Mutation> = outer
        .into_iter()
        .map(|(payload, why)| not_an_object("the payload", payload, &why))
        .collect();
    let inner = broken_object(
        invoking_event(event),
        "messageType",
        "ScheduledNotification",
    );
    for (text, why) in inner {
        let mut event = event.clone();
        event["invokingEvent"] = text.into();
        mutations.push(not_an_object("invokingEvent", event.to_string(), &why));
    }
    mutations
}

fn not_an_object(field: &str, payload: String, why: &str) -> Mutation {
    Mutation {
        what: format!("{field}: {payload}"),
        payload,
        error_type: "InvalidEvent",
        named: format!("{field} {why}"),
    }
}

/// Texts that are not `object`, each with what the message says of it; `field` is one of
/// the object's, with its value.
fn broken_object(object: &str, field: &str, value: &str) -> Vec<(String, String)> {
    let parsed: Value = serde_json::from_str(object).unwrap();
    let compact = parsed.to_string();
    let length = compact.len();
    let values: Vec<&Value> = parsed.as_object().unwrap().values().collect();
    let mut broken = Vec::new();
    for bytes in [0, 1, length / 3, length / 2, length - 1] {
        broken.push((compact[..bytes].to_owned(), "is not JSON"));
    }
    for garbage in ["garbage", "}", &compact] {
        broken.push((format!("{compact}{garbage}"), "is not JSON"));
    }
    for other in [json!(null), json!([parsed]), json!(compact), json!(values)] {
        broken.push((other.to_string(), "is not a JSON object"));
    }
    // The right values in the order of the fields, which serde would accept.
    let in_order = json!(["ScheduledNotification", "2026-03-01T00:00:00Z", ACCOUNT]);
    broken.push((in_order.to_string(), "is not a JSON object"));
    let mut broken: Vec<_> = broken
        .into_iter()
        .map(|(text, why)| (text, why.to_owned()))
        .collect();
    let twice = format!("{{\"{field}\":\"{value}\",{}", &compact[1..]);
    broken.push((twice, format!("has the field {field} twice")));
    broken
}

/// Values of another JSON type than a string.
fn other_types() -> [Value; 5] {
    [
        json!(null),
        json!(7),
        json!(true),
        json!(["x"]),
        json!({ "x": 1 }),
    ]
}

/// The required fields, each with strings that it cannot be.
fn wrong_values() -> [(&'static str, Vec<Value>); 5] {
    let strings = |strings: &[&str]| strings.iter().map(|it| Value::from(*it)).collect();
    [
        ("invokingEvent", strings(&[])),
        (
            "accountId",
            strings(&[
                "",
                "11112222333",
                "1111222233334",
                "11112222333x",
                " 111122223333",
                "١١١١٢٢٢٢٣٣٣٣",
            ]),
        ),
        ("resultToken", strings(&[""])),
        (
            "invokingEvent.messageType",
            strings(&[
                "",
                "ConfigurationItemChangeNotification",
                "OversizedConfigurationItemChangeNotification",
                "ConfigurationSnapshotDeliveryCompleted",
                "scheduledNotification",
                "ScheduledNotification ",
            ]),
        ),
        (
            "invokingEvent.notificationCreationTime",
            strings(&[
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
            ]),
        ),
    ]
}

/// Fields that can name an account, each with another account.
fn other_accounts() -> [(&'static str, String); 4] {
    let rule = format!("arn:aws:config:us-east-1:{OTHER}:config-rule/config-rule-ab12cd");
    [
        ("configRuleArn", rule),
        (
            "executionRoleArn",
            format!("arn:aws-cn:iam::{OTHER}:role/any/path/Role"),
        ),
        ("accountId", OTHER.to_owned()),
        ("invokingEvent.awsAccountId", OTHER.to_owned()),
    ]
}

/// Parameters, or something that cannot hold any, each with what the message must name.
fn rule_parameters() -> Vec<(Value, &'static str)> {
    let named = [
        (
            json!("{\"ExecutionRoleName\":\"x\"}"),
            "\"ExecutionRoleName\"",
        ),
        (json!({ "Exempt": "444455556666" }), "\"Exempt\""),
    ];
    let unreadable = [
        json!("[]"),
        json!("null"),
        json!("{"),
        json!("none"),
        json!(0),
        json!(false),
        json!([]),
    ];
    let unreadable = unreadable.map(|value| (value, "ruleParameters"));
    named.into_iter().chain(unreadable).collect()
}
