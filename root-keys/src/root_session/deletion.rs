//! Deletes one key, and verifies what became of it: the keys are listed afterwards
//! whatever IAM responds to the deletion, and also if it does not respond.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use aws_sdk_iam::config::Builder;
use aws_sdk_iam::config::retry::RetryConfig;
use aws_sdk_iam::operation::RequestId;
use aws_sdk_iam::operation::delete_access_key::DeleteAccessKeyError;
use root_access_key_rule::aws::account_summary::read_account_summary;
use root_access_key_rule::aws::deadline::Deadline;
use root_access_key_rule::aws::failure::{CallFailure, FailureClass};
use root_access_key_rule::rule::account_id::AccountId;
use tokio::time::sleep;

use crate::aws::call::call_failure;
use crate::aws::caller::Caller;
use crate::aws::next_step::{Call, next_step};
use crate::failure::Failure;
use crate::organization::reachability::Member;
use crate::root_session::confirmation::Confirmation;
use crate::root_session::read_keys;
use crate::root_session::record::{Attempt, Record};
use crate::root_session::root_key::RootKey;
use crate::root_session::session::{AuditSession, DeleteSession};
use crate::time::Time;

/// How many attempts to delete, and the wait before the second one; each further
/// wait is twice as long.
const ATTEMPTS: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(300);
/// IAM is eventually consistent: how many times, and how long apart, to list the
/// keys after a deletion.
const POLLS: u32 = 5;
const BETWEEN_POLLS: Duration = Duration::from_secs(1);

/// Deletes the key and verifies that it is gone. Ctrl-C ends the waiting; the record
/// says how far it came.
pub async fn delete_key(
    caller: &Caller,
    member: &Member,
    key: &RootKey,
    confirmation: &Confirmation,
) -> Record {
    let at = Time(SystemTime::now().into());
    let record = RefCell::new(Record::new(&caller.arn, member, key, at));
    tokio::select! {
        () = delete_and_verify(caller, member, confirmation, &record) => {}
        _ = tokio::signal::ctrl_c() => record.borrow_mut().interrupted(),
    }
    let mut record = record.into_inner();
    record.finish();
    record
}

async fn delete_and_verify(
    caller: &Caller,
    member: &Member,
    confirmation: &Confirmation,
    record: &RefCell<Record>,
) {
    let session = match DeleteSession::open(caller, member, confirmation).await {
        Ok(session) => session,
        Err(failure) => return record.borrow_mut().not_attempted(&failure),
    };
    delete(&session, &member.account, record).await;
    match AuditSession::open(caller, member).await {
        Ok(session) => verify(&session, member, record).await,
        Err(failure) => record.borrow_mut().not_verified(&failure),
    }
}

/// Attempts the deletion until IAM's response is final.
async fn delete(session: &DeleteSession, account: &AccountId, record: &RefCell<Record>) {
    let mut wait = FIRST_WAIT;
    for number in 1..=ATTEMPTS {
        attempt(session, account, record).await;
        if !record.borrow().is_worth_another_attempt() || number == ATTEMPTS {
            return;
        }
        sleep(wait).await;
        wait *= 2;
    }
}

/// Makes one attempt to delete the key of the record, and records it. The SDK's own
/// retries are off, because they show the last attempt only: an attempt whose response was
/// lost may have deleted the key, even if IAM rejects the next one.
pub(super) async fn attempt(
    session: &DeleteSession,
    account: &AccountId,
    record: &RefCell<Record>,
) {
    let id = record.borrow().access_key_id().to_owned();
    record.borrow_mut().attempt_started();
    let once = Builder::new().retry_config(RetryConfig::disabled());
    let request = session.iam().delete_access_key().access_key_id(&id);
    let attempt = match request.customize().config_override(once).send().await {
        Ok(response) => accepted(response.request_id()),
        Err(error) => {
            let no_such_key = error
                .as_service_error()
                .is_some_and(DeleteAccessKeyError::is_no_such_entity_exception);
            refused(no_such_key, &call_failure(&error), account)
        }
    };
    record.borrow_mut().attempt_ended(attempt);
}

/// A success counts only from AWS, which gives each request an ID: a proxy's
/// login page is a success too.
fn accepted(request_id: Option<&str>) -> Attempt {
    match request_id {
        Some(id) => Attempt::Accepted(id.to_owned()),
        None => Attempt::Unclear("a response without AWS's request ID".to_owned()),
    }
}

fn refused(no_such_key: bool, failure: &CallFailure, account: &AccountId) -> Attempt {
    let mut why = failure.cause.clone();
    if failure.explicit_deny {
        let call = Call {
            action: "iam:DeleteAccessKey",
            by: &format!("the root user of account {account}"),
            account: Some(account.as_str()),
            as_root: true,
        };
        let next_step = next_step(failure, &call, String::new);
        why = format!("{why}; {next_step}");
    }
    // A proxy throttles, too: without one of AWS's error codes nothing is proven.
    let by_aws = failure.has_aws_code();
    match failure.class {
        _ if no_such_key => Attempt::NoSuchKey(why),
        FailureClass::Throttled if by_aws => Attempt::Throttled(why),
        FailureClass::Credentials | FailureClass::Denied | FailureClass::Rejected => {
            Attempt::Rejected(why)
        }
        FailureClass::Throttled
        | FailureClass::Transient
        | FailureClass::MalformedResponse
        | FailureClass::NotReached
        | FailureClass::OutOfTime => Attempt::Unclear(why),
    }
}

/// Lists the keys until the key is gone and IAM's summary agrees, and keeps what was
/// read last. After a rejection there is nothing to wait for.
pub(super) async fn verify(session: &AuditSession, member: &Member, record: &RefCell<Record>) {
    for poll in 1..=POLLS {
        match read_keys::read_ids(session, member).await {
            Ok(ids) => {
                let counted = count(session).await;
                record.borrow_mut().listed(ids, counted);
            }
            Err(failure) => record.borrow_mut().not_verified(&failure),
        }
        if record.borrow().is_settled() || poll == POLLS {
            return;
        }
        sleep(BETWEEN_POLLS).await;
    }
}

/// Reads IAM's `AccountAccessKeysPresent`, on which the rule decides.
async fn count(session: &AuditSession) -> Result<u32, Failure> {
    let deadline = Deadline::before(SystemTime::now() + Duration::from_secs(10));
    let (summary, _) = read_account_summary(session.iam(), deadline)
        .await
        .map_err(|failure| Failure::new(format!("iam:GetAccountSummary: {}", failure.cause)))?;
    Ok(summary.access_keys_present)
}
