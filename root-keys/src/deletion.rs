//! Deleting one key, and finding out what became of it: whatever IAM answers to
//! the deletion, and also if it does not answer, the key is looked for
//! afterwards.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use aws_sdk_iam::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::http::StatusCode;
use root_access_key_rule::deadline::Deadline;
use root_access_key_rule::evidence::read_account_summary;
use tokio::time::sleep;

use crate::confirmation::Confirmation;
use crate::failure::{Failure, aws_answer};
use crate::operator::Operator;
use crate::organization::Member;
use crate::record::{Record, Seen};
use crate::root_key::{self, RootKey, Time};
use crate::root_session::{AuditSession, DeleteSession};

/// IAM is eventually consistent: how often, and how long apart, to look for a
/// key that it says it deleted.
const LOOKS: u32 = 5;
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

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
    record.into_inner()
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
    let id = record.borrow().access_key_id().to_owned();
    record.borrow_mut().asking();
    let answer = session.iam().delete_access_key().access_key_id(&id).send();
    match answer.await {
        Ok(answer) => record.borrow_mut().accepted(answer.request_id()),
        Err(error) => {
            let status = error.raw_response().map(HttpResponse::status);
            let refused = status.is_some_and(StatusCode::is_client_error);
            record
                .borrow_mut()
                .not_accepted(&aws_answer(&error), refused);
        }
    }
    let seen = look(operator, member, record).await;
    record.borrow_mut().looked(seen);
}

/// Looks until the key is gone and IAM's summary agrees; what was seen last.
/// After a refusal there is nothing to wait for.
async fn look(
    operator: &Operator,
    member: &Member,
    record: &RefCell<Record>,
) -> Result<Seen, Failure> {
    let session = AuditSession::open(operator, member).await?;
    let mut looks = 1;
    loop {
        let seen = see(&session, member).await?;
        if record.borrow().is_settled_by(&seen) || looks == LOOKS {
            return Ok(seen);
        }
        looks += 1;
        sleep(BETWEEN_LOOKS).await;
    }
}

async fn see(session: &AuditSession, member: &Member) -> Result<Seen, Failure> {
    let remaining_keys = root_key::read_ids(session, member).await?;
    let deadline = Deadline::before(SystemTime::now() + Duration::from_secs(10));
    let (summary, _) = read_account_summary(session.iam(), deadline).await?;
    Ok(Seen {
        remaining_keys,
        access_keys_present: summary.access_keys_present,
    })
}
