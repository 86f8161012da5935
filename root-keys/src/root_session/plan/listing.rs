//! The JSON document of `root-keys list`, as far as a plan needs it.

use std::collections::BTreeSet;

use root_access_key_rule::rule::account_id::AccountId;
use serde::Deserialize;

use crate::organization::policy_content::PolicyKind;
use crate::organization::prevention::{Prevention, PreventionResult};
use crate::root_session::plan::digest::sha256;
use crate::root_session::plan::facts::Quarantine;
use crate::root_session::root_key::RootKey;
use crate::time::Time;

/// The document, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// SHA-256 of the document.
    pub sha256: String,
    /// When the reading of the keys began.
    pub at: Time,
    /// The ARN that read.
    pub by: String,
    /// In the order of their ids, each once.
    pub accounts: Vec<Row>,
}

/// One account of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// 12 digits.
    pub account: String,
    /// The name in the organization, or `no name`.
    pub account_name: String,
    /// At most two; `None` if they are not known.
    pub keys: Option<Vec<RootKey>>,
    /// Why the keys are not known.
    pub reason: Option<String>,
    /// Whether no session reaches the account.
    pub out_of_reach: bool,
    /// Whether the account is under the quarantine policy.
    pub quarantine: Quarantine,
}

#[derive(Deserialize)]
struct Document {
    schema: u32,
    command: String,
    at: Time,
    by: String,
    accounts: Vec<Account>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(rename = "account")]
    id: String,
    #[serde(rename = "accountName")]
    name: Option<String>,
    result: String,
    keys: Option<Vec<RootKey>>,
    reason: Option<String>,
    prevention: Option<Prevention>,
}

impl Listing {
    /// Reads the document.
    ///
    /// # Errors
    /// When it is none of `root-keys list`, or contradicts itself.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let document: Document = serde_json::from_slice(bytes).map_err(|error| {
            format!("the file is not the output of `root-keys list --output json`: {error}")
        })?;
        if document.command != "root-keys list" || document.schema != 1 {
            return Err(format!(
                "the file is output of `{}` (schema {}), but `root-keys plan` needs output of `root-keys list --output json` (schema 1)",
                document.command, document.schema
            ));
        }
        let mut seen = BTreeSet::new();
        let rows = document.accounts.into_iter().map(|it| row(it, &mut seen));
        let mut accounts = rows.collect::<Result<Vec<_>, _>>()?;
        accounts.sort_by(|a, b| a.account.cmp(&b.account));
        Ok(Self {
            sha256: sha256(bytes),
            at: document.at,
            by: document.by,
            accounts,
        })
    }
}

fn row(account: Account, seen: &mut BTreeSet<String>) -> Result<Row, String> {
    let id = account.id;
    if AccountId::new(&id).is_none() {
        return Err(format!("{id:?} is not an account ID"));
    }
    let keys = account.keys.iter().flatten();
    for once in keys.map(|key| &key.access_key_id).chain([&id]) {
        if !seen.insert(once.clone()) {
            return Err(format!("{once:?} appears twice"));
        }
    }
    let known = account.keys.as_ref().map(Vec::len);
    if (account.result == "read") != known.is_some() || known > Some(2) {
        let result = account.result;
        return Err(format!(
            "account {id}: result {result:?} does not match its number of keys"
        ));
    }
    let out_of_reach = ["not-active", "management-account"].contains(&&*account.result);
    Ok(Row {
        account: id,
        out_of_reach,
        account_name: account.name.unwrap_or_else(|| "no name".to_owned()),
        keys: account.keys,
        reason: account.reason,
        quarantine: quarantine(account.prevention),
    })
}

/// An older document does not say it.
fn quarantine(prevention: Option<Prevention>) -> Quarantine {
    let Some(prevention) = prevention else {
        return Quarantine::Unknown;
    };
    let policies = prevention.policies.into_iter();
    let quarantine = policies.filter(|it| it.kind == PolicyKind::QuarantineRootUser);
    let ids: Vec<_> = quarantine.map(|policy| policy.id).collect();
    match prevention.result {
        PreventionResult::NotRead => Quarantine::Unknown,
        _ if ids.is_empty() => Quarantine::None,
        _ => Quarantine::By(ids),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Listing;
    use crate::root_session::plan::facts::Quarantine;

    fn document() -> Value {
        let key = json!({
            "accessKeyId": "AKIA1", "status": "Active",
            "created": "2020-01-01T00:00:00Z", "lastUsed": null,
        });
        json!({
            "schema": 1, "command": "root-keys list", "at": "2026-11-26T12:00:00Z", "by": "arn",
            "new field": true,
            "accounts": [
                {"account": "222222222222", "accountName": null, "result": "not-read", "keys": null,
                 "reason": "denied"},
                {"account": "111122223333", "accountName": "payments", "result": "read",
                 "keys": [key], "reason": null, "prevention": {"result": "cannot-tell", "policies": []}},
                {"account": "999999999999", "accountName": "management", "result": "management-account",
                 "keys": null, "reason": "out of reach"},
            ],
        })
    }

    fn parse(document: &Value) -> Result<Listing, String> {
        Listing::parse(document.to_string().as_bytes())
    }

    #[test]
    fn the_accounts_of_the_document_are_put_in_order() {
        let listing = parse(&document()).unwrap();
        assert_eq!(listing.at.to_string(), "2026-11-26T12:00:00Z");
        assert_eq!((listing.by.as_str(), listing.sha256.len()), ("arn", 64));
        let [first, second, management] = &listing.accounts[..] else {
            panic!("{listing:?}")
        };
        assert_eq!(first.account_name, "payments");
        assert_eq!(first.keys.as_ref().unwrap()[0].access_key_id, "AKIA1");
        assert_eq!(second.account_name, "no name");
        assert_eq!(second.keys, None);
        assert_eq!(second.reason.as_deref(), Some("denied"));
        assert!(management.out_of_reach && !first.out_of_reach && !second.out_of_reach);
    }

    #[test]
    fn an_account_is_in_quarantine_only_by_a_policy_with_our_content() {
        let of = |prevention: Value| {
            let mut document = document();
            document["accounts"][1]["prevention"] = prevention;
            parse(&document).unwrap().accounts[0].quarantine.clone()
        };
        let policy = |kind: &str| {
            let policy = json!({"kind": kind, "id": "p-1", "name": "n", "target": "r-1"});
            json!({"result": "in-force", "policies": [policy]})
        };
        let ours = Quarantine::By(vec!["p-1".to_owned()]);
        assert_eq!(of(policy("quarantine-root-user")), ours);
        assert_eq!(of(policy("deny-root-access-keys")), Quarantine::None);
        let without = |result: &str| of(json!({"result": result, "policies": []}));
        assert_eq!(without("cannot-tell"), Quarantine::None);
        assert_eq!(without("not-covered"), Quarantine::None);
        assert_eq!(without("not-read"), Quarantine::Unknown);
        assert_eq!(of(Value::Null), Quarantine::Unknown);
    }

    #[test]
    fn a_document_that_contradicts_itself_is_none() {
        let keys = |number: usize| -> Vec<Value> {
            let key = |n| json!({"accessKeyId": format!("AKIA{n}"), "status": "Active"});
            (0..number).map(key).collect()
        };
        assert!(parse(&changed("/accounts/1/keys", json!(keys(2)))).is_ok());
        for (place, value, words) in [
            ("/schema", json!(2), "schema 2"),
            ("/command", json!("root-keys status"), "root-keys status"),
            ("/at", json!("yesterday"), "not the output of"),
            (
                "/accounts/0/account",
                json!("22222222222"),
                "not an account ID",
            ),
            (
                "/accounts/0/account",
                json!("22222222222x"),
                "not an account ID",
            ),
            (
                "/accounts/0/account",
                json!("111122223333"),
                "appears twice",
            ),
            ("/accounts/0/keys", json!([]), "result \"not-read\""),
            ("/accounts/1/keys", Value::Null, "result \"read\""),
            (
                "/accounts/1/keys",
                json!(keys(3)),
                "result \"read\" does not match",
            ),
            (
                "/accounts/1/result",
                json!("not-read"),
                "result \"not-read\"",
            ),
        ] {
            let error = parse(&changed(place, value)).unwrap_err();
            assert!(error.contains(words), "{words}: {error}");
        }
        let key = document()["accounts"][1]["keys"][0].clone();
        let error = parse(&changed("/accounts/1/keys", json!([key, key]))).unwrap_err();
        assert!(error.contains("\"AKIA1\" appears twice"), "{error}");
    }

    fn changed(place: &str, value: Value) -> Value {
        let mut document = document();
        *document.pointer_mut(place).unwrap() = value;
        document
    }
}
