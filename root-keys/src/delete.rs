//! `delete`: one access key of a member account's root user, on evidence and
//! after a confirmation.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::SystemTime;

use chrono::TimeDelta;

use crate::DOCS;
use crate::command_line::Deletion;
use crate::confirmation::Confirmation;
use crate::deletion;
use crate::failure::Failure;
use crate::list;
use crate::operator::Operator;
use crate::organization::{self, Member};
use crate::root_key::{self, LastUse, RootKey, Time};
use crate::root_session::AuditSession;

/// Whatever used a key within this time may use it again; a use may also be on
/// record late, though never by this much.
const RECENT: TimeDelta = TimeDelta::days(30);

/// Shows the keys, refuses what looks like a mistake, and deletes only with a
/// [`Confirmation`]; exit code 0 if the key is gone or nothing was to be done.
///
/// # Errors
/// When nothing was deleted; what happened once IAM was asked is in the record.
pub async fn run(wanted: &Deletion, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let operator = Operator::from_environment().await?;
    let member = organization::member(&operator, &wanted.target.account).await?;
    let session = AuditSession::open(&operator, &member).await?;
    let keys = root_key::read(&session, &member).await?;
    list::show(&member, &keys, out)?;
    let key = chosen(&wanted.key, &keys, &member)?;
    if !wanted.used_recently_anyway {
        refuse_recently_used(key, &member)?;
    }
    let Some(confirmation) = Confirmation::of(wanted)? else {
        let Member { account, name } = &member;
        writeln!(
            out,
            "dry run: nothing was deleted; --execute deletes {} of the root user of {account} \
             ({name}) for good",
            key.access_key_id
        )?;
        return Ok(ExitCode::SUCCESS);
    };
    let record = deletion::carry_out(&operator, &member, key, &confirmation).await;
    let text = format!("{record}\n{}\n", record.json());
    // What was done must be on record, wherever it can still be written.
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        let _ = write!(io::stderr(), "root-keys: {}\n{text}", Failure::from(error));
    }
    Ok(ExitCode::from(u8::from(!record.key_is_gone())))
}

fn chosen<'a>(id: &str, keys: &'a [RootKey], member: &Member) -> Result<&'a RootKey, Failure> {
    keys.iter()
        .find(|key| key.access_key_id == id)
        .ok_or_else(|| {
            Failure::new(format!(
                "nothing was deleted: the root user of account {} has no access key {id}; it is \
                 gone already, or another account's: {DOCS}/remediation.md#whose-key-is-it",
                member.account
            ))
        })
}

/// Refuses a key that was used within 30 days, and one that may have been: IAM
/// records a use with delay, so that a younger key without one proves nothing.
fn refuse_recently_used(key: &RootKey, member: &Member) -> Result<(), Failure> {
    let now = Time(SystemTime::now().into());
    let recent = |at: &Time| now.0 - at.0 <= RECENT;
    let why = match (&key.last_used, &key.created) {
        (Some(LastUse { at, .. }), _) if recent(at) => {
            format!("was used on {at}, less than 30 days ago")
        }
        (None, Some(created)) if recent(created) => format!(
            "was created on {created}, less than 30 days ago, and no use of it is on record, \
             which IAM updates with delay: it may be in use"
        ),
        (None, None) => "has neither a creation date nor a use on record: it may be in use".into(),
        _ => return Ok(()),
    };
    Err(Failure::new(format!(
        "nothing was deleted: access key {} of the root user of account {} {why}, and whatever \
         uses it would break; find and move that first ({DOCS}/remediation.md#who-uses-the-key), \
         or give --used-recently-anyway",
        key.access_key_id, member.account
    )))
}
