//! Service control policies, and what they deny.
//!
//! Only `Deny` statements are evaluated, with `Action` or `NotAction` and the condition operators
//! that policies about root users need; a statement with any other operator counts as matching.
//! An organization's allow lists are not evaluated: `FullAWSAccess` counts as attached everywhere.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html>

use serde_json::Value;

use crate::state::signer::{Principal, Signer};

/// A service control policy of the organization.
#[derive(Clone, Debug)]
pub struct ServiceControlPolicy {
    /// For example `p-examplepolicy`.
    pub id: String,
    /// The friendly name.
    pub name: String,
    /// The policy document, JSON.
    pub content: String,
    /// What it is attached to: the root (`r-…`), organizational units (`ou-…`), accounts.
    pub targets: Vec<String>,
}

impl ServiceControlPolicy {
    /// A policy attached to these targets.
    #[must_use]
    pub fn new(id: &str, name: &str, content: &str, targets: &[&str]) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            content: content.to_owned(),
            targets: targets.iter().map(ToString::to_string).collect(),
        }
    }

    /// Whether a `Deny` statement of the policy covers that action by that signer.
    pub(crate) fn denies(&self, signer: &Signer, action: &str) -> bool {
        let document: Value = serde_json::from_str(&self.content).unwrap_or_default();
        one_or_more(&document["Statement"])
            .iter()
            .filter(|statement| statement["Effect"] == "Deny")
            .any(|statement| covers(statement, action) && holds(&statement["Condition"], signer))
    }
}

fn covers(statement: &Value, action: &str) -> bool {
    let lists = |list: &Value| {
        let patterns = texts(list);
        let action = action.to_lowercase();
        patterns
            .iter()
            .any(|it| is_like(&it.to_lowercase(), &action))
    };
    match &statement["NotAction"] {
        Value::Null => lists(&statement["Action"]),
        excepted => !lists(excepted),
    }
}

/// Every operator, and every key below it, must match.
fn holds(condition: &Value, signer: &Signer) -> bool {
    let operators = condition.as_object().into_iter().flatten();
    operators
        .flat_map(|(operator, keys)| {
            keys.as_object()
                .into_iter()
                .flatten()
                .map(move |it| (operator, it))
        })
        .all(|(operator, (key, values))| matches(operator, &texts(values), context(signer, key)))
}

/// The value of that key in the request's context. Only a session of `AssumeRoot` has `aws:AssumedRoot`.
fn context(signer: &Signer, key: &str) -> Option<String> {
    // Names of keys are not case-sensitive.
    let is = |name: &str| key.eq_ignore_ascii_case(name);
    let account = &signer.account;
    if is("aws:PrincipalArn") {
        Some(match signer.principal {
            Principal::Role => format!("arn:aws:iam::{account}:role/root-access-key-rule"),
            Principal::RootUser | Principal::RootSession(_) => signer.arn(),
        })
    } else if is("aws:PrincipalAccount") {
        Some(account.clone())
    } else if is("aws:AssumedRoot") {
        let assumed = matches!(signer.principal, Principal::RootSession(_));
        assumed.then(|| "true".to_owned())
    } else {
        None
    }
}

/// One operator on one key. A key that the request lacks matches the negated operators only.
fn matches(operator: &str, values: &[String], actual: Option<String>) -> bool {
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    if operator == "Null" {
        return values.contains(&actual.is_none().to_string());
    }
    let negated = operator.contains("Not");
    let Some(actual) = actual else {
        return negated || if_exists;
    };
    let found = match operator {
        "StringLike" | "StringNotLike" | "ArnLike" | "ArnNotLike" | "ArnEquals"
        | "ArnNotEquals" => values.iter().any(|pattern| is_like(pattern, &actual)),
        "StringEquals" | "StringNotEquals" | "Bool" => values.contains(&actual),
        _ => return true,
    };
    found != negated
}

/// Whether the text matches the pattern: `*` for any characters, `?` for one.
fn is_like(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| is_like(rest, &text[at..]))
        }
        Some(first) => text.chars().next().is_some_and(|it| {
            (first == '?' || first == it)
                && is_like(&pattern[first.len_utf8()..], &text[it.len_utf8()..])
        }),
    }
}

/// A policy contains one value or an array of values.
fn one_or_more(value: &Value) -> &[Value] {
    value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn texts(value: &Value) -> Vec<String> {
    let text = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    one_or_more(value).iter().map(text).collect()
}
