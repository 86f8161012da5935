//! What is read before a rollout, as plain data.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::organization::account::Account;
use crate::organization::facts::{
    OrganizationPack, OtherRegion, Source, SourceResult, StackSet, Viewpoint,
};
use crate::organization::principals::{AGGREGATORS, PACKS, STACK_SETS};

/// The ways of rolling out that docs/organization.md describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolloutMode {
    /// A StackSet brings the function and the rule.
    StackSet,
    /// A StackSet brings the function, an organization conformance pack the rule.
    OrganizationPack,
}

/// Everything that was read for a preflight.
#[derive(Debug)]
pub struct RolloutFacts {
    /// The way of rolling out that is checked.
    pub mode: RolloutMode,
    /// From where the organization was read.
    pub viewpoint: Viewpoint,
    /// All features, not consolidated billing alone.
    pub all_features: bool,
    /// All accounts of the organization, in the order of their IDs.
    pub accounts: Vec<Account>,
    /// The principals of the services that the organization trusts.
    pub trusted: SourceResult<BTreeSet<String>>,
    /// Whether CloudFormation may deploy to the organization; `None` if this is not
    /// the management account, which alone may ask.
    pub stack_sets_activated: SourceResult<Option<bool>>,
    /// The delegated administrators of each service, by its principal.
    pub administrators: BTreeMap<&'static str, SourceResult<BTreeSet<String>>>,
    /// Where to sign in for each of them, in a part of a sentence.
    pub sign_in: BTreeMap<&'static str, String>,
    /// The StackSet; `None` if none is administered from here.
    pub stack_set: SourceResult<Option<StackSet>>,
    /// The organization conformance pack; `None` also in mode `stack-set`, which needs no organization pack.
    pub pack: SourceResult<Option<OrganizationPack>>,
    /// Where AWS Config records.
    pub recorders: SourceResult<Recorders>,
    /// The other regions in which the StackSet is administered.
    pub elsewhere: Vec<OtherRegion>,
    /// What was read to its end, and when.
    pub sources: Vec<Source>,
    /// The time of the preflight.
    pub now: DateTime<Utc>,
}

/// In which accounts AWS Config records, as far as the aggregator knows.
#[derive(Debug)]
pub struct Recorders {
    /// The accounts in which AWS Config has recorded something.
    pub recorded: BTreeSet<String>,
    /// The accounts from which the aggregator collects nothing, and why.
    pub not_collected: BTreeMap<String, String>,
    /// Why it collects nothing new from the organization as a whole, if so.
    pub organization: Option<String>,
}

/// Returns the principals of the services that a rollout in that mode needs.
#[must_use]
pub fn needed(mode: RolloutMode) -> &'static [&'static str] {
    match mode {
        RolloutMode::StackSet => &[STACK_SETS, AGGREGATORS],
        RolloutMode::OrganizationPack => &[STACK_SETS, AGGREGATORS, PACKS],
    }
}
