//! The root keys of many accounts, a few accounts at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use aws_sdk_organizations::types::Account as Described;
use root_access_key_rule::rule::account_id::AccountId;
use tokio::task::JoinSet;

use crate::failure::Failure;
use crate::list_accounts::row::{Account, Outcome, Row};
use crate::list_accounts::scope::{Target, account};
use crate::operator::Operator;
use crate::organization::{self, Member};
use crate::root_key::{self, Time};
use crate::root_session::AuditSession;

/// How many accounts are read at a time. AWS publishes no rate for `AssumeRoot`;
/// each account's own IAM sees one caller.
const AT_A_TIME: usize = 8;

/// Reads every account, and returns one row for each. Ctrl-C ends the reading:
/// what was read by then is kept, and every other row says `interrupted`.
pub async fn read(operator: Arc<Operator>, targets: Vec<Target>) -> Vec<Row> {
    let mut rows: Vec<Row> = targets.iter().map(not_begun).collect();
    let mut waiting = targets.into_iter().enumerate();
    let (mut under_way, mut places) = (JoinSet::new(), HashMap::new());
    let interrupted = tokio::signal::ctrl_c();
    tokio::pin!(interrupted);
    loop {
        while under_way.len() < AT_A_TIME
            && let Some((at, target)) = waiting.next()
        {
            let operator = Arc::clone(&operator);
            let task = under_way.spawn(async move { read_one(&operator, target).await });
            places.insert(task.id(), at);
        }
        tokio::select! {
            biased;
            _ = &mut interrupted => break,
            next = under_way.join_next_with_id() => match next {
                Some(Ok((id, row))) => rows[places[&id]] = row,
                Some(Err(panic)) => failed(&mut rows[places[&panic.id()]]),
                None => break,
            },
        }
    }
    rows
}

fn not_begun(target: &Target) -> Row {
    let account = match target {
        Target::Listed(described) => account(described),
        Target::Named(id) => Account::unknown(id.as_str()),
    };
    let reason = "root-keys was interrupted before it had read this account";
    Row::unread(&account, Outcome::Interrupted, reason)
}

/// Reading the account panicked, which has printed itself.
fn failed(row: &mut Row) {
    row.result = Outcome::NotRead;
    row.reason = Some("root-keys failed on this account; report it as a defect".to_owned());
}

async fn read_one(operator: &Operator, target: Target) -> Row {
    let described = match target {
        Target::Listed(described) => described,
        Target::Named(id) => match organization::describe(operator, &id).await {
            Ok(described) => described,
            Err(failure) => {
                let account = Account::unknown(id.as_str());
                return Row::unread(&account, Outcome::NotRead, failure.to_string());
            }
        },
    };
    let account = account(&described);
    match reach(operator, &account, &described).await {
        Ok(row) => row,
        Err(failure) => Row::unread(&account, Outcome::NotRead, failure.to_string()),
    }
}

async fn reach(
    operator: &Operator,
    account: &Account,
    described: &Described,
) -> Result<Row, Failure> {
    let incomplete = || Failure::new("AWS Organizations returned an account without an id");
    let id = AccountId::new(&account.id).ok_or_else(incomplete)?;
    if let Some(reason) = organization::not_a_member(&id, described) {
        let management = described.arn().and_then(AccountId::of_arn);
        let outcome = if management == Some(id) {
            Outcome::ManagementAccount
        } else {
            Outcome::NotRead
        };
        return Ok(Row::unread(account, outcome, reason));
    }
    if let Some(reason) = organization::not_active(&id, described) {
        return Ok(Row::unread(account, Outcome::NotActive, reason));
    }
    let name = account.name.clone();
    let member = Member {
        account: id,
        name: name.unwrap_or_else(|| "no name".to_owned()),
    };
    let session = AuditSession::open(operator, &member).await?;
    let keys = root_key::read(&session, &member).await?;
    Ok(Row::read(account, keys, Time(SystemTime::now().into())))
}
