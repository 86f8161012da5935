//! All requested accounts together: counts, exit code, and the JSON document.

use serde::Serialize;

use crate::root_session::inventory::row::{Outcome, Row};
use crate::time::Time;

/// Raised when a field changes its meaning or is removed; fields may be added.
pub const SCHEMA: u32 = 1;
/// What a shell reports of a command that Ctrl-C ended: 128 plus SIGINT.
const INTERRUPTED: u8 = 130;

/// What was requested, by whom and when, and the result.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    #[serde(flatten)]
    /// The first fields of the document.
    pub head: Head,
    /// How many accounts there are of each kind.
    pub summary: Summary,
    /// Why it is not known which service control policies prevent new keys; `None` if
    /// that was read.
    pub policies_not_read: Option<String>,
    /// In the order of their IDs.
    pub accounts: Vec<Row>,
    /// 0, 1, 3 or 130, as `root-keys list --help` explains.
    pub exit_code: u8,
}

/// The first fields of the document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// [`SCHEMA`].
    pub schema: u32,
    /// `root-keys list`.
    pub command: &'static str,
    /// The version of root-keys.
    pub version: &'static str,
    /// When the reading began.
    pub at: Time,
    /// The ARN of the user or role that read.
    pub by: String,
    /// The region of the STS endpoint.
    pub region: String,
    /// Which accounts were requested.
    pub requested: Requested,
}

/// Which accounts were requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Requested {
    /// These, by their IDs.
    Accounts(Vec<String>),
    /// All in these organizational units or roots, and below.
    OrganizationalUnits(Vec<String>),
    /// The whole organization.
    All,
}

/// How many accounts there are of each kind.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// All requested accounts.
    pub accounts: usize,
    /// The accounts whose root keys are known.
    pub read: usize,
    /// Of those, the accounts with at least one root key.
    pub with_keys: usize,
    /// The root keys of all of them.
    pub keys: usize,
    /// The accounts that AWS runs nothing in.
    pub not_active: usize,
    /// 1 if the management account is among them.
    pub management_account: usize,
    /// The accounts of which a call failed.
    pub not_read: usize,
    /// The accounts that were not read before Ctrl-C.
    pub interrupted: usize,
}

impl Report {
    /// Sorts and counts the rows, and decides on the exit code.
    #[must_use]
    pub fn new(head: Head, mut accounts: Vec<Row>, policies_not_read: Option<String>) -> Self {
        accounts.sort_by(|a, b| a.account.cmp(&b.account));
        let summary = Summary::of(&accounts);
        Self {
            exit_code: exit_code(&head.requested, &summary),
            head,
            summary,
            policies_not_read,
            accounts,
        }
    }

    /// Returns the document as JSON in one line.
    #[must_use]
    pub fn json(&self) -> String {
        // Text, numbers and lists under fixed names: there is nothing that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Summary {
    fn of(rows: &[Row]) -> Self {
        let count = |result| rows.iter().filter(|row| row.result == result).count();
        let keys = || rows.iter().filter_map(|row| row.keys.as_ref());
        Self {
            accounts: rows.len(),
            read: count(Outcome::Read),
            with_keys: keys().filter(|keys| !keys.is_empty()).count(),
            keys: keys().map(Vec::len).sum(),
            not_active: count(Outcome::NotActive),
            management_account: count(Outcome::ManagementAccount),
            not_read: count(Outcome::NotRead),
            interrupted: count(Outcome::Interrupted),
        }
    }
}

/// 0 every requested account was read; 3 some were not; 1 none was; 130
/// interrupted.
///
/// No session reaches a suspended account or the management account, so they count
/// only if they were requested by ID.
fn exit_code(requested: &Requested, summary: &Summary) -> u8 {
    let out_of_reach = summary.not_active + summary.management_account;
    let unread = match requested {
        Requested::Accounts(_) => summary.not_read + out_of_reach,
        Requested::OrganizationalUnits(_) | Requested::All => summary.not_read,
    };
    match (summary.interrupted, unread, summary.read) {
        (1.., _, _) => INTERRUPTED,
        (0, 0, _) => 0,
        (0, _, 0) => 1,
        (0, _, _) => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::{Requested, Summary, exit_code};

    #[test]
    fn the_exit_code_says_whether_every_requested_account_was_read() {
        let named = || Requested::Accounts(vec!["111122223333".to_owned()]);
        let counted = |read, not_read, not_active, management_account, interrupted| Summary {
            read,
            not_active,
            management_account,
            not_read,
            interrupted,
            ..Summary::default()
        };
        for (requested, summary, code) in [
            (Requested::All, counted(5, 0, 1, 1, 0), 0),
            (Requested::All, counted(0, 0, 1, 1, 0), 0),
            (Requested::All, counted(5, 1, 0, 0, 0), 3),
            (Requested::All, counted(0, 1, 0, 1, 0), 1),
            (Requested::All, counted(5, 1, 0, 0, 1), 130),
            (named(), counted(1, 0, 1, 0, 0), 3),
            (named(), counted(1, 0, 0, 1, 0), 3),
            (named(), counted(0, 0, 0, 1, 0), 1),
            (named(), counted(2, 0, 0, 0, 0), 0),
        ] {
            assert_eq!(exit_code(&requested, &summary), code, "{summary:?}");
        }
    }
}
