//! What the daily watch knows beside today's report, for the page that it stores.
//!
//! Plain data. `root-keys status` has none of it and leaves it out.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::status::problem::Kind;

/// Earlier reports, and what the watch did.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The last reports, the oldest first, today's last.
    pub days: Vec<Day>,
    /// Since when each open problem is known, by account.
    pub since: BTreeMap<String, BTreeMap<Kind, NaiveDate>>,
    /// The switches of the watch; `None` if they could not be read.
    pub switches: Option<Switches>,
    /// What the watch repaired or did not, and why.
    pub repairs: Vec<Repair>,
    /// What only the watch could not read, each in a sentence.
    pub not_visible: Vec<String>,
}

/// The counts of one report, also as `latest.json` stores them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Day {
    /// The UTC day of the report.
    pub day: NaiveDate,
    /// How many accounts there were.
    pub accounts: usize,
    /// How many of them were open.
    pub open: usize,
    /// How many were `NON_COMPLIANT`, exempt ones included.
    pub non_compliant: usize,
    /// Whether something could not be seen.
    pub partial: bool,
}

/// What can be switched off without a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// Whether the watch repairs the enrolment of accounts.
    pub repair: bool,
    /// Whether it publishes a digest.
    pub digest: bool,
}

/// What was done about an account's enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// 12 digits; `None` if the sentence is about no single account.
    pub account: Option<String>,
    /// What was done or why not: one sentence.
    pub what: String,
}

impl History {
    /// Says since when the account has that problem, if it is known.
    #[must_use]
    pub fn since(&self, account: &str, kind: Kind) -> Option<NaiveDate> {
        self.since.get(account)?.get(&kind).copied()
    }
}
