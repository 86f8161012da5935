//! The accounts of the organization, as AWS Organizations lists them.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{Account as Described, AccountState, AccountStatus};
use root_access_key_rule::aws::failure::CallFailure;
use root_access_key_rule::rule::account_id::AccountId;

use crate::aws::call::call_failure;
use crate::failure::Failure;
use crate::organization::account::Account;
use crate::organization::facts::Source;
use crate::organization::paging::Listings;

/// The action that [`list`] needs.
pub const LIST: &str = "organizations:ListAccounts";

/// Lists all accounts, each once, in the order of their IDs.
///
/// # Errors
/// The failure of a page, as `refused` words it. Also when the list has an account
/// without an ID, or lacks one of `known`, which are in the organization.
pub async fn list(
    client: &Client,
    listings: &Listings,
    known: &[&str],
    refused: impl AsyncFn(CallFailure) -> Failure,
) -> Result<(Vec<Account>, Source), Failure> {
    let (listed, source) = listings
        .all(LIST, async |token| {
            match client.list_accounts().set_next_token(token).send().await {
                Ok(page) => Ok((page.accounts.unwrap_or_default(), page.next_token)),
                Err(error) => Err(refused(call_failure(&error)).await),
            }
        })
        .await?;
    let incomplete = |what: &str| Failure::new(format!("{LIST}: {what}; try again"));
    let accounts: Option<Vec<_>> = listed.iter().map(account).collect();
    let mut accounts =
        accounts.ok_or_else(|| incomplete("the response has an account without an ID"))?;
    accounts.sort_by(|a, b| a.id.cmp(&b.id));
    accounts.dedup_by(|a, b| a.id == b.id);
    for id in known {
        if !accounts.iter().any(|account| account.id == *id) {
            let what = format!("the response lacks account {id}, which is in the organization");
            return Err(incomplete(&what));
        }
    }
    Ok((accounts, source))
}

/// Converts what AWS Organizations says of an account; `None` without an ID.
pub(super) fn account(described: &Described) -> Option<Account> {
    let management = described.arn().and_then(AccountId::of_arn);
    Some(Account {
        id: described.id().and_then(AccountId::new)?.to_string(),
        name: described.name().map(str::to_owned),
        state: state(described).map(str::to_owned),
        path: described.paths().first().cloned(),
        management: management.map(|it| it.to_string()),
    })
}

/// The account's `State`, or its `Status` where only that is there; `None` if
/// AWS Organizations returned neither.
fn state(account: &Described) -> Option<&str> {
    let state = account.state().map(AccountState::as_str);
    state.or_else(|| account.status().map(AccountStatus::as_str))
}

#[cfg(test)]
mod tests {
    use aws_sdk_organizations::types::{Account, AccountState, AccountStatus};

    use super::state;
    use crate::organization::account::is_inactive;

    #[test]
    fn the_state_counts_and_the_status_only_without_it() {
        let account = Account::builder().status(AccountStatus::PendingClosure);
        assert_eq!(state(&account.clone().build()), Some("PENDING_CLOSURE"));
        let account = account.state(AccountState::Closed).build();
        assert_eq!(state(&account), Some("CLOSED"));
        assert_eq!(state(&Account::builder().build()), None);
    }

    #[test]
    fn every_state_but_active_is_inactive_and_an_unknown_one_is_read() {
        for state in AccountState::values() {
            assert_eq!(is_inactive(state), *state != "ACTIVE", "{state}");
        }
        for status in AccountStatus::values() {
            assert_eq!(is_inactive(status), *status != "ACTIVE", "{status}");
        }
        assert!(!is_inactive("MIGRATING"));
    }
}
