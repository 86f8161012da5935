//! Parses AWS Config's event into an [`EvaluationRequest`], and proves that it is for
//! this account.
//!
//! The shape is the scheduled event of
//! <https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html>:
//! `invokingEvent` and `ruleParameters` are strings holding JSON. Real events
//! omit fields that the document shows and carry fields that it does not, so
//! only what the evaluation needs is required.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::error::{ErrorKind, RuleError};
use crate::redaction::one_line;
use crate::rule::account_id::AccountId;

/// The token of AWS Config's test events, by convention of AWS's rule development
/// kit. PutEvaluations is then asked to store nothing.
const TEST_MODE_TOKEN: &str = "TESTMODE";

/// The payload of the Lambda invocation. Every field is optional here and of
/// any type, so that the error can name a missing field or one of a wrong type; serde
/// rejects a repeated field.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfigEvent {
    invoking_event: Option<Value>,
    rule_parameters: Option<Value>,
    result_token: Option<Value>,
    account_id: Option<Value>,
    config_rule_arn: Option<Value>,
    config_rule_name: Option<Value>,
    execution_role_arn: Option<Value>,
    evaluation_mode: Option<Value>,
}

/// The JSON inside `invokingEvent`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InvokingEvent {
    message_type: Option<Value>,
    notification_creation_time: Option<Value>,
    aws_account_id: Option<Value>,
}

/// AWS Config's proof that it requested this run (opaque, 2–4 KB). Anyone who
/// holds it can report in the function's name, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ResultToken(String);

impl ResultToken {
    /// Returns the token. Use it only in the request to AWS Config.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether this is a test event, whose evaluation AWS Config must not store.
    #[must_use]
    pub fn is_test_mode(&self) -> bool {
        self.0 == TEST_MODE_TOKEN
    }
}

impl fmt::Debug for ResultToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResultToken(hidden)")
    }
}

/// A request by AWS Config to evaluate this account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluationRequest {
    /// The account to evaluate; proven to be the function's own.
    pub account: AccountId,
    /// The ConfigRule's name, for the log. Names of generated rules have a suffix.
    pub rule_name: Option<String>,
    /// When AWS Config triggered the evaluation (`notificationCreationTime`). It is the
    /// ordering timestamp, and the ages of keys are calculated from it.
    pub triggered_at: DateTime<Utc>,
    /// The token to send with the evaluation.
    pub result_token: ResultToken,
}

impl EvaluationRequest {
    /// Reads the payload of an invocation of the function `function_arn`.
    ///
    /// # Errors
    /// - `InvalidEvent` names the field that is missing or malformed.
    /// - `InvalidRuleParameters` names the parameter that is unknown.
    /// - `WrongAccount` names both accounts, if an account ID in the event is not the
    ///   function's own.
    ///
    /// # Examples
    /// ```
    /// use root_access_key_rule::rule::event::EvaluationRequest;
    ///
    /// let function = "arn:aws:lambda:us-east-1:111122223333:function:root-access-key-rule";
    /// let payload = r#"{
    ///     "invokingEvent": "{\"messageType\": \"ScheduledNotification\", \"notificationCreationTime\": \"2026-03-01T06:00:00Z\"}",
    ///     "resultToken": "TESTMODE",
    ///     "accountId": "111122223333"
    /// }"#;
    /// let request = EvaluationRequest::from_payload(payload, function)?;
    /// assert_eq!(request.account.as_str(), "111122223333");
    /// assert!(request.result_token.is_test_mode());
    ///
    /// let error = EvaluationRequest::from_payload("{}", function).unwrap_err();
    /// assert_eq!(error.error_type(), "InvalidEvent");
    /// # Ok::<(), root_access_key_rule::error::RuleError>(())
    /// ```
    pub fn from_payload(payload: &str, function_arn: &str) -> Result<Self, RuleError> {
        let event: ConfigEvent = object(payload, "the payload")?;
        let invoking_text = required_text(event.invoking_event.as_ref(), "invokingEvent")?;
        let invoking: InvokingEvent = object(invoking_text, "invokingEvent")?;
        check_trigger(&event, &invoking)?;
        let request = Self {
            account: required_account(event.account_id.as_ref())?,
            rule_name: text(event.config_rule_name.as_ref()).map(one_line),
            triggered_at: required_time(invoking.notification_creation_time.as_ref())?,
            result_token: required_token(event.result_token.as_ref())?,
        };
        check_rule_parameters(event.rule_parameters.as_ref())?;
        check_accounts(&request.account, function_arn, &event, &invoking)?;
        Ok(request)
    }
}

/// Accepts only a scheduled, detective evaluation. A rule with a configuration change
/// trigger would start thousands of runs.
fn check_trigger(event: &ConfigEvent, invoking: &InvokingEvent) -> Result<(), RuleError> {
    let field = "invokingEvent.messageType";
    let message_type = required_text(invoking.message_type.as_ref(), field)?;
    if message_type != "ScheduledNotification" {
        let found = one_line(message_type);
        return Err(invalid(
            field,
            &format!(
                "is {found:?}; this rule has a periodic trigger and accepts only ScheduledNotification"
            ),
        ));
    }
    if text(event.evaluation_mode.as_ref()) == Some("PROACTIVE") {
        return Err(invalid(
            "evaluationMode",
            "is PROACTIVE; an account cannot be evaluated before it exists",
        ));
    }
    Ok(())
}

/// Rejects every parameter: this rule has none, so a parameter would have no effect.
fn check_rule_parameters(parameters: Option<&Value>) -> Result<(), RuleError> {
    let parsed: Map<String, Value> = match parameters {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Object(map)) => map.clone(),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(()),
        Some(Value::String(text)) => serde_json::from_str(text)
            .map_err(|_| no_parameters("ruleParameters is not a JSON object"))?,
        Some(_) => return Err(no_parameters("ruleParameters is not a JSON object")),
    };
    match parsed.keys().next() {
        None => Ok(()),
        Some(name) => {
            let name = one_line(name);
            Err(no_parameters(&format!("unknown parameter {name:?}")))
        }
    }
}

fn no_parameters(what: &str) -> RuleError {
    RuleError::new(
        ErrorKind::InvalidRuleParameters,
        format!(
            "{what}: this rule takes no rule parameters; remove InputParameters from the ConfigRule"
        ),
    )
}

/// The function reports on its own account and on no other (docs/decisions.md).
fn check_accounts(
    account: &AccountId,
    function_arn: &str,
    event: &ConfigEvent,
    invoking: &InvokingEvent,
) -> Result<(), RuleError> {
    let Some(own) = AccountId::of_function_arn(function_arn) else {
        let found = one_line(function_arn);
        return Err(RuleError::new(
            ErrorKind::WrongAccount,
            format!(
                "cannot tell which account this function is in: its invoked-function ARN is {found:?}; nothing was read or reported for account {account}; report it with this message"
            ),
        ));
    };
    let arn = |value: &Option<Value>| text(value.as_ref()).and_then(AccountId::of_arn);
    let named = [
        ("accountId", Some(account.clone())),
        (
            "invokingEvent.awsAccountId",
            text(invoking.aws_account_id.as_ref()).and_then(AccountId::new),
        ),
        ("configRuleArn", arn(&event.config_rule_arn)),
        ("executionRoleArn", arn(&event.execution_role_arn)),
    ];
    for (field, other) in named {
        if let Some(other) = other.filter(|other| *other != own) {
            return Err(RuleError::new(
                ErrorKind::WrongAccount,
                format!(
                    "the event's {field} is account {other}, but this function is in account {own} and evaluates no other; nothing was read or reported; deploy the function in account {other} for its ConfigRule"
                ),
            ));
        }
    }
    Ok(())
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}

fn required_text<'a>(value: Option<&'a Value>, field: &str) -> Result<&'a str, RuleError> {
    match value {
        None | Some(Value::Null) => Err(invalid(field, "is missing")),
        Some(value) => value
            .as_str()
            .ok_or_else(|| invalid(field, "is not a string")),
    }
}

fn required_account(value: Option<&Value>) -> Result<AccountId, RuleError> {
    AccountId::new(required_text(value, "accountId")?)
        .ok_or_else(|| invalid("accountId", "is not 12 digits"))
}

fn required_token(value: Option<&Value>) -> Result<ResultToken, RuleError> {
    match required_text(value, "resultToken")? {
        "" => Err(invalid("resultToken", "is empty")),
        token => Ok(ResultToken(token.to_owned())),
    }
}

fn required_time(value: Option<&Value>) -> Result<DateTime<Utc>, RuleError> {
    let field = "invokingEvent.notificationCreationTime";
    let time = DateTime::parse_from_rfc3339(required_text(value, field)?)
        .map_err(|_| invalid(field, "is not an RFC 3339 time"))?
        .to_utc();
    // chrono represents the second 60 by more than a second of nanoseconds, which the
    // SDK's time does not support. AWS's clocks have no such second.
    if time.timestamp_subsec_nanos() >= 1_000_000_000 {
        return Err(invalid(
            field,
            "has a leap second, which the AWS SDK cannot represent",
        ));
    }
    Ok(time)
}

fn invalid(field: &str, why: &str) -> RuleError {
    RuleError::new(
        ErrorKind::InvalidEvent,
        format!(
            "cannot read the event: {field} {why}; this function accepts only the scheduled events of an AWS Config custom rule"
        ),
    )
}

/// Reads a JSON object. The error does not contain serde's text, which quotes what it
/// found: that could be the result token.
fn object<'a, T: Deserialize<'a>>(text: &'a str, field: &str) -> Result<T, RuleError> {
    // serde also accepts an array, as the fields in order.
    let is_object = text.trim_start().starts_with('{');
    let error = match serde_json::from_str(text) {
        Ok(object) if is_object => return Ok(object),
        Err(error) if is_object => error,
        _ if serde_json::from_str::<IgnoredAny>(text).is_ok() => {
            return Err(invalid(field, "is not a JSON object"));
        }
        _ => return Err(invalid(field, "is not JSON")),
    };
    let text = error.to_string();
    let twice = text
        .strip_prefix("duplicate field `")
        .and_then(|rest| rest.split('`').next());
    Err(if let Some(twice) = twice {
        invalid(field, &format!("has the field {twice} twice"))
    } else {
        let (line, column) = (error.line(), error.column());
        invalid(
            field,
            &format!("is not JSON (line {line}, column {column})"),
        )
    })
}
