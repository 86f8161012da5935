//! Which state an account of the organization is in, and what that means.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html>

use aws_sdk_organizations::types::{Account, AccountState, AccountStatus};

/// The account's `State`, or its `Status` where only that is there; `None` if
/// AWS Organizations gave neither.
pub fn of(account: &Account) -> Option<&str> {
    let state = account.state().map(AccountState::as_str);
    state.or_else(|| account.status().map(AccountStatus::as_str))
}

/// Whether AWS runs nothing in an account of that state: no sign-in, no root
/// session, no stack, no evaluation. A state that is not known here is not one
/// of them, so that the account is looked at.
pub fn is_inactive(state: &str) -> bool {
    remedy(state).is_some()
}

/// What to do about an account of that state before its root user can be
/// reached; `None` if nothing is known to be in the way.
pub fn remedy(state: &str) -> Option<&'static str> {
    match state {
        "PENDING_ACTIVATION" => Some("complete its sign-up first"),
        "SUSPENDED" => Some(
            "reopen it through AWS Support within 90 days of its closure, or leave its keys to \
             AWS's closure",
        ),
        "PENDING_CLOSURE" | "CLOSED" => {
            Some("reopen it through AWS Support within 90 days, or leave its keys to AWS's closure")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_organizations::types::{Account, AccountState, AccountStatus};

    use super::{is_inactive, of};

    #[test]
    fn the_state_counts_and_the_status_only_without_it() {
        let account = Account::builder().status(AccountStatus::PendingClosure);
        assert_eq!(of(&account.clone().build()), Some("PENDING_CLOSURE"));
        let account = account.state(AccountState::Closed).build();
        assert_eq!(of(&account), Some("CLOSED"));
        assert_eq!(of(&Account::builder().build()), None);
    }

    #[test]
    fn every_state_but_active_is_inactive_and_one_not_known_is_looked_at() {
        for state in AccountState::values() {
            assert_eq!(is_inactive(state), *state != "ACTIVE", "{state}");
        }
        for status in AccountStatus::values() {
            assert_eq!(is_inactive(status), *status != "ACTIVE", "{status}");
        }
        assert!(!is_inactive("MIGRATING"));
    }
}
