//! Why no root session can be opened in an account of the organization.

use crate::docs::DOCS;
use crate::organization::account::{Account, reactivation};

/// A member account whose root user can be reached.
#[derive(Debug, Clone)]
pub struct Member {
    /// The account's ID.
    pub account: root_access_key_rule::rule::account_id::AccountId,
    /// The name that the organization gave it, or `no name`.
    pub name: String,
}

/// Says why no root session can be opened in an account that is not a member, or of
/// which that is not known; `None` for a member.
#[must_use]
pub fn not_a_member(account: &Account) -> Option<String> {
    let id = &account.id;
    match &account.management {
        Some(management) if management != id => None,
        Some(_) => Some(format!(
            "account {id} is the management account, and a root session cannot reach its root user; \
             sign in as its root user: {DOCS}/remediation.md#the-management-account"
        )),
        None => Some(format!(
            "cannot tell whether account {id} is the management account: AWS Organizations \
             returned no ARN for it; check with `aws organizations describe-organization`"
        )),
    }
}

/// Says why no root session can be opened in an account that is not active; `None`
/// for an active account.
#[must_use]
pub fn not_active(account: &Account) -> Option<String> {
    let (id, state) = (&account.id, account.state.as_deref()?);
    let remedy = reactivation(state)?;
    Some(format!(
        "account {id} is {state}, and only an active account accepts root sessions; {remedy}: \
         `aws organizations describe-account --account-id {id}` shows its state"
    ))
}
