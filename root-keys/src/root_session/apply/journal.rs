//! The journal of `apply`: one JSON record a line, an intent before each deletion
//! and an outcome after it. What the records say is decided here; writing them is
//! not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::root_session::plan::facts::{Deletion, Plan};
use crate::time::Time;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// SHA-256 of the plan.
    pub plan: String,
    /// 12 digits.
    pub account: String,
    /// For example `AKIAIOSFODNN7EXAMPLE`.
    pub access_key_id: String,
    /// When it was written.
    pub at: Time,
    /// The ARN of whoever applied the plan.
    pub by: String,
    /// What happened.
    #[serde(flatten)]
    pub record: Record,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// IAM is asked for the deletion after this record is on disk.
    Intent,
    /// What came of it, or why no request was sent to IAM.
    Outcome {
        /// What became of the key.
        result: Outcome,
        /// Whether a list of the keys was read that lacks the key.
        #[serde(rename = "keyIsGone")]
        key_is_gone: bool,
        /// A sentence for people.
        reason: String,
        /// The record of the deletion, as `root-keys delete` prints it; `null` if
        /// no request was sent to IAM.
        deletion: Option<Value>,
    },
}

/// What came of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// IAM accepted the deletion.
    Deleted,
    /// IAM did not accept the deletion, or its response was lost, and the key is
    /// no longer listed.
    Gone,
    /// The key is no longer listed, and this plan's journal knows of no attempt.
    NotListed,
    /// no request was sent to IAM, or rejected every attempt explicitly.
    NotDeleted,
    /// IAM may have deleted the key.
    Unknown,
    /// The key differs from the plan: no request was sent to IAM.
    Skipped,
    /// The keys of the account could not be read: no request was sent to IAM.
    NotReadable,
}

impl Outcome {
    /// Returns the word for it in a line for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Gone => "gone",
            Self::NotListed => "not listed",
            Self::NotDeleted => "not deleted",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
            Self::NotReadable => "not readable",
        }
    }
}

/// How far the journal records the deletion of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyProgress {
    /// Nothing that could have deleted it.
    NotStarted,
    /// IAM was asked, and what came of it was not seen to the end.
    AttemptUnresolved,
    /// A list without the key was read.
    Gone,
}

/// The records so far.
#[derive(Debug)]
pub struct Journal {
    /// SHA-256 of the plan that they are about.
    pub plan: String,
    keys: BTreeMap<(String, String), History>,
}

#[derive(Debug, Default, Clone, Copy)]
struct History {
    /// An intent without an outcome.
    open: bool,
    /// An attempt whose outcome leaves the deletion possible.
    may_be_done: bool,
    gone: bool,
}

impl Entry {
    /// Returns the line of the file, with its end.
    #[must_use]
    pub fn line(&self) -> String {
        // Text and numbers under fixed names: there is nothing that could fail.
        let json = serde_json::to_string(self).unwrap_or_default();
        json + "\n"
    }
}

impl Journal {
    /// Reads the records of that plan. A record that was cut short when the
    /// command was ended says nothing: an intent is acted on, and an outcome
    /// counts, only once it is complete.
    ///
    /// # Errors
    /// When a line is no record, or is one of another plan or of a key that the
    /// plan does not delete.
    pub fn parse(bytes: &[u8], plan: &Plan) -> Result<Self, String> {
        let mut journal = Self {
            plan: plan.digest(),
            keys: BTreeMap::new(),
        };
        for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            let entry: Entry = match serde_json::from_slice(line) {
                Ok(entry) => entry,
                Err(error) if error.is_eof() => continue,
                Err(error) => {
                    return Err(format!(
                        "line {number} is not a valid journal record: {error}"
                    ));
                }
            };
            if entry.plan != journal.plan {
                return Err(format!(
                    "line {number} belongs to another plan, {}",
                    entry.plan
                ));
            }
            let is_its = |line: &Deletion| {
                line.account == entry.account && line.key.access_key_id == entry.access_key_id
            };
            if !plan.delete.iter().any(is_its) {
                let id = entry.access_key_id;
                return Err(format!(
                    "line {number} is about {id}, which the plan does not delete"
                ));
            }
            journal.add(&entry);
        }
        Ok(journal)
    }

    /// Takes in one more record.
    pub fn add(&mut self, entry: &Entry) {
        let key = (entry.account.clone(), entry.access_key_id.clone());
        let history = self.keys.entry(key).or_default();
        match &entry.record {
            Record::Intent => {
                history.may_be_done |= history.open;
                history.open = true;
            }
            Record::Outcome {
                result,
                key_is_gone,
                ..
            } => {
                history.gone |= key_is_gone;
                history.may_be_done |= match result {
                    Outcome::Deleted | Outcome::Gone | Outcome::Unknown => true,
                    // Read before IAM was asked: what an open intent did stays open.
                    Outcome::Skipped | Outcome::NotReadable => history.open,
                    Outcome::NotDeleted | Outcome::NotListed => false,
                };
                history.open = false;
            }
        }
    }

    /// What is known of the key of that line.
    #[must_use]
    pub fn standing(&self, line: &Deletion) -> KeyProgress {
        let key = (line.account.clone(), line.key.access_key_id.clone());
        match self.keys.get(&key) {
            Some(history) if history.gone => KeyProgress::Gone,
            Some(history) if history.open || history.may_be_done => KeyProgress::AttemptUnresolved,
            Some(_) | None => KeyProgress::NotStarted,
        }
    }
}

#[cfg(test)]
mod tests;
