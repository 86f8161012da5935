//! Reads the root keys of many accounts, a few accounts at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use root_access_key_rule::rule::account_id::AccountId;
use tokio::task::JoinSet;

use crate::aws::caller::Caller;
use crate::failure::Failure;
use crate::organization::account::Account;
use crate::organization::facts::SourceResult;
use crate::organization::policy_content::RecognizedPolicy;
use crate::organization::prevention::Prevention;
use crate::organization::reachability::{Member, not_a_member, not_active};
use crate::organization::root_access;
use crate::progress::Progress;
use crate::root_session::inventory::row::{Outcome, Row};
use crate::root_session::inventory::scope::Target;
use crate::root_session::read_keys;
use crate::root_session::session::AuditSession;
use crate::time::Time;

/// How many accounts are read at a time. AWS publishes no rate for `AssumeRoot`;
/// each account's own IAM has one caller.
const CONCURRENT_ACCOUNTS: usize = 8;

/// The recognized service control policies, or why they are not known.
pub type Policies = SourceResult<Vec<RecognizedPolicy>>;

/// Reads every account, and returns one row for each. Ctrl-C ends the reading:
/// what was read by then is kept, and every other row says `interrupted`.
pub async fn read(
    caller: Arc<Caller>,
    targets: Vec<Target>,
    policies: Arc<Policies>,
    progress: &Progress,
) -> Vec<Row> {
    let interrupted = |target| interrupted(target, &policies);
    let mut rows: Vec<Row> = targets.iter().map(interrupted).collect();
    let task = progress.counting("accounts read", rows.len());
    let mut waiting = targets.into_iter().enumerate();
    let (mut reading, mut places, mut done) = (JoinSet::new(), HashMap::new(), 0);
    let ctrl_c = tokio::signal::ctrl_c();
    tokio::pin!(ctrl_c);
    loop {
        while reading.len() < CONCURRENT_ACCOUNTS
            && let Some((at, target)) = waiting.next()
        {
            let (caller, policies) = (Arc::clone(&caller), Arc::clone(&policies));
            let handle = reading.spawn(async move { read_one(&caller, target, &policies).await });
            places.insert(handle.id(), at);
        }
        tokio::select! {
            biased;
            _ = &mut ctrl_c => break,
            next = reading.join_next_with_id() => match next {
                Some(Ok((id, row))) => rows[places[&id]] = row,
                Some(Err(panic)) => failed(&mut rows[places[&panic.id()]]),
                None => break,
            },
        }
        done += 1;
        task.reached(done);
    }
    rows
}

fn interrupted(target: &Target, policies: &Policies) -> Row {
    let reason = "root-keys was interrupted before it read this account";
    match target {
        Target::Listed(account) => Row {
            prevention: Prevention::of(account, policies),
            ..Row::unread(account, Outcome::Interrupted, reason)
        },
        Target::Requested(id) => Row::unread(&unknown(id), Outcome::Interrupted, reason),
    }
}

/// An account of which only the ID is known.
fn unknown(id: &AccountId) -> Account {
    Account {
        id: id.to_string(),
        name: None,
        state: None,
        path: None,
        management: None,
    }
}

/// Reading the account panicked; the panic's message is on standard error.
fn failed(row: &mut Row) {
    row.result = Outcome::NotRead;
    row.reason = Some("root-keys failed on this account; report this as a bug".to_owned());
}

async fn read_one(caller: &Caller, target: Target, policies: &Policies) -> Row {
    let account = match target {
        Target::Listed(account) => account,
        Target::Requested(id) => match root_access::describe(caller, &id).await {
            Ok(account) => account,
            Err(failure) => {
                return Row::unread(&unknown(&id), Outcome::NotRead, failure.to_string());
            }
        },
    };
    let row = match read_keys_of(caller, &account).await {
        Ok(row) => row,
        Err(failure) => Row::unread(&account, Outcome::NotRead, failure.to_string()),
    };
    Row {
        prevention: Prevention::of(&account, policies),
        ..row
    }
}

async fn read_keys_of(caller: &Caller, account: &Account) -> Result<Row, Failure> {
    if let Some(reason) = not_a_member(account) {
        let outcome = match account.management {
            Some(_) => Outcome::ManagementAccount,
            None => Outcome::NotRead,
        };
        return Ok(Row::unread(account, outcome, reason));
    }
    if let Some(reason) = not_active(account) {
        return Ok(Row::unread(account, Outcome::NotActive, reason));
    }
    let incomplete = || Failure::new("AWS Organizations returned an account without an ID");
    let member = Member {
        account: AccountId::new(&account.id).ok_or_else(incomplete)?,
        name: account.display_name().to_owned(),
    };
    let session = AuditSession::open(caller, &member).await?;
    let keys = read_keys::read(&session, &member).await?;
    Ok(Row::read(account, keys, Time(SystemTime::now().into())))
}
