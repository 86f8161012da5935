//! A ConfigRule of an account, its result tokens and the event that it sends.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::lambda::runtime_api::RuntimeApi;

/// The rule that every account has from the start.
pub const RULE_NAME: &str = "root-access-key-rule";

/// The name that AWS Config gives to the rule of the account's conformance pack.
#[must_use]
pub fn pack_rule(account: &str) -> String {
    format!("{RULE_NAME}-conformance-pack-{}", &account[..9])
}

/// A periodic custom Lambda rule of one account.
#[derive(Clone, Debug)]
pub struct ConfigRule {
    /// 1–128 characters.
    pub name: String,
    /// `config-rule-` and six characters.
    pub id: String,
    /// The account that owns it, 12 digits.
    pub account: String,
    /// The region that it is in.
    pub region: String,
    /// The rule's `InputParameters`, a string holding a JSON object.
    pub parameters: Option<String>,
    /// The account that owns the function, if not the rule's own.
    pub function_account: Option<String>,
    pub(crate) function: Option<RuntimeApi>,
    /// When it was created.
    pub(crate) activated_at: Option<DateTime<Utc>>,
    pub(crate) evaluating: bool,
}

/// The run of a rule that a result token belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub rule: String,
    pub invoked_at: DateTime<Utc>,
}

/// The issued tokens, by their text.
pub(crate) type Tokens = HashMap<String, Token>;

impl ConfigRule {
    /// A rule of that name in that account, in `us-east-1`.
    #[must_use]
    pub fn new(account: &str, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: format!("config-rule-{:06x}", fingerprint(name) >> 40),
            account: account.to_owned(),
            region: "us-east-1".to_owned(),
            parameters: None,
            function_account: None,
            function: None,
            activated_at: None,
            evaluating: false,
        }
    }

    /// `arn:aws:config:REGION:ACCOUNT:config-rule/ID`
    #[must_use]
    pub fn arn(&self) -> String {
        let (region, account, id) = (&self.region, &self.account, &self.id);
        format!("arn:aws:config:{region}:{account}:config-rule/{id}")
    }

    /// The function that the rule invokes, whose name is [`RULE_NAME`].
    #[must_use]
    pub fn function_arn(&self) -> String {
        let account = self.function_account.as_ref().unwrap_or(&self.account);
        let region = &self.region;
        format!("arn:aws:lambda:{region}:{account}:function:{RULE_NAME}")
    }

    /// As `DescribeConfigRules` shows it.
    pub(crate) fn described(&self) -> Value {
        json!({
            "ConfigRuleName": self.name,
            "ConfigRuleArn": self.arn(),
            "ConfigRuleId": self.id,
            "Description": "The root user of this account has no access keys.",
            "Source": {
                "Owner": "CUSTOM_LAMBDA",
                "SourceIdentifier": self.function_arn(),
                "SourceDetails": [{
                    "EventSource": "aws.config",
                    "MessageType": "ScheduledNotification",
                    "MaximumExecutionFrequency": "TwentyFour_Hours",
                }],
            },
            "ConfigRuleState": if self.evaluating { "EVALUATING" } else { "ACTIVE" },
            "EvaluationModes": [{ "Mode": "DETECTIVE" }],
            "InputParameters": self.parameters,
        })
    }
}

/// The event of a periodic rule, as AWS Config sends it to the function.
///
/// `notification_creation_time` is written with milliseconds and `Z`.
#[must_use]
pub fn scheduled_event(
    rule: &ConfigRule,
    result_token: &str,
    notification_creation_time: DateTime<Utc>,
) -> Value {
    let account = &rule.account;
    let invoking_event = json!({
        "awsAccountId": account,
        "notificationCreationTime":
            notification_creation_time.to_rfc3339_opts(SecondsFormat::Millis, true),
        "messageType": "ScheduledNotification",
        "recordVersion": "1.0",
    });
    json!({
        "version": "1.0",
        "invokingEvent": invoking_event.to_string(),
        "ruleParameters": rule.parameters.as_deref().unwrap_or("{}"),
        "resultToken": result_token,
        "eventLeftScope": false,
        "executionRoleArn": format!(
            "arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        ),
        "configRuleArn": rule.arn(),
        "configRuleName": rule.name,
        "configRuleId": rule.id,
        "accountId": account,
        "evaluationMode": "DETECTIVE",
    })
}

/// A token that looks like a real one and is as long: base64 of a JSON object that holds
/// signed bytes. The serial number makes it unique.
pub(crate) fn result_token(account: &str, serial: u64) -> String {
    let byte = |place| {
        let [byte, ..] = fingerprint(&format!("{account}/{serial}/{place}")).to_be_bytes();
        byte.cast_signed()
    };
    let content = json!({
        "encryptedData": (0..420).map(byte).collect::<Vec<_>>(),
        "materialSetSerialNumber": 1,
        "ivParameterSpec": { "iv": (420..436).map(byte).collect::<Vec<_>>() },
    });
    BASE64_STANDARD.encode(content.to_string())
}

/// A number that depends on every byte of the text (FNV-1a).
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}
