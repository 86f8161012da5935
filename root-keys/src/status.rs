//! `status`: whether the rule is in every account of the organization, and what
//! it found there.
//!
//! | file | what is in it |
//! |---|---|
//! | `centre` | where the organization is looked at from, and its accounts |
//! | `pages` | all pages of a listing, none lost |
//! | `stack_set`, `organization_pack`, `aggregator`, `evaluation` | one source each |
//! | `facts` | all that could be found out |
//! | `judgement`, `mend` | what it means for an account, and what mends it |
//! | `report` | the table and the JSON document |
//! | `preflight`, `trust` | what would make a rollout fail |

mod aggregator;
mod centre;
mod evaluation;
mod facts;
mod judgement;
mod mend;
mod organization_pack;
pub mod pages;
mod preflight;
mod report;
mod stack_set;
mod trust;

use std::io::Write;
use std::process::ExitCode;
use std::time::SystemTime;

use crate::command_line::{Output, Status};
use crate::failure::Failure;
use crate::operator::Operator;
use crate::root_key::Time;
use centre::Centre;
use facts::Facts;
use report::Report;

/// Prints what is wanted; the exit code says whether all is well.
///
/// # Errors
/// When the accounts of the organization cannot be listed.
pub async fn run(wanted: &Status, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let operator = Operator::from_environment().await?;
    let centre = Centre::of(&operator).await?;
    let now = SystemTime::now().into();
    let aggregator = wanted.aggregator.as_deref();
    if let Some(mode) = wanted.preflight {
        let wanted = (aggregator, wanted.output);
        return preflight::run(&centre, mode, wanted, Time(now), out).await;
    }
    let facts = Facts::gather(&centre, aggregator, now).await?;
    let report = Report::new(&centre, &facts, judgement::judge(&centre, &facts));
    match wanted.output {
        Output::Json => writeln!(out, "{}", report.json())?,
        Output::Table => report.show(&facts, wanted.details, out)?,
    }
    Ok(ExitCode::from(report.exit_code()))
}
