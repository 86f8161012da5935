//! `status`: whether the rule is in every account of the organization, and what it
//! found there.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use root_keys::exemptions::Exemptions;
use root_keys::failure::Failure;
use root_keys::organization::clients::{OrganizationClients, advice_of_status};
use root_keys::organization::{read_rollout, reading};
use root_keys::status::assessment::assess;
use root_keys::status::preflight::report::Preflight;
use root_keys::status::report::Report;
use root_keys::status::{csv, html, preflight, text};

use crate::cli::arguments::{Output, StatusArguments};
use crate::cli::terminal::{self, not_written};
use crate::cli::{credentials, exemptions_file, progress_bar};

/// Prints the status or the preflight, and returns its exit code (`exit_codes`).
///
/// # Errors
/// When the accounts of the organization cannot be listed.
pub async fn run(arguments: &StatusArguments, out: &mut impl Write) -> Result<ExitCode, Failure> {
    if arguments.preflight.is_some() && !matches!(arguments.output, Output::Table | Output::Json) {
        let error = "a preflight has the formats table and json; leave out --preflight or --output";
        return Err(Failure::new(error));
    }
    let exemptions = exemptions(arguments.exemptions.as_deref(), SystemTime::now().into())?;
    let caller = credentials::caller().await?;
    let clients =
        OrganizationClients::new(&caller, progress_bar::on_stderr(), advice_of_status).await?;
    let now = clients.listings.now();
    let aggregator = arguments.aggregator.as_deref();
    let layout = terminal::layout(arguments.all);
    let (text, exit_code) = if let Some(mode) = arguments.preflight {
        let facts = read_rollout::facts(&clients, mode.into(), aggregator, now.0).await?;
        let preflight = Preflight::new(&facts);
        let text = match arguments.output {
            Output::Json => preflight.json() + "\n",
            _ => preflight::text::render(&preflight, layout),
        };
        (text, preflight.exit_code)
    } else {
        let facts = reading::facts(&clients, aggregator, now).await?;
        let report = Report::new(&facts, assess(&facts), &Ok(exemptions));
        let text = match arguments.output {
            Output::Json => report.json() + "\n",
            Output::Table => text::render(&report, layout, arguments.details),
            Output::Csv => csv::csv(&report),
            Output::Html => html::page(&report, None),
        };
        (text, report.exit_code)
    };
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(not_written)?;
    Ok(ExitCode::from(exit_code))
}

fn exemptions(path: Option<&Path>, now: DateTime<Utc>) -> Result<Exemptions, Failure> {
    let Some(path) = path else {
        return Ok(Exemptions::new());
    };
    let read = exemptions_file::read(path, now);
    let (exemptions, _) =
        read.map_err(|error| Failure::new(format!("the status was not read: {error}")))?;
    Ok(exemptions)
}
