//! The only way to a session that can delete: the account ID, or the number of keys of a
//! plan, given once more.

use root_access_key_rule::rule::account_id::AccountId;

/// Proof that whoever asks for a deletion means this account.
#[derive(Debug)]
pub struct Confirmation(());

impl Confirmation {
    /// Confirms a deletion in `account`; `None` if `given` is anything but its ID.
    /// Spaces around it do not count.
    #[must_use]
    pub fn of(account: &AccountId, given: &str) -> Option<Self> {
        (given.trim() == account.as_str()).then_some(Self(()))
    }

    /// Confirms the deletion of so many keys; `None` if `given` is anything but that
    /// number. Spaces around it do not count.
    #[must_use]
    pub fn of_number(keys: usize, given: &str) -> Option<Self> {
        (given.trim() == keys.to_string()).then_some(Self(()))
    }
}
