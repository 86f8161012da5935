//! `status`: whether the rule is in every account of the organization, and what
//! it found there.
//!
//! | file | what is in it |
//! |---|---|
//! | `centre` | where the organization is read from, and its accounts |
//! | `pages`, `progress` | all pages of a listing, none lost, and how far it is |
//! | `stack_set`, `organization_pack`, `aggregator`, `details`, `home_region` | read one source each |
//! | `gather` | reads them all |
//! | `facts` | what was read, as plain data |
//! | `judgement`, `evaluation`, `problems` | what it means for an account; results in `judged`, `problem`, `remedy` |
//! | `issues` | problems of many accounts, by kind |
//! | `report` | the result, and the JSON document |
//! | `text`, `page` | the report as text, and how text is laid out |
//! | `preflight`, `trust` | what would make a rollout fail |

mod aggregator;
mod centre;
mod details;
mod evaluation;
mod facts;
mod gather;
mod home_region;
mod issues;
mod judged;
mod judgement;
mod organization_pack;
pub mod page;
pub mod pages;
mod preflight;
mod problem;
mod problems;
mod progress;
mod remedy;
mod report;
mod stack_set;
mod text;
mod trust;

use std::io::Write;
use std::process::ExitCode;
use std::time::SystemTime;

use crate::command_line::{Output, Status};
use crate::failure::Failure;
use crate::operator::Operator;
use crate::terminal;
use centre::Centre;
use progress::Progress;
use report::Report;

/// Prints what is requested; the exit code says whether all is well.
///
/// # Errors
/// When the accounts of the organization cannot be listed.
pub async fn run(requested: &Status, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let operator = Operator::from_environment().await?;
    let centre = Centre::of(&operator, Progress::on_stderr()).await?;
    let now = SystemTime::now().into();
    let aggregator = requested.aggregator.as_deref();
    let layout = terminal::layout(requested.all);
    let (text, exit_code) = if let Some(mode) = requested.preflight {
        let finished = preflight::run(&centre, mode, aggregator, now).await?;
        let text = match requested.output {
            Output::Json => finished.json() + "\n",
            Output::Table => finished.text(layout),
        };
        (text, finished.exit_code())
    } else {
        let facts = gather::facts(&centre, aggregator, now).await?;
        let report = Report::new(&facts, judgement::judge(&facts));
        let text = match requested.output {
            Output::Json => report.json() + "\n",
            Output::Table => text::render(&report, layout, requested.details),
        };
        (text, report.exit_code)
    };
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(ExitCode::from(exit_code))
}
