//! Finds the requested accounts.

use root_access_key_rule::rule::account_id::AccountId;

use crate::aws::caller::Caller;
use crate::failure::Failure;
use crate::organization::account::Account;
use crate::organization::root_access;
use crate::progress::Progress;
use crate::root_session::inventory::report::Requested;

/// One requested account.
#[derive(Debug)]
pub enum Target {
    /// Listed by AWS Organizations.
    Listed(Account),
    /// Requested by ID, and not read from AWS Organizations yet.
    Requested(AccountId),
}

/// Returns the requested accounts, each once.
///
/// # Errors
/// When the organization's accounts cannot be listed to the end, or it is not
/// known which of them are requested.
pub async fn targets(
    caller: &Caller,
    requested: &Requested,
    progress: &Progress,
) -> Result<Vec<Target>, Failure> {
    match requested {
        Requested::Accounts(ids) => {
            let ids = ids.iter().filter_map(|id| AccountId::new(id));
            Ok(ids.map(Target::Requested).collect())
        }
        Requested::All => {
            let (listed, _) = root_access::accounts(caller, progress).await?;
            Ok(listed.into_iter().map(Target::Listed).collect())
        }
        Requested::OrganizationalUnits(units) => {
            let mut targets = Vec::new();
            let (listed, _) = root_access::accounts(caller, progress).await?;
            for account in listed {
                if is_in_any(&account, units)? {
                    targets.push(Target::Listed(account));
                }
            }
            if targets.is_empty() {
                return Err(Failure::new(format!(
                    "no account of the organization is in {}; check the ID: `aws organizations \
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
