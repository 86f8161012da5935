//! Compares our function with a minimal function and other implementations, in one run and one table.
//!
//! | file | what is in it |
//! |---|---|
//! | `settings` | the command line, and where things are |
//! | `subject` | the programs that are measured |
//! | `run`, `delay` | one process in an environment like Lambda's, over a network with a given round-trip time |
//! | `rows`, `statistics` | all runs, alternating, and the rows of the table |
//! | `table`, `chart`, `machine` | how the results are shown |
//! | `instructions`, `record` | the numbers that repeat well enough for a limit |

mod chart;
mod delay;
mod instructions;
mod machine;
mod record;
mod rows;
mod run;
mod settings;
mod statistics;
mod subject;
mod table;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::record::Record;
use crate::settings::{RESULTS, SCRATCH, Settings};
use crate::subject::Subject;

#[tokio::main]
async fn main() -> ExitCode {
    match bench().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn bench() -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_arguments()?;
    fs::create_dir_all(SCRATCH)?;
    let subjects = Subject::all(&settings)?;
    let before = machine::described(&settings);
    let rows = rows::measure(&subjects, &settings).await?;
    let table = format!("{}\n{before}\n", table::markdown(&subjects, &rows));
    println!("{table}");

    let now = Record::of(&rows)?;
    let [page, chart, record] = RESULTS.map(Path::new);
    if !settings.record {
        return Ok(now.compare_with(&Record::read(record)?)?);
    }
    table::write_into(page, &table)?;
    fs::write(chart, chart::svg(&subjects, &rows))?;
    now.write(record)
}
