//! Accounts whose root keys stay for a while, from a file under version control:
//! `{"exemptions": [{"account", "owner", "reason", "expires"}]}`.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use root_access_key_rule::rule::account_id::AccountId;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::time::Time;

/// The most days that an exemption may last.
const MAX_EXEMPTION: TimeDelta = TimeDelta::days(366);

/// One account whose root keys stay.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// 12 digits.
    pub account: String,
    /// Who answers for the keys.
    pub owner: String,
    /// Why they are needed.
    pub reason: String,
    /// The last day, in UTC.
    #[serde(deserialize_with = "day")]
    pub expires: NaiveDate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    exemptions: Vec<Exemption>,
}

/// For example `2027-01-31`.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let text = String::deserialize(deserializer)?;
    NaiveDate::parse_from_str(&text, "%Y-%m-%d")
        .map_err(|_| D::Error::custom(format!("{text:?} is no day like 2027-01-31")))
}

/// The exemptions of the file by account, expired ones included.
///
/// # Errors
/// When the file is none of that form, or an exemption names no account, no
/// owner, no reason, an account twice, or a day more than 366 days ahead.
pub fn parse(bytes: &[u8], now: DateTime<Utc>) -> Result<BTreeMap<String, Exemption>, String> {
    let file: File = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let mut by_account = BTreeMap::new();
    for exemption in file.exemptions {
        let account = exemption.account.clone();
        check(&exemption, now).map_err(|what| format!("account {account:?}: {what}"))?;
        if by_account.insert(account.clone(), exemption).is_some() {
            return Err(format!("account {account} is exempt twice"));
        }
    }
    Ok(by_account)
}

fn check(exemption: &Exemption, now: DateTime<Utc>) -> Result<(), String> {
    let Exemption {
        account,
        owner,
        reason,
        expires,
    } = exemption;
    if AccountId::new(account).is_none() {
        return Err("an account ID has 12 digits".to_owned());
    }
    if owner.trim().is_empty() || reason.trim().is_empty() {
        return Err("an exemption needs an owner and a reason".to_owned());
    }
    if *expires - now.date_naive() > MAX_EXEMPTION {
        return Err(format!("{expires} is more than 366 days ahead"));
    }
    Ok(())
}

impl Exemption {
    /// Whether it is in force: up to the end of its last day, in UTC.
    #[must_use]
    pub fn is_valid_at(&self, at: Time) -> bool {
        at.0.date_naive() <= self.expires
    }

    /// Why the key stays.
    #[must_use]
    pub fn reason_to_keep(&self) -> String {
        let Self {
            owner,
            reason,
            expires,
            ..
        } = self;
        format!("exempt until {expires} ({owner}: {reason})")
    }

    /// That it no longer protects the key.
    #[must_use]
    pub fn expiry_note(&self) -> String {
        format!(
            "the exemption of {} expired on {}",
            self.owner, self.expires
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::root_session::plan::fixtures::{ACCOUNT, read};

    #[test]
    fn an_exemption_names_account_owner_reason_and_a_day_within_366_days() {
        let parse = |text: &str| super::parse(text.as_bytes(), read());
        let file = |account: &str, owner: &str, reason: &str, day: &str| {
            let one = format!(
                r#"{{"account":"{account}","owner":"{owner}","reason":"{reason}","expires":"{day}"}}"#
            );
            parse(&format!(r#"{{"exemptions":[{one}]}}"#))
        };
        let valid = file(ACCOUNT, "a", "b", "2027-11-27").unwrap();
        assert_eq!(valid[ACCOUNT].expires.to_string(), "2027-11-27");
        assert_eq!(file(ACCOUNT, "a", "b", "2020-01-01").unwrap().len(), 1);
        for (account, owner, reason, day, words) in [
            (ACCOUNT, "a", "b", "2027-11-28", "more than 366 days ahead"),
            (
                ACCOUNT,
                " ",
                "b",
                "2027-01-01",
                "needs an owner and a reason",
            ),
            (
                ACCOUNT,
                "a",
                " ",
                "2027-01-01",
                "needs an owner and a reason",
            ),
            (ACCOUNT, "a", "b", "soon", "no day like 2027-01-31"),
            ("11112222333", "a", "b", "2027-01-01", "12 digits"),
            ("11112222333x", "a", "b", "2027-01-01", "12 digits"),
        ] {
            let error = file(account, owner, reason, day).unwrap_err();
            assert!(error.contains(words), "{words}: {error}");
        }
        let one = r#"{"account":"111122223333","owner":"a","reason":"b","expires":"2027-01-01"}"#;
        let twice = parse(&format!(r#"{{"exemptions":[{one},{one}]}}"#)).unwrap_err();
        assert!(twice.contains("exempt twice"), "{twice}");
        assert!(parse(r#"{"exemptions":[],"more":1}"#).is_err());
        assert!(parse("{}").is_err());
    }
}
