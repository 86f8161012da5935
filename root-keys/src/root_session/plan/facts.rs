//! A plan as data, and how long it is valid.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::root_session::root_key::RootKey;
use crate::time::Time;

/// Raised when a field changes its meaning or is removed.
pub const SCHEMA: u32 = 1;
/// How long a plan is valid after the reading of its keys began.
pub const PLAN_LIFETIME: TimeDelta = TimeDelta::hours(24);
/// What is deleted and what stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it is based on, and how long it is valid.
    pub head: Head,
    /// The keys to delete, in the order of accounts and keys.
    pub delete: Vec<Deletion>,
    /// What stays, in the order of accounts and keys.
    pub keep: Vec<Kept>,
}

/// What the plan is based on, and how long it is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// [`SCHEMA`].
    pub schema: u32,
    /// `root-keys plan`.
    pub command: String,
    /// The version of root-keys.
    pub version: String,
    /// When the plan was made.
    pub at: Time,
    /// From this moment on, `apply` refuses it: 24 hours after the reading of the
    /// keys began.
    pub expires: Time,
    /// The document of `root-keys list`.
    pub based_on: Basis,
    /// A key is deleted only if it was not used in so many days before the
    /// reading of the keys began.
    pub unused_for_days: u16,
    /// SHA-256 of the file of exemptions; `null` if none was given.
    pub exemptions: Option<String>,
    /// How many accounts and keys there are.
    pub summary: Summary,
}

/// The document of `root-keys list` that the plan was decided from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// SHA-256 of the document.
    pub sha256: String,
    /// When the reading of the keys began: all ages are calculated to it.
    pub at: Time,
    /// The ARN that read.
    pub by: String,
}

/// How many accounts and keys there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The accounts of the document.
    pub accounts: usize,
    /// Of those, the accounts without a root key.
    pub without_keys: usize,
    /// Of those, the accounts whose keys could not be read.
    pub not_readable: usize,
    /// Of those, the accounts that no session reaches.
    pub out_of_reach: usize,
    /// The keys to delete.
    pub delete: usize,
    /// The keys that stay.
    pub keep: usize,
}

/// One key to delete, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deletion {
    /// 12 digits.
    pub account: String,
    /// The name in the organization.
    pub account_name: String,
    /// As it was read.
    pub key: RootKey,
    /// The IDs of the root user's other keys.
    pub other_keys: Vec<String>,
    /// Whether the account was under the quarantine policy.
    pub quarantine: Quarantine,
    /// Why the key is deleted.
    pub reason: String,
}

/// One key that stays, or an account whose keys are not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// 12 digits.
    pub account: String,
    /// The name in the organization.
    pub account_name: String,
    /// `null` if the keys of the account are not known.
    pub key: Option<RootKey>,
    /// Whether the account was under the quarantine policy.
    pub quarantine: Quarantine,
    /// Why the key stays, in one word.
    pub kind: KeepReason,
    /// Why the key stays.
    pub reason: String,
}

/// Why a key stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeepReason {
    /// The account is exempt.
    Exempt,
    /// It was used too recently.
    UsedRecently,
    /// It is not older than 30 days.
    Young,
    /// IAM gave no creation date.
    AgeUnknown,
    /// The keys of the account could not be read.
    NotReadable,
    /// No session reaches the account: it is not active, or the management account.
    OutOfReach,
}

/// Whether the quarantine policy, the reversible trial of a deletion, is attached
/// to the account or above it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quarantine {
    /// The IDs of the policies that put it there.
    By(Vec<String>),
    /// No attached policy has the content of ours.
    None,
    /// The policies could not be read.
    Unknown,
}

impl Plan {
    /// Whether the plan may be applied at that moment.
    ///
    /// # Errors
    /// When it has expired, with what to do.
    pub fn check_validity(&self, now: DateTime<Utc>) -> Result<(), String> {
        let Head {
            expires, based_on, ..
        } = &self.head;
        if now < expires.0 {
            return Ok(());
        }
        Err(format!(
            "the plan expired at {expires}, 24 hours after its keys were read at {}; list them \
                 again and make a new plan",
            based_on.at
        ))
    }
}
