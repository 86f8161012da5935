//! The end of a run's work: stores the files of the day, and decides what to publish and
//! what to record.

use root_keys::exemptions::{self, Exemptions};
use root_keys::organization::facts::{Facts, SourceResult};
use root_keys::status::assessment::assess;
use root_keys::status::history::History;
use root_keys::status::report::Report;
use root_keys::status::{csv, html};

use crate::answer::{Answer, Next};
use crate::bucket::Condition;
use crate::checkpoint::{Checkpoint, Stage};
use crate::digest;
use crate::digest::console::Place;
use crate::digest::content::Content;
use crate::error::WatchError;
use crate::event::Switches;
use crate::latest::Files;
use crate::next::next;
use crate::next::sources::Sources;
use crate::next::view::{Today, View};
use crate::steps::context::{JSON, Progressed, StepContext};
use crate::steps::repairs;
use crate::stored::Stored;
use crate::{history, keys};

/// The content types of the other files.
const CSV: &str = "text/csv; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// Repairs, stores the files, and decides. Run again, it stores the same files: the facts
/// are in the checkpoint.
pub(super) async fn decide(
    step: &StepContext<'_>,
    checkpoint: &mut Checkpoint,
    switches: Option<Switches>,
) -> Result<Progressed, WatchError> {
    let previous = step.previous(&checkpoint.latest);
    let outcome = repairs::repair(step, checkpoint, &previous, switches).await?;
    let (report, why);
    let view = match &checkpoint.stage {
        Stage::Read(facts) => {
            let exemptions = exemptions(&checkpoint.exemptions, facts, &step.settings.bucket);
            report = Report::new(facts, assess(facts), &exemptions);
            let seen = Sources::of(facts, exemptions.is_ok());
            View::Report {
                report: &report,
                seen,
            }
        }
        Stage::Blind { why: cause } => {
            why = cause.clone();
            View::Blind { why: &why }
        }
        _ => return Ok(Progressed::On),
    };
    let today = Today {
        day: step.run.day(),
        run: &step.run.name,
        view,
        switches,
    };
    let mut latest = next(&previous, &today);
    if let (Some(report), Some(outcome)) = (view.report(), &outcome) {
        latest.repairs = outcome.ledger.clone();
        let history = history::of(&latest, &previous, switches, outcome);
        store(step, report, &history).await?;
    }
    let digest = digest::word(&Content {
        previous: &previous,
        today,
        latest: &latest,
        repairs: outcome.as_ref(),
        place: Place {
            bucket: &step.settings.bucket,
            region: step.region(),
        },
    });
    checkpoint.stage = Stage::Decided {
        answer: digest.map_or(Answer::only(Next::Record), Answer::publish),
        latest: Box::new(latest),
    };
    Ok(Progressed::On)
}

/// The exemptions in the bucket: none if there is no such object.
fn exemptions(stored: &Stored, facts: &Facts, bucket: &str) -> SourceResult<Exemptions> {
    match stored {
        Stored::Absent => Ok(Exemptions::new()),
        Stored::Found { text, .. } => {
            exemptions::parse(text.as_bytes(), facts.now.0).map_err(|why| {
                format!(
                    "{}: {why}; correct the file, then run: `root-keys exemptions put FILE --bucket {bucket}`",
                    keys::EXEMPTIONS
                )
            })
        }
        Stored::Unreadable { why } => Err(why.clone()),
    }
}

/// Stores the report under the keys of the day.
async fn store(
    step: &StepContext<'_>,
    report: &Report,
    history: &History,
) -> Result<(), WatchError> {
    let files = Files::of(step.run.day());
    let json = report.json() + "\n";
    for (key, content_type, text) in [
        (&files.json, JSON, json),
        (&files.csv, CSV, csv::csv(report)),
        (&files.html, HTML, html::page(report, Some(history))),
    ] {
        let put = step.put(key, content_type, &text, &Condition::Always);
        put.await?;
    }
    Ok(())
}
