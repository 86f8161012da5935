//! The result of one deletion: text for the person who ran it, JSON for the ticket.

use std::fmt;

use serde::Serialize;

use crate::failure::Failure;
use crate::organization::reachability::Member;
use crate::root_session::root_key::RootKey;
use crate::time::Time;

/// One deletion, as far as it came.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    action: &'static str,
    result: Outcome,
    account: String,
    account_name: String,
    /// As it was before the deletion.
    #[serde(flatten)]
    key: RootKey,
    /// The ARN of the user or role that deleted it.
    by: String,
    at: Time,
    /// AWS's ID of the accepted request.
    request_id: Option<String>,
    /// The IDs that were listed afterwards; `None` if they could not be listed.
    remaining_keys: Option<Vec<String>>,
    /// IAM's `AccountAccessKeysPresent` afterwards, on which the rule decides.
    account_access_keys_present: Option<u32>,
    errors: Vec<String>,
    /// An attempt may have deleted the key without saying so.
    #[serde(skip)]
    may_be_done: bool,
    /// The last attempt may succeed if it is made again.
    #[serde(skip)]
    worth_another_attempt: bool,
    /// Why the keys could not be listed, or counted, the last time.
    #[serde(skip)]
    not_verified: Option<String>,
}

/// What became of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// No attempt was made, or IAM rejected every attempt explicitly.
    NotDeleted,
    /// The result of an attempt is not known: the key may still be listed because
    /// the list lags.
    Unknown,
    /// IAM accepted the deletion.
    Deleted,
    /// IAM did not accept the deletion, and a later list lacks the key.
    Gone,
}

/// The result of one attempt to delete; the text says why it failed.
#[derive(Debug)]
pub enum Attempt {
    /// IAM accepted it, under that request ID.
    Accepted(String),
    /// IAM has no such key: somebody else deleted it, or an earlier attempt.
    NoSuchKey(String),
    /// IAM rejected it and did not delete the key.
    Rejected(String),
    /// IAM throttled it and did not delete the key.
    Throttled(String),
    /// The response was lost, was not IAM's, or says that IAM failed: the key may
    /// have been deleted.
    Unclear(String),
}

impl Attempt {
    /// Whether another attempt may succeed.
    fn is_worth_another_attempt(&self) -> bool {
        matches!(self, Self::Throttled(_) | Self::Unclear(_))
    }
}

impl Record {
    /// Starts the record of a deletion by that user or role, before any attempt.
    #[must_use]
    pub fn new(by: &str, member: &Member, key: &RootKey, at: Time) -> Self {
        Self {
            action: "iam:DeleteAccessKey",
            result: Outcome::NotDeleted,
            account: member.account.to_string(),
            account_name: member.name.clone(),
            key: key.clone(),
            by: by.to_owned(),
            at,
            request_id: None,
            remaining_keys: None,
            account_access_keys_present: None,
            errors: Vec::new(),
            may_be_done: false,
            worth_another_attempt: false,
            not_verified: None,
        }
    }

    /// Returns the ID of the key.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.key.access_key_id
    }

    /// Returns what became of the key.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.result
    }

    /// Whether another attempt may succeed after the last one.
    #[must_use]
    pub fn is_worth_another_attempt(&self) -> bool {
        self.worth_another_attempt
    }

    /// Records why no attempt was made.
    pub fn not_attempted(&mut self, failure: &Failure) {
        self.errors.push(failure.to_string());
    }

    /// Records that an attempt started: until IAM responds, it may have succeeded.
    pub fn attempt_started(&mut self) {
        self.result = Outcome::Unknown;
    }

    /// Records the result of an attempt. What an earlier attempt may have done stays
    /// possible whatever a later one returns.
    pub fn attempt_ended(&mut self, attempt: Attempt) {
        self.worth_another_attempt = attempt.is_worth_another_attempt();
        let (result, why) = match attempt {
            Attempt::Accepted(id) => {
                self.request_id = Some(id);
                (Outcome::Deleted, None)
            }
            Attempt::Rejected(why) | Attempt::Throttled(why) => (Outcome::NotDeleted, Some(why)),
            Attempt::NoSuchKey(why) | Attempt::Unclear(why) => (Outcome::Unknown, Some(why)),
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
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let listed = self.remaining_keys.as_ref();
        let agreed = listed.is_some_and(|keys| {
            Some(keys.is_empty()) == self.account_access_keys_present.map(|count| count == 0)
        });
        self.not_verified.is_none()
            && (self.result == Outcome::NotDeleted || (self.key_is_gone() && agreed))
    }

    /// Records the keys that were listed afterwards, and IAM's count of them or why it
    /// could not be read.
    pub fn listed(&mut self, listed: Vec<String>, counted: Result<u32, Failure>) {
        self.remaining_keys = Some(listed);
        if self.key_is_gone() && self.result != Outcome::Deleted {
            self.result = Outcome::Gone;
        }
        self.not_verified = None;
        match counted {
            Ok(count) => self.account_access_keys_present = Some(count),
            Err(failure) => self.not_verified(&failure),
        }
    }

    /// Records why the keys could not be listed this time; an earlier list stays.
    pub fn not_verified(&mut self, failure: &Failure) {
        self.not_verified = Some(failure.to_string());
    }

    /// Records that Ctrl-C was pressed.
    pub fn interrupted(&mut self) {
        self.errors.push("interrupted".to_owned());
    }

    /// Whether the keys were listed afterwards and this key was not among them.
    #[must_use]
    pub fn key_is_gone(&self) -> bool {
        let remaining = self.remaining_keys.as_ref();
        remaining.is_some_and(|keys| !keys.contains(&self.key.access_key_id))
    }

    /// Ends the record: the keys are not listed again.
    pub fn finish(&mut self) {
        self.errors.extend(self.not_verified.take());
    }

    /// Returns the record as JSON in one line.
    #[must_use]
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
                "no root access key is left; the rule's next evaluation will confirm this"
                    .to_owned()
            }
            (Some([]), Some(_)) => "no root access key is listed, but IAM's summary still counts \
                 one; it lags, or somebody created a new one"
                .to_owned(),
            (Some([]), None) => {
                "no root access key is listed, but IAM's summary could not be read".to_owned()
            }
            (Some(keys), _) => format!(
                "remaining: {}; the rule stays NON_COMPLIANT until every root key is deleted",
                keys.join(", ")
            ),
            (None, _) => "the remaining keys were not listed".to_owned(),
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, account) = (&self.key.access_key_id, &self.account);
        let errors = self.errors.join("; ");
        let look = format!("check again: `root-keys list --account {account}`");
        match self.result {
            Outcome::NotDeleted => write!(f, "nothing was deleted: {errors}"),
            Outcome::Unknown if self.remaining_keys.is_some() => write!(
                f,
                "it is not known whether {id} was deleted: {errors}; IAM still lists it, but the list \
                 can lag behind a deletion; {look}"
            ),
            Outcome::Unknown => {
                write!(
                    f,
                    "it is not known whether {id} was deleted: {errors}; {look}"
                )
            }
            Outcome::Gone => write!(
                f,
                "{id} is gone, although IAM did not confirm the deletion ({errors}): an attempt of \
                 this command whose response was lost deleted it, or somebody else did; {}",
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
                "IAM accepted the deletion of {id}, but the keys could not be listed afterwards: {errors}; {look}"
            ),
        }
    }
}
