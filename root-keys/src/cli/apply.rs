//! `apply`: deletes the keys of a plan, each after it was read again.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use root_keys::failure::Failure;
use root_keys::organization::root_access;
use root_keys::root_session::apply::file::{self, JournalFile};
use root_keys::root_session::apply::interrupt::Interrupt;
use root_keys::root_session::apply::journal::{Journal, KeyProgress};
use root_keys::root_session::apply::report::{Report, line};
use root_keys::root_session::apply::run::Application;
use root_keys::root_session::apply::writer::Writer;
use root_keys::root_session::plan::facts::Plan;
use root_keys::root_session::plan::text::counts;

use crate::cli::arguments::ApplyArguments;
use crate::cli::terminal::not_written;
use crate::cli::{credentials, prompt};

/// Applies the plan, or says what applying it would do; exit code 0 if every key of it
/// is gone, or would be deleted.
///
/// # Errors
/// When the plan, the journal, the credentials or the confirmation is refused, before
/// anything is deleted; or when the journal cannot be written.
pub async fn run(arguments: &ApplyArguments, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let plan = plan(&arguments.plan)?;
    let path = journal_of(&arguments.plan);
    let (mut log, bytes) = if arguments.execute {
        let (log, bytes) = JournalFile::open(&path)?;
        (Some(log), bytes)
    } else {
        (None, file::read(&path)?)
    };
    let in_journal = |error| {
        Failure::new(format!(
            "nothing was deleted: cannot use the journal {}: {error}; make a new plan with another --out file",
            path.display()
        ))
    };
    let journal = Journal::parse(&bytes, &plan).map_err(in_journal)?;
    let caller = credentials::caller().await?.with_more_retries();
    root_access::require_root_access(&caller).await?;
    let left = |line: &&_| journal.standing(line) != KeyProgress::Gone;
    let left = plan.delete.iter().filter(left).count();
    writeln!(out, "{}; {left} left to delete", counts(&plan.head.summary)).map_err(not_written)?;
    let writer = match &mut log {
        Some(log) if left > 0 => Writer::Execute {
            confirmation: prompt::number_of_keys(left)?,
            log,
        },
        _ => Writer::DryRun,
    };
    let application = Application {
        caller: &caller,
        plan: &plan,
        journal,
        writer,
        stop_after: if arguments.execute {
            arguments.stop_after.into()
        } else {
            usize::MAX
        },
        interrupt: Interrupt::on(async {
            // Without a handler Ctrl-C ends the process, as it does before this.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        }),
    };
    let report = application
        .run(&mut |deletion, result| {
            // What was done is in the journal, too.
            let _ = writeln!(out, "{}", line(deletion, result)).and_then(|()| out.flush());
        })
        .await?;
    show(&report, arguments, &path, out).map_err(not_written)?;
    Ok(ExitCode::from(report.exit_code()))
}

fn show(
    report: &Report,
    arguments: &ApplyArguments,
    journal: &Path,
    out: &mut impl Write,
) -> io::Result<()> {
    let summary = report.summary();
    if !arguments.execute {
        return writeln!(
            out,
            "dry run: nothing was deleted: {summary}; to delete the keys, add --execute"
        );
    }
    writeln!(out, "{summary}; the records are in {}", journal.display())?;
    if report.exit_code() != 0 {
        writeln!(
            out,
            "some keys in the plan may still exist; to retry them, apply the plan again"
        )?;
    }
    Ok(())
}

fn plan(path: &Path) -> Result<Plan, Failure> {
    let refused =
        |error: String| Failure::new(format!("nothing was deleted: {}: {error}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
    let plan = Plan::parse(&text).map_err(refused)?;
    plan.check_validity(SystemTime::now().into())
        .map_err(refused)?;
    Ok(plan)
}

/// The journal is beside the plan: `plan.json.journal`.
fn journal_of(plan: &Path) -> PathBuf {
    let mut name = plan.as_os_str().to_owned();
    name.push(".journal");
    name.into()
}
