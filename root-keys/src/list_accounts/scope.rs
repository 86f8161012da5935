//! Which accounts are requested.

use aws_sdk_organizations::types::Account as Described;
use root_access_key_rule::rule::account_id::AccountId;

use crate::account_state;
use crate::failure::{Failure, aws_answer};
use crate::list_accounts::report::Requested;
use crate::list_accounts::row::Account;
use crate::operator::Operator;
use crate::organization;
use crate::status::pages;

/// One requested account.
#[derive(Debug)]
pub enum Target {
    /// Listed by AWS Organizations.
    Listed(Described),
    /// Named on the command line; nobody has looked it up yet.
    Named(AccountId),
}

/// The requested accounts, each once.
///
/// # Errors
/// When the organization's accounts cannot be listed to the end, or it is not
/// known which of them are requested.
pub async fn targets(operator: &Operator, requested: &Requested) -> Result<Vec<Target>, Failure> {
    match requested {
        Requested::Accounts(ids) => {
            let ids = ids.iter().filter_map(|id| AccountId::new(id));
            Ok(ids.map(Target::Named).collect())
        }
        Requested::All => {
            let listed = listed(operator).await?;
            Ok(listed.into_iter().map(Target::Listed).collect())
        }
        Requested::OrganizationalUnits(units) => {
            let mut targets = Vec::new();
            for described in listed(operator).await? {
                if is_in_any(&account(&described), units)? {
                    targets.push(Target::Listed(described));
                }
            }
            if targets.is_empty() {
                return Err(Failure::new(format!(
                    "no account of the organization is in {}; check the id: `aws organizations \
                     list-organizational-units-for-parent --parent-id ROOT_OR_OU`",
                    units.join(" or ")
                )));
            }
            Ok(targets)
        }
    }
}

fn is_in_any(account: &Account, units: &[String]) -> Result<bool, Failure> {
    let any = units.iter().map(|unit| account.is_in(unit));
    let any = any.reduce(|a, b| Some(a? || b?)).flatten();
    any.ok_or_else(|| {
        Failure::new(format!(
            "organizations:ListAccounts did not return the organizational unit of account {}, so \
             --ou cannot be applied; use --accounts or --all",
            account.id
        ))
    })
}

/// All accounts of the organization, each once.
async fn listed(operator: &Operator) -> Result<Vec<Described>, Failure> {
    let call = "organizations:ListAccounts";
    let client = operator.organizations();
    let read = pages::collect(call, async |token| {
        let response = client.list_accounts().set_next_token(token).send().await;
        match response {
            Ok(response) => Ok((response.accounts.unwrap_or_default(), response.next_token)),
            Err(error) => Err(organization::refused(
                operator,
                &format!("cannot list the accounts of the organization: {call}"),
                &aws_answer(&error),
            )
            .await),
        }
    });
    let mut accounts = read.await?;
    accounts.sort_by(|a, b| a.id.cmp(&b.id));
    accounts.dedup_by(|a, b| a.id == b.id);
    let incomplete = |what: &str| Failure::new(format!("{call}: {what}; try again"));
    if accounts
        .iter()
        .any(|it| it.id().and_then(AccountId::new).is_none())
    {
        return Err(incomplete("the response has an account without an id"));
    }
    let own = operator.account.as_str();
    if !accounts.iter().any(|it| it.id() == Some(own)) {
        let what = format!("the response lacks account {own}, which is in the organization");
        return Err(incomplete(&what));
    }
    Ok(accounts)
}

/// What AWS Organizations says of an account, as plain facts.
pub fn account(described: &Described) -> Account {
    Account {
        id: described.id().unwrap_or_default().to_owned(),
        name: described.name().map(str::to_owned),
        state: account_state::of(described).map(str::to_owned),
        path: described.paths().first().cloned(),
    }
}
