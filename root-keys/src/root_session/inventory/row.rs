//! The result of reading one requested account.

use serde::Serialize;

use crate::organization::account::Account;
use crate::organization::prevention::Prevention;
use crate::root_session::root_key::RootKey;
use crate::time::Time;

/// One requested account: its keys, or why they are not known.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// 12 digits.
    pub account: String,
    /// `None` if AWS Organizations returned no name.
    pub account_name: Option<String>,
    /// `ACTIVE`, `SUSPENDED` … as AWS Organizations writes it.
    pub state: Option<String>,
    /// The ID of the organizational unit that the account is in directly, or of
    /// the root.
    pub organizational_unit: Option<String>,
    /// As [`Account::path`].
    pub path: Option<String>,
    /// Whether the keys are known, or why not.
    pub result: Outcome,
    /// When the last key had been read.
    pub read_at: Option<Time>,
    /// `None` where the keys are not known, which is not the same as none.
    pub keys: Option<Vec<RootKey>>,
    /// Why the keys are not known, and what to do about it.
    pub reason: Option<String>,
    /// Whether a service control policy is known to prevent new keys.
    pub prevention: Prevention,
}

/// How reading an account ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All of its root keys are known.
    Read,
    /// AWS lets no session into an account of this state.
    NotActive,
    /// `AssumeRoot` reaches member accounts only.
    ManagementAccount,
    /// A call failed.
    NotRead,
    /// Ctrl-C came first.
    Interrupted,
}

impl Outcome {
    /// Returns the word for it in JSON and CSV.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::NotActive => "not-active",
            Self::ManagementAccount => "management-account",
            Self::NotRead => "not-read",
            Self::Interrupted => "interrupted",
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl Row {
    /// Makes the row of an account whose keys were read at that time.
    #[must_use]
    pub fn read(account: &Account, keys: Vec<RootKey>, at: Time) -> Self {
        Self {
            read_at: Some(at),
            keys: Some(keys),
            ..Self::without_keys(account, Outcome::Read, None)
        }
    }

    /// Makes the row of an account whose keys are not known, with the reason.
    #[must_use]
    pub fn unread(account: &Account, result: Outcome, reason: impl Into<String>) -> Self {
        Self::without_keys(account, result, Some(reason.into()))
    }

    fn without_keys(account: &Account, result: Outcome, reason: Option<String>) -> Self {
        Self {
            account: account.id.clone(),
            account_name: account.name.clone(),
            state: account.state.clone(),
            organizational_unit: account.organizational_unit().map(str::to_owned),
            path: account.path.clone(),
            result,
            read_at: None,
            keys: None,
            reason,
            prevention: Prevention::not_read(),
        }
    }
}
