//! Recognizes a service control policy by its content.
//!
//! A policy is one of ours if it contains each of our statements, whatever else it
//! contains. The comparison ignores the names of policies, the IDs of statements (`Sid`),
//! the order of lists, and whether a single value is written as a list. Any other
//! difference makes it another policy, even one with the same effect.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const DENY_ROOT_ACCESS_KEYS: &str =
    include_str!("../../../cdk/policies/deny-root-access-keys.json");
const QUARANTINE_ROOT_USER: &str = include_str!("../../quarantine-root-user.json");

/// What a recognized policy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyKind {
    /// It contains `cdk/policies/deny-root-access-keys.json`.
    DenyRootAccessKeys,
    /// It contains `root-keys/quarantine-root-user.json`.
    QuarantineRootUser,
    /// It contains AWS Control Tower's control `AWS-GR_RESTRICT_ROOT_USER_ACCESS_KEYS`.
    ControlTower,
}

impl PolicyKind {
    /// Returns the word for it in JSON and CSV.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DenyRootAccessKeys => "deny-root-access-keys",
            Self::QuarantineRootUser => "quarantine-root-user",
            Self::ControlTower => "control-tower",
        }
    }
}

/// A recognized policy, and everything that it is attached to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecognizedPolicy {
    /// What it does; a policy that does two things is there twice.
    pub kind: PolicyKind,
    /// For example `p-examplepolicy`.
    pub id: String,
    /// The name in the organization.
    pub name: String,
    /// The IDs of roots, organizational units and accounts.
    pub targets: Vec<String>,
}

/// Returns every kind that the policy is of; none for a text that is no policy.
#[must_use]
pub fn kinds(content: &str) -> Vec<PolicyKind> {
    let Some(statements) = statements(content) else {
        return Vec::new();
    };
    let contains_all = |ours: &[Value]| {
        let contained = |it| statements.contains(it);
        !ours.is_empty() && ours.iter().all(contained)
    };
    let ours = |text| contains_all(&self::statements(text).unwrap_or_default());
    let control_tower = || {
        let mut forms = control_tower().into_iter();
        forms.any(|form| contains_all(&[normal(form)]))
    };
    let mut kinds = Vec::new();
    if ours(DENY_ROOT_ACCESS_KEYS) {
        kinds.push(PolicyKind::DenyRootAccessKeys);
    }
    if ours(QUARANTINE_ROOT_USER) {
        kinds.push(PolicyKind::QuarantineRootUser);
    }
    if control_tower() {
        kinds.push(PolicyKind::ControlTower);
    }
    kinds
}

/// The statement of that control, in its older and its newer form
/// (<https://docs.aws.amazon.com/controltower/latest/controlreference/strongly-recommended-controls.html>).
/// With the control's parameter `ExemptedPrincipalArns` it has one more condition, and
/// is not recognized.
fn control_tower() -> [Value; 2] {
    let form = |operator: &str, arn: &str| {
        json!({
            "Effect": "Deny",
            "Action": "iam:CreateAccessKey",
            "Resource": "*",
            "Condition": { operator: { "aws:PrincipalArn": arn } },
        })
    };
    [
        form("StringLike", "arn:aws:iam::*:root"),
        form("ArnLike", "arn:*:iam::*:root"),
    ]
}

/// The statements of a policy in the form in which they are compared.
fn statements(content: &str) -> Option<Vec<Value>> {
    let mut document: Value = serde_json::from_str(content).ok()?;
    let statements = match document.get_mut("Statement")?.take() {
        Value::Array(statements) => statements,
        one => vec![one],
    };
    Some(statements.into_iter().map(normal).collect())
}

/// A statement without its name, each list in one order, and one value for a list of
/// one.
fn normal(statement: Value) -> Value {
    match statement {
        Value::Object(mut fields) => {
            fields.remove("Sid");
            let fields = fields.into_iter().map(|(name, it)| (name, normal(it)));
            Value::Object(fields.collect())
        }
        Value::Array(mut items) if items.len() == 1 => normal(items.remove(0)),
        Value::Array(items) => {
            let mut items: Vec<_> = items.into_iter().map(normal).collect();
            items.sort_by_key(ToString::to_string);
            Value::Array(items)
        }
        // IAM takes the text "true" and the value true for the same.
        Value::Bool(value) => Value::String(value.to_string()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::PolicyKind as Kind;
    use super::{DENY_ROOT_ACCESS_KEYS, QUARANTINE_ROOT_USER, control_tower, kinds};

    fn policy(statements: &[Value]) -> String {
        json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
    }

    fn statement(content: &str) -> Value {
        let document: Value = serde_json::from_str(content).unwrap();
        document["Statement"][0].clone()
    }

    fn allow_all() -> Value {
        json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })
    }

    #[test]
    fn our_policies_and_both_forms_of_control_tower_are_recognized() {
        assert_eq!(kinds(DENY_ROOT_ACCESS_KEYS), [Kind::DenyRootAccessKeys]);
        assert_eq!(kinds(QUARANTINE_ROOT_USER), [Kind::QuarantineRootUser]);
        for form in control_tower() {
            assert_eq!(kinds(&policy(&[form])), [Kind::ControlTower]);
        }
        let [form, _] = control_tower();
        let all = policy(&[
            form,
            statement(QUARANTINE_ROOT_USER),
            allow_all(),
            statement(DENY_ROOT_ACCESS_KEYS),
        ]);
        let every = [
            Kind::DenyRootAccessKeys,
            Kind::QuarantineRootUser,
            Kind::ControlTower,
        ];
        assert_eq!(kinds(&all), every);
    }

    #[test]
    fn names_order_and_lists_of_one_do_not_count() {
        let mut written_otherwise = statement(QUARANTINE_ROOT_USER);
        written_otherwise["Sid"] = json!("Another");
        written_otherwise["Action"] = json!(["*"]);
        written_otherwise["Condition"]["Null"]["aws:AssumedRoot"] = json!(true);
        written_otherwise["Condition"]["ArnLike"]["aws:PrincipalArn"]
            .as_array_mut()
            .unwrap()
            .reverse();
        let one = json!({ "Statement": written_otherwise }).to_string();
        assert_eq!(kinds(&one), [Kind::QuarantineRootUser]);
        let spread = policy(&[allow_all(), written_otherwise]);
        assert_eq!(kinds(&spread), [Kind::QuarantineRootUser]);
    }

    #[test]
    fn any_other_difference_makes_it_another_policy() {
        let differences: [(&str, Value); 8] = [
            ("/Effect", json!("Allow")),
            ("/Action", json!("iam:DeleteAccessKey")),
            ("/Action", json!(["iam:CreateAccessKey", "iam:CreateUser"])),
            ("/Resource", json!("arn:aws:iam::111122223333:root")),
            ("/Condition", json!({})),
            ("/Condition/Null/aws:AssumedRoot", json!("false")),
            (
                "/Condition/ArnLike/aws:PrincipalArn",
                json!("arn:aws:iam::*:root"),
            ),
            (
                "/Condition/ArnNotLike",
                json!({ "aws:PrincipalArn": "arn:aws:iam::*:role/exempt" }),
            ),
        ];
        for (place, value) in differences {
            let mut changed = statement(DENY_ROOT_ACCESS_KEYS);
            match changed.pointer_mut(place) {
                Some(there) => *there = value,
                None => changed["Condition"]["ArnNotLike"] = value,
            }
            assert_eq!(kinds(&policy(&[changed.clone()])), [], "{changed}");
        }
        for mut form in control_tower() {
            form["Condition"]["ArnNotLike"] =
                json!({ "aws:PrincipalArn": ["arn:aws:iam::*:role/x"] });
            assert_eq!(kinds(&policy(&[form])), []);
        }
    }

    #[test]
    fn a_text_that_is_no_policy_is_of_no_kind() {
        for text in [
            "",
            "{}",
            "[]",
            "not json",
            r#"{"Statement":[]}"#,
            r#"{"Statement":"x"}"#,
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }
}
