//! What a preflight read, as plain data.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::command_line::Mode;
use crate::status::facts::{
    Account, Elsewhere, OrganizationPack, Seen, Source, StackSet, Viewpoint,
};

/// The principal of service-managed StackSets.
pub const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";
/// The principal of AWS Config's aggregators.
pub const AGGREGATORS: &str = "config.amazonaws.com";
/// The principal of AWS Config's organization conformance packs.
pub const PACKS: &str = "config-multiaccountsetup.amazonaws.com";
/// The principal of centralized root access.
pub const ROOT_ACCESS: &str = "iam.amazonaws.com";

/// The services of which an account can be a delegated administrator.
pub const DELEGATED: [&str; 4] = [STACK_SETS, AGGREGATORS, PACKS, ROOT_ACCESS];

/// Everything that was read.
pub struct PreflightFacts {
    pub mode: Mode,
    pub viewpoint: Viewpoint,
    /// All features, not consolidated billing alone.
    pub all_features: bool,
    pub accounts: Vec<Account>,
    /// The principals of the services that the organization trusts.
    pub trusted: Seen<BTreeSet<String>>,
    /// Whether CloudFormation may deploy to the organization; `None` if only
    /// the management account is told.
    pub stack_sets_activated: Seen<Option<bool>>,
    /// The delegated administrators of each of [`DELEGATED`].
    pub administrators: BTreeMap<&'static str, Seen<BTreeSet<String>>>,
    /// Where to sign in for each of them, in a part of a sentence.
    pub sign_in: BTreeMap<&'static str, String>,
    pub stack_set: Seen<Option<StackSet>>,
    /// `None` also in mode `stack-set`, which needs no organization pack.
    pub pack: Seen<Option<OrganizationPack>>,
    pub recorders: Seen<Recorders>,
    /// The other regions in which the StackSet is administered.
    pub elsewhere: Vec<Elsewhere>,
    pub sources: Vec<Source>,
    pub now: DateTime<Utc>,
}

/// In which accounts AWS Config records, as far as the aggregator knows.
pub struct Recorders {
    /// The accounts in which AWS Config has recorded something.
    pub recorded: BTreeSet<String>,
    /// The accounts that the aggregator has nothing of, and why.
    pub not_collected: BTreeMap<String, String>,
    /// Why it gets nothing new from the organization as a whole, if so.
    pub organization: Option<String>,
}

/// The services that a rollout in that mode needs.
pub fn needed(mode: Mode) -> &'static [&'static str] {
    match mode {
        Mode::StackSet => &[STACK_SETS, AGGREGATORS],
        Mode::OrganizationPack => &[STACK_SETS, AGGREGATORS, PACKS],
    }
}
