//! What a new file of exemptions changes.

use crate::exemptions::{Exemption, Exemptions, grounds};

/// One account whose exemption changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is done: `added`, `removed`, `extended`, `shortened` or `changed`.
    pub kind: &'static str,
    /// 12 digits.
    pub account: String,
    /// The exemption, and what it was before if it stays.
    pub what: String,
}

/// Compares two files: one change for each account whose exemption differs, in the order of
/// the accounts' IDs.
#[must_use]
pub fn changes(old: &Exemptions, new: &Exemptions) -> Vec<Change> {
    let mut accounts: Vec<_> = old.keys().chain(new.keys()).collect();
    accounts.sort();
    accounts.dedup();
    let each = accounts.into_iter();
    each.filter_map(|account| {
        let (kind, what) = change(old.get(account), new.get(account))?;
        let account = account.clone();
        Some(Change {
            kind,
            account,
            what,
        })
    })
    .collect()
}

fn change(old: Option<&Exemption>, new: Option<&Exemption>) -> Option<(&'static str, String)> {
    match (old, new) {
        (Some(old), Some(new)) if old == new => None,
        (Some(old), Some(new)) => {
            let kind = match new.expires.cmp(&old.expires) {
                std::cmp::Ordering::Greater => "extended",
                std::cmp::Ordering::Less => "shortened",
                std::cmp::Ordering::Equal => "changed",
            };
            Some((kind, format!("{}; before: {}", words(new), words(old))))
        }
        (None, Some(new)) => Some(("added", words(new))),
        (Some(old), None) => Some(("removed", words(old))),
        (None, None) => None,
    }
}

fn words(it: &Exemption) -> String {
    let grounds = grounds(&it.owner, &it.reason, it.ticket.as_deref());
    format!("until {} ({grounds})", it.expires)
}
