//! Deleting one key, and finding out what became of it: whatever IAM answers to
//! the deletion, and also if it does not answer, the key is looked for
//! afterwards.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use aws_sdk_iam::config::Builder;
use aws_sdk_iam::config::retry::RetryConfig;
use aws_sdk_iam::operation::RequestId;
use root_access_key_rule::aws::account_summary::read_account_summary;
use root_access_key_rule::aws::deadline::Deadline;
use root_access_key_rule::aws::failure::{CallFailure, FailureClass};
use root_access_key_rule::rule::account_id::AccountId;
use tokio::time::sleep;

use crate::confirmation::Confirmation;
use crate::failure::{Call, Failure, aws_answer, remedy};
use crate::operator::Operator;
use crate::organization::Member;
use crate::record::{Answered, Record};
use crate::root_key::{self, RootKey, Time};
use crate::root_session::{AuditSession, DeleteSession};

/// How often to ask for the deletion, and the wait before the second attempt;
/// each further wait is twice as long.
const ATTEMPTS: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(300);
/// IAM is eventually consistent: how often, and how long apart, to look for a
/// key that may be deleted.
const POLLS: u32 = 5;
const BETWEEN_POLLS: Duration = Duration::from_secs(1);

/// Deletes the key and looks whether it is gone. Ctrl-C ends the waiting, never
/// the truth: the record says how far it came.
pub async fn carry_out(
    operator: &Operator,
    member: &Member,
    key: &RootKey,
    confirmation: &Confirmation,
) -> Record {
    let at = Time(SystemTime::now().into());
    let record = RefCell::new(Record::begun(operator, member, key, at));
    tokio::select! {
        () = delete_and_look(operator, member, confirmation, &record) => {}
        _ = tokio::signal::ctrl_c() => record.borrow_mut().interrupted(),
    }
    let mut record = record.into_inner();
    record.ended();
    record
}

async fn delete_and_look(
    operator: &Operator,
    member: &Member,
    confirmation: &Confirmation,
    record: &RefCell<Record>,
) {
    let session = match DeleteSession::open(operator, member, confirmation).await {
        Ok(session) => session,
        Err(failure) => return record.borrow_mut().not_begun(&failure),
    };
    delete(&session, member, record).await;
    match AuditSession::open(operator, member).await {
        Ok(session) => look(&session, member, record).await,
        Err(failure) => record.borrow_mut().not_looked(&failure),
    }
}

/// Asks IAM until it answers for good. The SDK's own retries are off, because
/// they show the last attempt only: what an attempt did whose response was lost
/// is not undone by the refusal of the next one.
async fn delete(session: &DeleteSession, member: &Member, record: &RefCell<Record>) {
    let id = record.borrow().access_key_id().to_owned();
    let mut wait = FIRST_WAIT;
    for attempt in 1..=ATTEMPTS {
        record.borrow_mut().asking();
        let once = Builder::new().retry_config(RetryConfig::disabled());
        let request = session.iam().delete_access_key().access_key_id(&id);
        let answered = match request.customize().config_override(once).send().await {
            Ok(response) => accepted(response.request_id()),
            Err(error) => refused(&aws_answer(&error), &member.account),
        };
        let again = answered.is_worth_another_attempt();
        record.borrow_mut().answered(answered);
        if !again || attempt == ATTEMPTS {
            return;
        }
        sleep(wait).await;
        wait *= 2;
    }
}

/// A success counts only from AWS, which gives each request an id: a proxy's
/// login page is a success too.
fn accepted(request_id: Option<&str>) -> Answered {
    match request_id {
        Some(id) => Answered::Accepted(id.to_owned()),
        None => Answered::Unclear("a response without AWS's request id".to_owned()),
    }
}

fn refused(failure: &CallFailure, account: &AccountId) -> Answered {
    let mut why = failure.cause.clone();
    if failure.explicit_deny {
        let call = Call {
            action: "iam:DeleteAccessKey",
            by: &format!("the root user of account {account}"),
            account: Some(account.as_str()),
            as_root: true,
        };
        let remedy = remedy(failure, &call, String::new);
        why = format!("{why}; {remedy}");
    }
    // A proxy throttles, too: without an error code of AWS's nothing is proven.
    let by_aws = !failure.code.starts_with("HTTP ");
    match failure.class {
        _ if failure.code == "NoSuchEntity" => Answered::NoSuchKey(why),
        FailureClass::Throttled if by_aws => Answered::Throttled(why),
        FailureClass::Credentials | FailureClass::Denied | FailureClass::Refused => {
            Answered::Rejected(why)
        }
        FailureClass::Throttled
        | FailureClass::Transient
        | FailureClass::MalformedResponse
        | FailureClass::NotReached
        | FailureClass::OutOfTime => Answered::Unclear(why),
    }
}

/// Looks until the key is gone and IAM's summary agrees, and keeps what was
/// seen last. After a rejection there is nothing to wait for.
async fn look(session: &AuditSession, member: &Member, record: &RefCell<Record>) {
    for poll in 1..=POLLS {
        match root_key::read_ids(session, member).await {
            Ok(ids) => {
                let counted = count(session).await;
                record.borrow_mut().looked(ids, counted);
            }
            Err(failure) => record.borrow_mut().not_looked(&failure),
        }
        if record.borrow().is_settled() || poll == POLLS {
            return;
        }
        sleep(BETWEEN_POLLS).await;
    }
}

/// IAM's `AccountAccessKeysPresent`, on which the rule decides.
async fn count(session: &AuditSession) -> Result<u32, Failure> {
    let deadline = Deadline::before(SystemTime::now() + Duration::from_secs(10));
    let (summary, _) = read_account_summary(session.iam(), deadline).await?;
    Ok(summary.access_keys_present)
}
