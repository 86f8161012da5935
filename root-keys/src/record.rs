//! What became of one deletion, for whoever reads it and for the ticket.

use std::fmt;

use serde::Serialize;

use crate::failure::Failure;
use crate::operator::Operator;
use crate::organization::Member;
use crate::root_key::{RootKey, Time};

/// One deletion, as far as it came.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    action: &'static str,
    result: Outcome,
    account: String,
    account_name: String,
    /// As it was before.
    #[serde(flatten)]
    key: RootKey,
    /// The ARN of whoever did it.
    by: String,
    at: Time,
    /// AWS's id of the accepted request.
    request_id: Option<String>,
    /// The ids that were there afterwards; `None` if nobody could look.
    remaining_keys: Option<Vec<String>>,
    /// IAM's `AccountAccessKeysPresent` afterwards, on which the rule decides.
    account_access_keys_present: Option<u32>,
    errors: Vec<String>,
    /// AWS said no, rather than nothing.
    #[serde(skip)]
    refused: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    /// IAM did not do it, and the key is there.
    NotDeleted,
    /// IAM was asked, and nobody knows what it did.
    Unknown,
    /// IAM did it.
    Deleted,
    /// IAM did not say that it did it, and the key is gone.
    Gone,
}

/// What a look at the account showed.
pub struct Seen {
    /// The ids of the root user's keys.
    pub remaining_keys: Vec<String>,
    /// IAM's `AccountAccessKeysPresent`.
    pub access_keys_present: u32,
}

impl Record {
    /// Nothing was asked of IAM yet.
    pub fn begun(operator: &Operator, member: &Member, key: &RootKey, at: Time) -> Self {
        Self {
            action: "iam:DeleteAccessKey",
            result: Outcome::NotDeleted,
            account: member.account.to_string(),
            account_name: member.name.clone(),
            key: key.clone(),
            by: operator.arn.clone(),
            at,
            request_id: None,
            remaining_keys: None,
            account_access_keys_present: None,
            errors: Vec::new(),
            refused: false,
        }
    }

    /// The key that it is about.
    pub fn access_key_id(&self) -> &str {
        &self.key.access_key_id
    }

    /// IAM was never asked.
    pub fn not_begun(&mut self, failure: &Failure) {
        self.errors.push(failure.to_string());
    }

    /// From here on IAM may have done it.
    pub fn asking(&mut self) {
        self.result = Outcome::Unknown;
    }

    /// IAM said that it did it.
    pub fn accepted(&mut self, request_id: Option<&str>) {
        self.result = Outcome::Deleted;
        self.request_id = request_id.map(str::to_owned);
    }

    /// IAM did not accept; `refused` if it said so, rather than failing or
    /// saying nothing.
    pub fn not_accepted(&mut self, answer: &str, refused: bool) {
        self.refused = refused;
        self.errors.push(format!("iam:DeleteAccessKey: {answer}"));
    }

    /// Whether there is nothing left to wait for.
    pub fn is_settled_by(&self, seen: &Seen) -> bool {
        let gone = !seen.remaining_keys.contains(&self.key.access_key_id);
        let agreed = seen.remaining_keys.is_empty() == (seen.access_keys_present == 0);
        self.refused || (gone && agreed)
    }

    /// What was seen afterwards, or why nothing was.
    pub fn looked(&mut self, seen: Result<Seen, Failure>) {
        match seen {
            Ok(seen) => {
                let gone = !seen.remaining_keys.contains(&self.key.access_key_id);
                if self.result == Outcome::Unknown {
                    self.result = if gone {
                        Outcome::Gone
                    } else {
                        Outcome::NotDeleted
                    };
                }
                self.remaining_keys = Some(seen.remaining_keys);
                self.account_access_keys_present = Some(seen.access_keys_present);
            }
            Err(failure) => self.errors.push(failure.to_string()),
        }
    }

    /// Somebody pressed Ctrl-C.
    pub fn interrupted(&mut self) {
        self.errors.push("interrupted".to_owned());
    }

    /// Whether the key was looked for afterwards and not found.
    pub fn key_is_gone(&self) -> bool {
        let remaining = self.remaining_keys.as_ref();
        remaining.is_some_and(|keys| !keys.contains(&self.key.access_key_id))
    }

    /// The record in one line.
    pub fn json(&self) -> String {
        // Text and numbers under fixed names: there is nothing that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn what_is_left(&self) -> String {
        match (
            self.remaining_keys.as_deref(),
            self.account_access_keys_present,
        ) {
            (Some([]), Some(0)) => {
                "no root access key is left, and the rule finds that at its next evaluation"
                    .to_owned()
            }
            (Some([]), _) => "no root access key is listed, but IAM's summary still counts one; \
                 it lags, or somebody made a new one"
                .to_owned(),
            (Some(keys), _) => format!(
                "left: {}; the rule stays NON_COMPLIANT while there is any",
                keys.join(", ")
            ),
            (None, _) => "nobody looked what is left".to_owned(),
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, account) = (&self.key.access_key_id, &self.account);
        let errors = self.errors.join("; ");
        let look = format!("look again: `root-keys list --account {account}`");
        match self.result {
            Outcome::NotDeleted => write!(f, "nothing was deleted: {errors}"),
            Outcome::Unknown => {
                write!(f, "whether {id} was deleted is not known: {errors}; {look}")
            }
            Outcome::Gone => write!(
                f,
                "{id} is gone, though IAM did not say it deleted it ({errors}): an attempt of \
                 this command whose answer was lost did it, or somebody else; {}",
                self.what_is_left()
            ),
            Outcome::Deleted if self.key_is_gone() => {
                write!(f, "deleted {id}; {}", self.what_is_left())
            }
            Outcome::Deleted if self.remaining_keys.is_some() => write!(
                f,
                "IAM accepted the deletion of {id}, but still lists it; {look}"
            ),
            Outcome::Deleted => write!(
                f,
                "IAM accepted the deletion of {id}, but nobody could look afterwards: {errors}; {look}"
            ),
        }
    }
}
