//! What became of reading one requested account.

use serde::Serialize;

use crate::root_key::{RootKey, Time};

/// An account, as AWS Organizations describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// 12 digits.
    pub id: String,
    /// The friendly name; `None` if AWS Organizations gave none.
    pub name: Option<String>,
    /// `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE` …
    pub state: Option<String>,
    /// Organization, root, organizational units and account, each with a slash
    /// behind it: `o-…/r-…/ou-…/111122223333/`.
    pub path: Option<String>,
}

impl Account {
    /// An account of which only the id is known.
    pub fn unknown(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: None,
            state: None,
            path: None,
        }
    }

    /// Whether the account is in that organizational unit or root, or anywhere
    /// below it; `None` if AWS Organizations gave no path.
    pub fn is_in(&self, unit: &str) -> Option<bool> {
        let path = self.path.as_deref()?;
        Some(path.split('/').any(|part| part == unit))
    }

    /// The organizational unit that the account is in directly, or the root.
    fn unit(&self) -> Option<&str> {
        let path = self.path.as_deref()?.trim_end_matches('/');
        path.split('/').rev().nth(1)
    }
}

/// One requested account: its keys, or why they are not known.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    pub account: String,
    pub account_name: Option<String>,
    pub state: Option<String>,
    /// The id of the organizational unit that the account is in directly, or of
    /// the root.
    pub organizational_unit: Option<String>,
    pub path: Option<String>,
    pub result: Outcome,
    /// When the last key had been read.
    pub read_at: Option<Time>,
    /// `None` where the keys are not known, which is not the same as none.
    pub keys: Option<Vec<RootKey>>,
    /// Why the keys are not known, and what to do about it.
    pub reason: Option<String>,
}

/// How far reading an account came.
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
    /// The word for it in JSON and CSV.
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
    /// The keys of the account, read at that time.
    pub fn read(account: &Account, keys: Vec<RootKey>, at: Time) -> Self {
        Self {
            read_at: Some(at),
            keys: Some(keys),
            ..Self::without_keys(account, Outcome::Read, None)
        }
    }

    /// An account whose keys are not known, and why.
    pub fn unread(account: &Account, result: Outcome, reason: impl Into<String>) -> Self {
        Self::without_keys(account, result, Some(reason.into()))
    }

    fn without_keys(account: &Account, result: Outcome, reason: Option<String>) -> Self {
        Self {
            account: account.id.clone(),
            account_name: account.name.clone(),
            state: account.state.clone(),
            organizational_unit: account.unit().map(str::to_owned),
            path: account.path.clone(),
            result,
            read_at: None,
            keys: None,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Account;

    fn account(path: &str) -> Account {
        Account {
            path: Some(path.to_owned()),
            ..Account::unknown("111122223333")
        }
    }

    #[test]
    fn an_account_is_in_its_unit_in_all_above_and_in_the_root() {
        let nested = account("o-1/r-1/ou-1-above/ou-1-below/111122223333/");
        assert_eq!(nested.unit(), Some("ou-1-below"));
        for (unit, is_in) in [
            ("ou-1-below", true),
            ("ou-1-above", true),
            ("r-1", true),
            ("ou-1-b", false),
            ("111122223333/", false),
        ] {
            assert_eq!(nested.is_in(unit), Some(is_in), "{unit}");
        }
        assert_eq!(account("o-1/r-1/111122223333/").unit(), Some("r-1"));
    }

    #[test]
    fn without_a_path_nothing_is_known_of_the_unit() {
        let unknown = Account::unknown("111122223333");
        assert_eq!(unknown.is_in("r-1"), None);
        assert_eq!(unknown.unit(), None);
    }
}
