//! Goes through a plan, one key after the other.
//!
//! For each key: open the sessions, read the keys, compare them with the plan, write the
//! intent, make one attempt to delete, list the keys, write the outcome. The sessions are
//! opened first, so that between the reading of the last use and the deletion only the
//! intent is written.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use root_access_key_rule::rule::account_id::AccountId;
use serde_json::Value;
use tokio::time::sleep;

use crate::aws::caller::Caller;
use crate::failure::Failure;
use crate::organization::reachability::Member;
use crate::root_session::apply::interrupt::Interrupt;
use crate::root_session::apply::journal::{Entry, Journal, KeyProgress, Outcome, Record};
use crate::root_session::apply::report::{LineResult, Report, StopReason};
use crate::root_session::apply::step::{Step, decide};
use crate::root_session::apply::writer::Writer;
use crate::root_session::confirmation::Confirmation;
use crate::root_session::plan::facts::{Deletion, Plan};
use crate::root_session::root_key::RootKey;
use crate::root_session::session::{AuditSession, DeleteSession};
use crate::root_session::{deletion, read_keys, record};
use crate::time::Time;

/// How often a key is read again and attempted if the next attempt may succeed, and the
/// wait before the second round; each further wait is twice as long.
const ROUNDS: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(300);

/// One application of a plan.
#[derive(Debug)]
pub struct Application<'a> {
    /// Who applies it.
    pub caller: &'a Caller,
    /// What is applied.
    pub plan: &'a Plan,
    /// What was done so far.
    pub journal: Journal,
    /// Where the records go.
    pub writer: Writer<'a>,
    /// After so many failed lines nothing more is begun.
    pub stop_after: usize,
    /// What ends it before the end of the plan.
    pub interrupt: Interrupt,
}

/// The sessions in one account, and the keys that were read in the first of them.
struct Opened {
    member: Member,
    audit: AuditSession,
    /// `None` in a dry run.
    deleting: Option<DeleteSession>,
    keys: Vec<RootKey>,
}

/// What became of a line, and whether another round may change it.
type Round = (LineResult, bool);

impl Application<'_> {
    /// Goes through the plan, and shows each line when it is done.
    ///
    /// # Errors
    /// When the journal cannot be written: nothing more is done then.
    pub async fn run(
        mut self,
        show: &mut dyn FnMut(&Deletion, &LineResult),
    ) -> Result<Report, Failure> {
        let plan = self.plan;
        let (mut results, mut failures) = (Vec::new(), 0);
        let mut ended = StopReason::Completely;
        for line in &plan.delete {
            if let Err(why) = plan.check_validity(now().0) {
                ended = StopReason::Expired(why);
                break;
            }
            if failures >= self.stop_after {
                ended = StopReason::TooManyFailures(failures);
                break;
            }
            let result = self.rounds(line).await?;
            show(line, &result);
            failures += usize::from(result.is_failure());
            results.push(result);
            if self.interrupt.is_set() {
                ended = StopReason::Interrupted;
                break;
            }
        }
        results.resize(plan.delete.len(), LineResult::NotStarted);
        Ok(Report { results, ended })
    }

    async fn rounds(&mut self, line: &Deletion) -> Result<LineResult, Failure> {
        let (mut round, mut wait) = (1, FIRST_WAIT);
        loop {
            let (result, again) = self.round(line).await?;
            let ends = !again || round == ROUNDS;
            if ends || self.interrupt.run_until_set(sleep(wait)).await.is_none() {
                return Ok(result);
            }
            (round, wait) = (round + 1, wait * 2);
        }
    }

    async fn round(&mut self, line: &Deletion) -> Result<Round, Failure> {
        let standing = self.journal.standing(line);
        if standing == KeyProgress::Gone {
            return Ok((LineResult::AlreadyGone, false));
        }
        let opening = open(self.caller, line, self.writer.confirmation());
        let Some(opened) = self.interrupt.run_until_set(opening).await else {
            return Ok((LineResult::NotStarted, false));
        };
        let (outcome, key_is_gone, reason) = match opened {
            Err(why) => (Outcome::NotReadable, false, why.to_string()),
            Ok(opened) => match decide(line, &opened.keys, standing) {
                Step::Delete => return self.delete(line, &opened).await,
                Step::Skip(why) => (Outcome::Skipped, false, why),
                Step::NotListed => (
                    Outcome::NotListed,
                    true,
                    "the key is no longer listed: somebody else deleted it".to_owned(),
                ),
                Step::Resolved => (
                    Outcome::Gone,
                    true,
                    "the key is no longer listed: an earlier attempt deleted it, or somebody else"
                        .to_owned(),
                ),
            },
        };
        let result = self.ended(line, (outcome, key_is_gone, reason), None)?;
        Ok((result, false))
    }

    /// Makes one attempt, with the intent on disk before it.
    async fn delete(&mut self, line: &Deletion, opened: &Opened) -> Result<Round, Failure> {
        let Some(deleting) = &opened.deleting else {
            return Ok((LineResult::WouldDelete, false));
        };
        self.write(line, Record::Intent)?;
        let arn = &self.caller.arn;
        let record = record::Record::new(arn, &opened.member, &line.key, now());
        let record = RefCell::new(record);
        let attempt = async {
            deletion::attempt(deleting, &opened.member.account, &record).await;
            deletion::verify(&opened.audit, &opened.member, &record).await;
        };
        if self.interrupt.run_until_set(attempt).await.is_none() {
            record.borrow_mut().interrupted();
        }
        let mut record = record.into_inner();
        record.finish();
        let outcome = match record.outcome() {
            record::Outcome::NotDeleted => Outcome::NotDeleted,
            record::Outcome::Unknown => Outcome::Unknown,
            record::Outcome::Deleted => Outcome::Deleted,
            record::Outcome::Gone => Outcome::Gone,
        };
        let (key_is_gone, reason) = (record.key_is_gone(), record.to_string());
        // Text and numbers under fixed names: there is nothing that could fail.
        let value = serde_json::to_value(&record).ok();
        let result = self.ended(line, (outcome, key_is_gone, reason), value)?;
        let again = result.is_failure() && record.is_worth_another_attempt();
        Ok((result, again))
    }

    /// Writes how a line ended.
    fn ended(
        &mut self,
        line: &Deletion,
        (result, key_is_gone, reason): (Outcome, bool, String),
        deletion: Option<Value>,
    ) -> Result<LineResult, Failure> {
        let record = Record::Outcome {
            result,
            key_is_gone,
            reason: reason.clone(),
            deletion,
        };
        self.write(line, record)?;
        Ok(LineResult::Done {
            outcome: result,
            key_is_gone,
            reason,
        })
    }

    fn write(&mut self, line: &Deletion, record: Record) -> Result<(), Failure> {
        let entry = Entry {
            plan: self.journal.plan.clone(),
            account: line.account.clone(),
            access_key_id: line.key.access_key_id.clone(),
            at: now(),
            by: self.caller.arn.clone(),
            record,
        };
        self.writer.write(&entry)?;
        self.journal.add(&entry);
        Ok(())
    }
}

/// Opens the sessions that the writer allows, and then reads the keys.
async fn open(
    caller: &Caller,
    line: &Deletion,
    confirmation: Option<&Confirmation>,
) -> Result<Opened, Failure> {
    let no_account = || Failure::new(format!("{:?} is not an account ID", line.account));
    let member = Member {
        account: AccountId::new(&line.account).ok_or_else(no_account)?,
        name: line.account_name.clone(),
    };
    let audit = AuditSession::open(caller, &member).await?;
    let deleting = match confirmation {
        Some(confirmation) => Some(DeleteSession::open(caller, &member, confirmation).await?),
        None => None,
    };
    let keys = read_keys::read(&audit, &member).await?;
    Ok(Opened {
        member,
        audit,
        deleting,
        keys,
    })
}

fn now() -> Time {
    Time(SystemTime::now().into())
}
