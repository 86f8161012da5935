//! `plan`: decides from a document of `list` which root keys may be deleted, and writes
//! the plan to a file. It calls nothing of AWS.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use root_keys::failure::Failure;
use root_keys::root_session::plan::decision::{Criteria, decide};
use root_keys::root_session::plan::digest::sha256;
use root_keys::root_session::plan::facts::Plan;
use root_keys::root_session::plan::listing::Listing;
use root_keys::root_session::plan::text;

use crate::cli::arguments::PlanArguments;
use crate::cli::exemptions_file;
use crate::cli::terminal::not_written;

/// Writes the plan and prints it as a table; exit code 0 if the keys of every account
/// are known.
///
/// # Errors
/// When a file cannot be read or is not valid, or the plan cannot be written.
pub fn run(arguments: &PlanArguments, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let now = SystemTime::now().into();
    let from = &arguments.from;
    let in_list = |error: String| refused(from, &error);
    let listing = Listing::parse(&read(from)?).map_err(in_list)?;
    let criteria = criteria(arguments, now)?;
    let version = env!("CARGO_PKG_VERSION");
    let plan = decide(&listing, &criteria, version, now).map_err(in_list)?;
    write_new(&arguments.out, &plan)?;
    out.write_all(text::table(&plan).as_bytes())
        .and_then(|()| out.flush())
        .map_err(not_written)?;
    let incomplete = plan.head.summary.not_readable > 0;
    Ok(ExitCode::from(if incomplete { 3 } else { 0 }))
}

fn criteria(arguments: &PlanArguments, now: DateTime<Utc>) -> Result<Criteria, Failure> {
    let mut criteria = Criteria {
        unused_for_days: arguments.unused_for,
        ..Criteria::default()
    };
    if let Some(path) = &arguments.exemptions {
        let read = exemptions_file::read(path, now);
        let (exemptions, bytes) =
            read.map_err(|error| Failure::new(format!("no plan was made: {error}")))?;
        criteria.exemptions = exemptions;
        criteria.exemptions_sha256 = Some(sha256(&bytes));
    }
    Ok(criteria)
}

fn refused(path: &Path, error: &str) -> Failure {
    Failure::new(format!("no plan was made: {}: {error}", path.display()))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| {
        Failure::new(format!(
            "no plan was made: cannot read {}: {error}",
            path.display()
        ))
    })
}

/// A plan that somebody may have approved is never replaced.
fn write_new(path: &Path, plan: &Plan) -> Result<(), Failure> {
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(plan.document().as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| {
        let next_step = if error.kind() == io::ErrorKind::AlreadyExists {
            "choose another file name for --out"
        } else {
            "choose a file for --out that you may write"
        };
        Failure::new(format!(
            "the plan was not written: {}: {error}; {next_step}",
            path.display()
        ))
    })
}
