//! What a run saw.

use chrono::NaiveDate;
use root_keys::status::report::Report;

use crate::event::Switches;
use crate::next::sources::Sources;

/// What this run knows.
#[derive(Debug, Clone, Copy)]
pub struct Today<'a> {
    /// The UTC day of the report.
    pub day: NaiveDate,
    /// The name of the state machine's execution.
    pub run: &'a str,
    /// What was seen of the organization.
    pub view: View<'a>,
    /// The switches; `None` if they could not be read.
    pub switches: Option<Switches>,
}

/// What was seen of the organization.
#[derive(Debug, Clone, Copy)]
pub enum View<'a> {
    /// A report was made and stored under the keys of the day.
    Report {
        /// The report.
        report: &'a Report,
        /// Which sources it saw.
        seen: Sources,
    },
    /// The accounts could not be listed, so that there is no report.
    Blind {
        /// Why, in a sentence.
        why: &'a str,
    },
}

impl<'a> View<'a> {
    /// Returns the report, if there is one.
    #[must_use]
    pub fn report(self) -> Option<&'a Report> {
        match self {
            Self::Report { report, .. } => Some(report),
            Self::Blind { .. } => None,
        }
    }
}
