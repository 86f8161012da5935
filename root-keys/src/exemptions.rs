//! Accounts that stay as they are for a while, from a file under version control:
//! `{"exemptions": [{"account", "owner", "reason", "expires", "ticket"}]}`.
//!
//! Pure, and the same for whatever uses the file: a plan keeps the root keys of these
//! accounts, and a status takes them off its open list.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use root_access_key_rule::rule::account_id::AccountId;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::time::Time;

/// The most days that an exemption may last.
const MAX_EXEMPTION: TimeDelta = TimeDelta::days(366);

/// Exemptions by account, expired ones included.
pub type Exemptions = BTreeMap<String, Exemption>;

/// One account that is exempt.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// 12 digits.
    pub account: String,
    /// Who answers for it.
    pub owner: String,
    /// Why it is needed.
    pub reason: String,
    /// The last day, in UTC.
    #[serde(deserialize_with = "day")]
    pub expires: NaiveDate,
    /// Where it was approved, for example the ID of a ticket.
    #[serde(default)]
    pub ticket: Option<String>,
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

/// Reads the exemptions of a file.
///
/// # Errors
/// When the file is none of that form, or an exemption names no account, no
/// owner, no reason, an account twice, or a day more than 366 days ahead.
pub fn parse(bytes: &[u8], now: DateTime<Utc>) -> Result<Exemptions, String> {
    let file: File = serde_json::from_slice(bytes).map_err(|error| located(bytes, &error))?;
    let mut by_account = Exemptions::new();
    for exemption in file.exemptions {
        let account = exemption.account.clone();
        check(&exemption, now).map_err(|what| format!("account {account:?}: {what}"))?;
        if by_account.insert(account.clone(), exemption).is_some() {
            return Err(format!("account {account} is exempt twice"));
        }
    }
    Ok(by_account)
}

/// Names the account of the first exemption that is none of that form, if there is one: a line and a column are
/// not enough where the file is one line.
fn located(bytes: &[u8], error: &serde_json::Error) -> String {
    let file: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let mut each = file["exemptions"].as_array().into_iter().flatten();
    let found = each.find_map(|it| {
        let error = serde_json::from_value::<Exemption>(it.clone()).err()?;
        Some(format!("account {}: {error}", it["account"]))
    });
    found.unwrap_or_else(|| error.to_string())
}

fn check(exemption: &Exemption, now: DateTime<Utc>) -> Result<(), String> {
    let Exemption {
        account,
        owner,
        reason,
        expires,
        ticket,
    } = exemption;
    let is_empty = |text: &String| text.trim().is_empty();
    if AccountId::new(account).is_none() {
        return Err("an account ID has 12 digits".to_owned());
    }
    if is_empty(owner) || is_empty(reason) {
        return Err("an exemption needs an owner and a reason".to_owned());
    }
    if ticket.as_ref().is_some_and(is_empty) {
        return Err("the ticket is empty; leave it out if there is none".to_owned());
    }
    if *expires - now.date_naive() > MAX_EXEMPTION {
        return Err(format!("{expires} is more than 366 days ahead"));
    }
    Ok(())
}

/// Says who answers for an exemption and why it is needed: `payments team: SES relay, SEC-12`.
#[must_use]
pub fn grounds(owner: &str, reason: &str, ticket: Option<&str>) -> String {
    let ticket = ticket.map_or_else(String::new, |ticket| format!(", {ticket}"));
    format!("{owner}: {reason}{ticket}")
}

impl Exemption {
    /// Whether it is in force: up to the end of its last day, in UTC.
    #[must_use]
    pub fn is_valid_at(&self, at: Time) -> bool {
        self.days_left(at) >= 0
    }

    /// Counts the days from that day to its last day: 0 on the last day, negative once it
    /// has expired.
    #[must_use]
    pub fn days_left(&self, at: Time) -> i64 {
        (self.expires - at.0.date_naive()).num_days()
    }

    /// Says why the key stays.
    #[must_use]
    pub fn reason_to_keep(&self) -> String {
        let grounds = grounds(&self.owner, &self.reason, self.ticket.as_deref());
        format!("exempt until {} ({grounds})", self.expires)
    }

    /// Says that it no longer protects the key.
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
    use chrono::{DateTime, Utc};

    use crate::time::Time;

    const ACCOUNT: &str = "111122223333";

    fn read() -> DateTime<Utc> {
        "2026-11-26T12:00:00Z".parse().unwrap()
    }

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

    #[test]
    fn a_ticket_is_optional_and_not_empty() {
        let file = |more: &str| {
            let text = format!(
                r#"{{"exemptions":[{{"account":"{ACCOUNT}","owner":"a","reason":"b","expires":"2027-01-01"{more}}}]}}"#
            );
            super::parse(text.as_bytes(), read()).map(|mut it| it.remove(ACCOUNT).unwrap())
        };
        let kept = "exempt until 2027-01-01 (a: b)";
        assert_eq!(file("").unwrap().reason_to_keep(), kept);
        let with_ticket = file(r#","ticket":"SEC-12""#).unwrap();
        let kept = "exempt until 2027-01-01 (a: b, SEC-12)";
        assert_eq!(with_ticket.reason_to_keep(), kept);
        let error = file(r#","ticket":" ""#).unwrap_err();
        assert!(error.contains("the ticket is empty"), "{error}");
    }

    #[test]
    fn whatever_is_wrong_with_an_exemption_the_message_names_its_account() {
        let right = r#"{"account":"999999999999","owner":"a","reason":"b","expires":"2027-01-01"}"#;
        for (wrong, words) in [
            (
                r#""owner":"a","reason":"b","expires":"2027-01-01","until":1"#,
                "unknown field `until`",
            ),
            (
                r#""owner":"a","expires":"2027-01-01""#,
                "missing field `reason`",
            ),
            (
                r#""owner":"a","reason":"b","expires":"2027-02-30""#,
                "\"2027-02-30\" is no day",
            ),
            (
                r#""owner":"a","reason":"b","expires":20270101"#,
                "invalid type",
            ),
            (
                r#""owner":"a","reason":"b","expires":"2028-01-01""#,
                "more than 366 days ahead",
            ),
        ] {
            let text = format!(r#"{{"exemptions":[{right},{{"account":"{ACCOUNT}",{wrong}}}]}}"#);
            let error = super::parse(text.as_bytes(), read()).unwrap_err();
            let account = format!("account \"{ACCOUNT}\": ");
            assert!(
                error.starts_with(&account) && error.contains(words),
                "{error}"
            );
        }
    }

    #[test]
    fn an_exemption_is_in_force_to_the_end_of_its_last_day() {
        let text = format!(
            r#"{{"exemptions":[{{"account":"{ACCOUNT}","owner":"a","reason":"b","expires":"2026-11-26"}}]}}"#
        );
        let exemption = &super::parse(text.as_bytes(), read()).unwrap()[ACCOUNT];
        for (at, days, valid) in [
            ("2026-11-12T00:00:00Z", 14, true),
            ("2026-11-26T23:59:59Z", 0, true),
            ("2026-11-27T00:00:00Z", -1, false),
        ] {
            let at = Time(at.parse().unwrap());
            assert_eq!(
                (exemption.days_left(at), exemption.is_valid_at(at)),
                (days, valid)
            );
        }
    }
}
