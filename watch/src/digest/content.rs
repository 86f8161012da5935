//! What a digest is made of.

use crate::digest::console::Place;
use crate::latest::{Latest, Previous};
use crate::next::view::Today;
use crate::repair::outcome::RepairOutcome;

/// What a digest is made of.
#[derive(Debug, Clone, Copy)]
pub struct Content<'a> {
    /// What was known before this run.
    pub previous: &'a Previous,
    /// What this run saw.
    pub today: Today<'a>,
    /// What will be recorded.
    pub latest: &'a Latest,
    /// What was repaired, and what not; `None` if nothing could be decided.
    pub repairs: Option<&'a RepairOutcome>,
    /// The bucket of the watch.
    pub place: Place<'a>,
}
