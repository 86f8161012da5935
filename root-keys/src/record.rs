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
    /// An attempt may have deleted the key without saying so.
    #[serde(skip)]
    may_be_done: bool,
    /// Why the last look failed.
    #[serde(skip)]
    not_looked: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    /// IAM was not asked, or rejected every attempt explicitly.
    NotDeleted,
    /// IAM was asked, and what it did was not seen: the key may still be listed
    /// because the list lags.
    Unknown,
    /// IAM accepted the deletion.
    Deleted,
    /// IAM did not accept the deletion, and a later list lacks the key.
    Gone,
}

/// How one attempt to delete ended; the text says why it failed.
#[derive(Debug)]
pub enum Answered {
    /// IAM accepted it, under that request id.
    Accepted(String),
    /// IAM knows no such key: somebody else deleted it, or an earlier attempt.
    NoSuchKey(String),
    /// IAM rejected it, and did not do it.
    Rejected(String),
    /// IAM rejected it for the rate of requests, and did not do it.
    Throttled(String),
    /// The response was lost, was none of IAM's, or says that IAM failed: it may
    /// have been done.
    Unclear(String),
}

impl Answered {
    /// Whether another attempt may fare better.
    pub fn is_worth_another_attempt(&self) -> bool {
        matches!(self, Self::Throttled(_) | Self::Unclear(_))
    }
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
            may_be_done: false,
            not_looked: None,
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

    /// From here on, until IAM has answered, it may have done it.
    pub fn asking(&mut self) {
        self.result = Outcome::Unknown;
    }

    /// IAM answered that attempt, or did not. What an earlier attempt may have
    /// done stays possible whatever a later one is told.
    pub fn answered(&mut self, answered: Answered) {
        let (result, why) = match answered {
            Answered::Accepted(id) => {
                self.request_id = Some(id);
                (Outcome::Deleted, None)
            }
            Answered::Rejected(why) | Answered::Throttled(why) => (Outcome::NotDeleted, Some(why)),
            Answered::NoSuchKey(why) | Answered::Unclear(why) => (Outcome::Unknown, Some(why)),
        };
        self.may_be_done |= result == Outcome::Unknown;
        self.result = match result {
            Outcome::NotDeleted if self.may_be_done => Outcome::Unknown,
            result => result,
        };
        let why = why.map(|why| format!("iam:DeleteAccessKey: {why}"));
        self.errors
            .extend(why.filter(|why| self.errors.last() != Some(why)));
    }

    /// Whether there is nothing left to wait for.
    pub fn is_settled(&self) -> bool {
        let listed = self.remaining_keys.as_ref();
        let agreed = listed.is_some_and(|keys| {
            Some(keys.is_empty()) == self.account_access_keys_present.map(|count| count == 0)
        });
        self.not_looked.is_none()
            && (self.result == Outcome::NotDeleted || (self.key_is_gone() && agreed))
    }

    /// What was listed afterwards, and IAM's count of keys or why there is none.
    pub fn looked(&mut self, listed: Vec<String>, counted: Result<u32, Failure>) {
        self.remaining_keys = Some(listed);
        if self.key_is_gone() && self.result != Outcome::Deleted {
            self.result = Outcome::Gone;
        }
        self.not_looked = None;
        match counted {
            Ok(count) => self.account_access_keys_present = Some(count),
            Err(failure) => self.not_looked(&failure),
        }
    }

    /// Why nothing was seen this time; what was seen before stays.
    pub fn not_looked(&mut self, failure: &Failure) {
        self.not_looked = Some(failure.to_string());
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

    /// The end of it: nobody looks again.
    pub fn ended(&mut self) {
        self.errors.extend(self.not_looked.take());
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
            (Some([]), Some(_)) => "no root access key is listed, but IAM's summary still counts \
                 one; it lags, or somebody created a new one"
                .to_owned(),
            (Some([]), None) => {
                "no root access key is listed, but IAM's summary could not be read".to_owned()
            }
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
            Outcome::Unknown if self.remaining_keys.is_some() => write!(
                f,
                "whether {id} was deleted is not known: {errors}; IAM still lists it, but its list \
                 lags behind deletions; {look}"
            ),
            Outcome::Unknown => {
                write!(f, "whether {id} was deleted is not known: {errors}; {look}")
            }
            Outcome::Gone => write!(
                f,
                "{id} is gone, though IAM did not say it deleted it ({errors}): an attempt of \
                 this command whose response was lost did it, or somebody else; {}",
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
