//! `delete`: one access key of a member account's root user, on evidence and
//! after a confirmation.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::SystemTime;

use root_keys::docs::DOCS;
use root_keys::failure::Failure;
use root_keys::organization::reachability::Member;
use root_keys::organization::root_access;
use root_keys::root_session::recent_use::refuse_if_recently_used;
use root_keys::root_session::root_key::RootKey;
use root_keys::root_session::session::AuditSession;
use root_keys::root_session::{deletion, read_keys};

use crate::cli::arguments::DeleteArguments;
use crate::cli::list::show;
use crate::cli::terminal::not_written;
use crate::cli::{credentials, prompt};

/// Shows the keys, refuses what looks like a mistake, and deletes only after a
/// confirmation; exit code 0 if the key is gone or nothing was to be done.
///
/// # Errors
/// When no attempt to delete was made; what happened after that is in the record.
pub async fn run(arguments: &DeleteArguments, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let caller = credentials::caller().await?;
    let (member, _) = root_access::find_member(&caller, &arguments.account).await?;
    let session = AuditSession::open(&caller, &member).await?;
    let keys = read_keys::read(&session, &member).await?;
    show(&member, &keys, out).map_err(not_written)?;
    let key = find(&arguments.key, &keys, &member)?;
    if !arguments.used_recently_anyway {
        refuse_if_recently_used(key, &member, SystemTime::now().into())?;
    }
    let Some(confirmation) = prompt::confirmation(arguments)? else {
        dry_run(key, &member, out).map_err(not_written)?;
        return Ok(ExitCode::SUCCESS);
    };
    let record = deletion::delete_key(&caller, &member, key, &confirmation).await;
    let text = format!("{record}\n{}\n", record.json());
    // What was done must be on record, wherever it can still be written.
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        let _ = write!(io::stderr(), "root-keys: {}\n{text}", not_written(error));
    }
    Ok(ExitCode::from(u8::from(!record.key_is_gone())))
}

fn dry_run(key: &RootKey, member: &Member, out: &mut impl Write) -> io::Result<()> {
    let Member { account, name } = member;
    writeln!(
        out,
        "dry run: nothing was deleted; with --execute, this command permanently deletes {} of the \
         root user of {account} ({name})",
        key.access_key_id
    )
}

fn find<'a>(id: &str, keys: &'a [RootKey], member: &Member) -> Result<&'a RootKey, Failure> {
    keys.iter()
        .find(|key| key.access_key_id == id)
        .ok_or_else(|| {
            Failure::new(format!(
                "nothing was deleted: the root user of account {} has no access key {id}; it was \
                 already deleted, or it belongs to another account: {DOCS}/remediation.md#whose-key-is-it",
                member.account
            ))
        })
}
