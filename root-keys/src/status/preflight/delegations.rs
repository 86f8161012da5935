//! Which accounts administer which service.

use serde::Serialize;

use crate::organization::account::Account;
use crate::organization::principals::{AGGREGATORS, DELEGATED, PACKS, ROOT_ACCESS, STACK_SETS};
use crate::organization::rollout_facts::RolloutFacts;

/// An account with its name and state.
#[derive(Debug, Serialize)]
pub struct NamedAccount {
    /// 12 digits.
    pub account: String,
    /// The name in the organization; `?` if AWS Organizations does not list it.
    pub name: String,
    /// `ACTIVE`, `SUSPENDED` …
    pub state: String,
}

/// Which accounts administer a service for the organization.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delegation {
    /// The service's principal.
    pub service: &'static str,
    /// The service in words.
    pub title: &'static str,
    /// What an administrator of it runs.
    pub runs: &'static str,
    /// Its delegated administrators beside the management account; `null` if
    /// they could not be read.
    pub administrators: Option<Vec<NamedAccount>>,
    /// The management account, which administers every service.
    pub management_account: String,
    /// Whether the calling account is one of them.
    pub this_account: Option<bool>,
}

impl NamedAccount {
    /// Describes an account as AWS Organizations lists it.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        Self {
            account: account.id.clone(),
            name: account.display_name().to_owned(),
            state: account.state().to_owned(),
        }
    }
}

/// Describes each service of which an account can be a delegated administrator.
#[must_use]
pub fn delegations(facts: &RolloutFacts) -> Vec<Delegation> {
    DELEGATED.iter().map(|service| of(facts, service)).collect()
}

fn of(facts: &RolloutFacts, service: &'static str) -> Delegation {
    let registered = facts.administrators.get(service);
    let registered = registered.and_then(|it| it.as_ref().ok());
    let name = |id: &String| {
        let account = facts.accounts.iter().find(|account| account.id == *id);
        account.map_or_else(
            || NamedAccount {
                account: id.clone(),
                name: "?".to_owned(),
                state: "not listed".to_owned(),
            },
            NamedAccount::of,
        )
    };
    let this = &facts.viewpoint.account;
    let (title, runs) = match service {
        STACK_SETS => ("StackSets", "`make deploy` and `root-keys status`"),
        AGGREGATORS => ("AWS Config aggregator", "`root-keys status`"),
        PACKS => (
            "AWS Config packs",
            "`make deploy` in mode organization-pack",
        ),
        ROOT_ACCESS => ("IAM root access", "`root-keys list` and `root-keys delete`"),
        _ => (service, ""),
    };
    Delegation {
        service,
        title,
        runs,
        administrators: registered.map(|ids| ids.iter().map(name).collect()),
        management_account: facts.viewpoint.management.clone(),
        this_account: if facts.viewpoint.is_management() {
            Some(true)
        } else {
            registered.map(|ids| ids.contains(this))
        },
    }
}
