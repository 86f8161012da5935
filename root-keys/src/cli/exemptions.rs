//! `exemptions`: puts a file of exemptions where the daily watch reads it.

use std::io::Write;
use std::process::ExitCode;
use std::time::SystemTime;

use root_access_key_rule::redaction::printable;
use root_keys::exemption_changes::{Change, changes};
use root_keys::exemptions::{self, Exemptions};
use root_keys::exemptions_object::{ExemptionsObject, KEY, Version};
use root_keys::failure::Failure;

use crate::cli::arguments::ExemptionsArguments;
use crate::cli::terminal::not_written;
use crate::cli::{credentials, exemptions_file};

/// Shows what changes, then writes the object.
///
/// # Errors
/// When the file is not valid, or the object could not be read or written.
pub async fn run(
    arguments: &ExemptionsArguments,
    out: &mut impl Write,
) -> Result<ExitCode, Failure> {
    let now = SystemTime::now().into();
    let read = exemptions_file::read(&arguments.file, now);
    let (new, bytes) =
        read.map_err(|error| Failure::new(format!("nothing was written: {error}")))?;
    let caller = credentials::caller().await?;
    let object = ExemptionsObject::new(&caller, &arguments.bucket);
    let current = object.read().await?;
    let place = format!("s3://{}/{KEY}", arguments.bucket);
    let mut print = |line: String| {
        writeln!(out, "{line}")
            .and_then(|()| out.flush())
            .map_err(not_written)
    };
    let old = match current.as_ref().map(|it| exemptions::parse(&it.bytes, now)) {
        None => Some(Exemptions::new()),
        Some(Ok(old)) => Some(old),
        Some(Err(why)) => {
            let why = printable(&why);
            print(format!(
                "{place} is not valid, so the watch uses no exemption: {why}"
            ))?;
            None
        }
    };
    let changes = changes(old.as_ref().unwrap_or(&Exemptions::new()), &new);
    if changes.is_empty() && current.is_some() && old.is_some() {
        print(format!(
            "{place} already has these exemptions; nothing was written"
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    for change in &changes {
        print(line(change))?;
    }
    let version = object.write(bytes, current.as_ref()).await?;
    print(written(&place, version.as_deref(), current.as_ref()))?;
    Ok(ExitCode::SUCCESS)
}

fn line(change: &Change) -> String {
    let Change {
        kind,
        account,
        what,
    } = change;
    format!("{kind:9}  {account}  {}", printable(what))
}

fn written(place: &str, version: Option<&str>, current: Option<&Version>) -> String {
    let version = version.map_or_else(String::new, |id| format!(" as version {id}"));
    let replaced = match current {
        None => "; there was none".to_owned(),
        Some(Version { id: Some(id), .. }) => format!("; it replaces version {id}"),
        Some(_) => "; it replaces the one that was there".to_owned(),
    };
    format!("wrote {place}{version}{replaced}; the watch uses it from its next report on")
}
