//! `status --preflight`: what would make a rollout fail, or its results invisible.
//!
//! | file | what is in it |
//! |---|---|
//! | `facts` | what was read, as plain data |
//! | `read` | reads it |
//! | `findings`, `delegations` | what it means, and which account holds what |
//! | `text` | the findings for people |

mod delegations;
mod facts;
mod findings;
mod read;
mod text;

use chrono::{DateTime, Utc};

use crate::command_line::Mode;
use crate::failure::Failure;
use crate::status::centre::Centre;
use crate::status::page::Layout;
use findings::Preflight;

/// A finished preflight.
pub struct Finished(Preflight);

/// Reads and judges what is to be fixed before a rollout.
///
/// # Errors
/// When the accounts cannot be listed.
pub async fn run(
    centre: &Centre,
    mode: Mode,
    aggregator: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Finished, Failure> {
    let facts = read::facts(centre, mode, aggregator, now).await?;
    Ok(Finished(Preflight::new(&facts)))
}

impl Finished {
    /// 0 nothing to fix, 3 something, 1 nothing known, but not everything could be checked.
    pub fn exit_code(&self) -> u8 {
        self.0.exit_code
    }

    /// The document in one line.
    pub fn json(&self) -> String {
        // Text, numbers and lists under fixed names: there is nothing that could fail.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// The text for people.
    pub fn text(&self, layout: Layout) -> String {
        text::render(&self.0, layout)
    }
}
