//! The document, as plain data.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use root_keys::status::history::Day;
use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::repair::ledger::RepairLedger;

/// Raised when a field changes its meaning or is removed; fields may be added.
pub const SCHEMA: u32 = 1;
/// The most bytes of an object that is read: 50,000 accounts, each with three problems,
/// take about half as much.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;
/// How many reports the trend goes back.
pub const MAX_TREND: usize = 90;
/// The most closed problems that are kept until a digest names them.
pub const MAX_CLOSED: usize = 1_000;

/// The last report, and what the next one needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Latest {
    /// The version of this document.
    pub schema: u32,
    /// The UTC day of the report.
    pub day: NaiveDate,
    /// The run that made it: the name of the state machine's execution.
    pub run: String,
    /// The keys of the last report that was stored; `None` before the first.
    pub files: Option<Files>,
    /// What could not be seen, each in a sentence. Empty if the report is complete.
    pub not_visible: Vec<String>,
    /// Counts of accounts; `None` if they could not be listed.
    pub counts: Option<Counts>,
    /// The last reports, the oldest first; at most [`MAX_TREND`].
    pub trend: Vec<Day>,
    /// The open accounts by ID.
    pub open: BTreeMap<String, OpenAccount>,
    /// What closed since the last digest that was published; at most [`MAX_CLOSED`].
    pub closed: Vec<ClosedProblem>,
    /// How many more have closed since.
    pub closed_not_listed: usize,
    /// The exemptions that were in force in the last digest that was published, or since.
    pub exemptions: BTreeMap<String, KnownExemption>,
    /// The attempts to repair the enrollment of accounts.
    pub repairs: RepairLedger,
    /// The day of the last digest that was published.
    pub last_digest: Option<NaiveDate>,
    /// The day of the last message that all accounts are compliant and reporting.
    pub all_compliant: Option<NaiveDate>,
    /// What there was to publish.
    pub digest: DigestKind,
    /// Whether it was published.
    pub published: bool,
}

/// The keys of a stored report in the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// `2026/11/27/status.json`.
    pub json: String,
    /// `2026/11/27/status.csv`.
    pub csv: String,
    /// `2026/11/27/status.html`.
    pub html: String,
}

/// Counts of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// All accounts of the organization, and those that only another source names.
    pub accounts: usize,
    /// Compliant ones with a recent result and no problem.
    pub well: usize,
    /// Those that need action, but have an exemption in force.
    pub exempt: usize,
    /// Those in which AWS runs nothing, because they are closed or being closed.
    pub not_active: usize,
    /// Those that somebody has to act on.
    pub open: usize,
    /// Those whose root user has access keys, exempt ones included.
    pub non_compliant: usize,
}

/// An account that somebody has to act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenAccount {
    /// The name in the organization.
    pub name: String,
    /// The root and the organizational units that it is in.
    pub organizational_unit_path: Option<String>,
    /// Why it is open: at least one cause.
    pub problems: BTreeMap<Cause, OpenProblem>,
}

/// Since when an account has a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenProblem {
    /// The day of the first report that found it.
    pub since: NaiveDate,
    /// The day of the last report that found it. Reports since then could not see whether
    /// it is still there.
    pub seen: NaiveDate,
    /// Whether a digest that was published named or counted it.
    pub announced: bool,
}

/// A problem that a later report did not find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClosedProblem {
    /// 12 digits.
    pub account: String,
    /// The name in the organization.
    pub name: String,
    /// What was wrong.
    pub cause: Cause,
    /// The day of the first report that found it.
    pub since: NaiveDate,
    /// The day of the report that did not find it.
    pub closed: NaiveDate,
    /// Why it is not open anymore.
    pub how: Closure,
}

/// Why a problem is not open anymore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closure {
    /// The report did not find it.
    Fixed,
    /// An exemption is in force.
    Exempt,
    /// The account is closed or being closed.
    NotActive,
    /// The account is not in the organization.
    Left,
}

/// An exemption as the watch last saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownExemption {
    /// Who answers for it.
    pub owner: String,
    /// Why it is needed.
    pub reason: String,
    /// Where it was approved.
    pub ticket: Option<String>,
    /// The last day.
    pub expires: NaiveDate,
    /// Whether it is in force. If it is not, no digest has said so yet.
    pub in_force: bool,
}

/// What a run publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DigestKind {
    /// Nothing: nothing is open, and it is not time for the weekly message.
    Nothing,
    /// Nothing: the digest is switched off.
    SwitchedOff,
    /// What is open, or what could not be seen.
    Open,
    /// The weekly message that all accounts are compliant and reporting.
    AllCompliant,
}

impl Files {
    /// Returns the keys of the report of that day.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        let key = |kind| format!("{}/status.{kind}", day.format("%Y/%m/%d"));
        Self {
            json: key("json"),
            csv: key("csv"),
            html: key("html"),
        }
    }
}
