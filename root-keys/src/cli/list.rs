//! `list`: the access keys of the root users of member accounts.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use root_access_key_rule::redaction::printable;
use root_access_key_rule::rule::account_id::AccountId;
use root_keys::failure::Failure;
use root_keys::organization::account::Account;
use root_keys::organization::prevention::Prevention;
use root_keys::organization::reachability::Member;
use root_keys::organization::root_access;
use root_keys::root_session::inventory::read::Policies;
use root_keys::root_session::inventory::report::{Head, Report, Requested, SCHEMA};
use root_keys::root_session::inventory::{read, scope, table};
use root_keys::root_session::read_keys;
use root_keys::root_session::root_key::RootKey;
use root_keys::root_session::session::AuditSession;
use root_keys::time::Time;

use crate::cli::arguments::{Format, ListArguments};
use crate::cli::terminal::not_written;
use crate::cli::{credentials, progress_bar};

/// Prints the requested accounts; the exit code says whether all were read.
///
/// # Errors
/// When a precondition is missing, or the accounts cannot be listed.
pub async fn run(arguments: &ListArguments, out: &mut impl Write) -> Result<ExitCode, Failure> {
    match &arguments.account {
        Some(account) if arguments.output == Format::Table => one(account, out).await,
        _ => many(arguments, out).await,
    }
}

/// One account as text, rather than as one row of many.
async fn one(account: &AccountId, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let caller = credentials::caller().await?;
    let (member, described) = root_access::find_member(&caller, account).await?;
    let session = AuditSession::open(&caller, &member).await?;
    let keys = read_keys::read(&session, &member).await?;
    let policies = root_access::policies(&caller, &progress_bar::on_stderr()).await;
    let policies = policies.map_err(|failure| failure.to_string());
    show(&member, &keys, out)
        .and_then(|()| show_prevention(&described, &policies, out))
        .map_err(not_written)?;
    Ok(ExitCode::SUCCESS)
}

fn show_prevention(account: &Account, policies: &Policies, out: &mut impl Write) -> io::Result<()> {
    let prevention = Prevention::of(account, policies);
    let by = match (policies, prevention.policies.as_slice()) {
        (Err(why), _) => format!(": {}", printable(why)),
        (Ok(_), []) => String::new(),
        (Ok(_), _) => format!(" by {}", prevention.list()),
    };
    writeln!(out, "new keys: {}{by}", prevention.words())
}

/// Prints one line for the account, and one for each key.
pub fn show(member: &Member, keys: &[RootKey], out: &mut impl Write) -> io::Result<()> {
    let Member { account, name } = member;
    let number = match keys.len() {
        0 => "no root access keys".to_owned(),
        1 => "1 root access key".to_owned(),
        number => format!("{number} root access keys"),
    };
    writeln!(out, "{account} ({name}): {number}")?;
    for key in keys {
        writeln!(out, "{key}")?;
    }
    Ok(())
}

async fn many(arguments: &ListArguments, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let caller = credentials::caller().await?.with_more_retries();
    root_access::require_root_access(&caller).await?;
    let progress = progress_bar::on_stderr();
    let requested = requested(arguments);
    let at = Time(SystemTime::now().into());
    let targets = scope::targets(&caller, &requested, &progress).await?;
    let head = Head {
        schema: SCHEMA,
        command: "root-keys list",
        version: env!("CARGO_PKG_VERSION"),
        at,
        by: caller.arn.clone(),
        region: caller.region().to_owned(),
        requested,
    };
    let policies = root_access::policies(&caller, &progress).await;
    let policies = Arc::new(policies.map_err(|failure| failure.to_string()));
    let not_read = policies.as_ref().as_ref().err().cloned();
    let rows = read::read(Arc::new(caller), targets, policies, &progress).await;
    let report = Report::new(head, rows, not_read);
    print(&report, arguments.output, out).map_err(not_written)?;
    if report.exit_code != 0 {
        let counts = table::counts(&report.summary);
        let _ = writeln!(
            io::stderr(),
            "root-keys: not every account was read: {counts}"
        );
    }
    Ok(ExitCode::from(report.exit_code))
}

fn print(report: &Report, format: Format, out: &mut impl Write) -> io::Result<()> {
    match format {
        Format::Table => out.write_all(table::table(report).as_bytes()),
        Format::Json => writeln!(out, "{}", report.json()),
        Format::Csv => out.write_all(&table::csv(report)?),
    }
}

fn requested(arguments: &ListArguments) -> Requested {
    if arguments.all {
        return Requested::All;
    }
    if !arguments.ou.is_empty() {
        return Requested::OrganizationalUnits(arguments.ou.clone());
    }
    let ids = arguments.accounts.iter().chain(&arguments.account);
    let mut ids: Vec<_> = ids.map(ToString::to_string).collect();
    ids.sort();
    ids.dedup();
    Requested::Accounts(ids)
}
