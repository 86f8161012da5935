//! `list` over many accounts: the root keys of each, and why where they are not
//! known.
//!
//! | file | what is in it |
//! |---|---|
//! | `scope` | which accounts are requested, from AWS Organizations |
//! | `read` | their keys, a few accounts at a time |
//! | `row`, `report` | what became of each account and of all (pure) |
//! | `text` | the table and CSV (pure) |

mod read;
mod report;
mod row;
mod scope;
mod text;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use crate::command_line::{Format, Listing};
use crate::failure::Failure;
use crate::operator::Operator;
use crate::organization;
use crate::root_key::Time;
use report::{Head, Report, Requested, SCHEMA};

/// Prints every requested account; the exit code says whether all were read.
///
/// # Errors
/// When a precondition is missing, or the accounts cannot be listed.
pub async fn run(wanted: &Listing, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let operator = Operator::from_environment().await?.patient();
    organization::ready(&operator).await?;
    let requested = requested(wanted);
    let at = Time(SystemTime::now().into());
    let targets = scope::targets(&operator, &requested).await?;
    let head = Head {
        schema: SCHEMA,
        command: "root-keys list",
        version: env!("CARGO_PKG_VERSION"),
        at,
        by: operator.arn.clone(),
        region: operator.region().to_owned(),
        requested,
    };
    let report = Report::new(head, read::read(Arc::new(operator), targets).await);
    match wanted.output {
        Format::Table => out.write_all(text::table(&report).as_bytes())?,
        Format::Json => writeln!(out, "{}", report.json())?,
        Format::Csv => out.write_all(&text::csv(&report).map_err(io::Error::from)?)?,
    }
    if report.exit_code != 0 {
        let counts = text::counts(&report.summary);
        let _ = writeln!(
            io::stderr(),
            "root-keys: not every account was read: {counts}"
        );
    }
    Ok(ExitCode::from(report.exit_code))
}

fn requested(wanted: &Listing) -> Requested {
    if wanted.all {
        return Requested::All;
    }
    if !wanted.ou.is_empty() {
        return Requested::OrganizationalUnits(wanted.ou.clone());
    }
    let named = wanted.accounts.iter().chain(&wanted.account);
    let mut named: Vec<_> = named.map(ToString::to_string).collect();
    named.sort();
    named.dedup();
    Requested::Accounts(named)
}
