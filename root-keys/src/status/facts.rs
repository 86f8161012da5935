//! What AWS reported about the organization, and what it did not report.
//!
//! Plain data: no module that judges or renders needs a type of the AWS SDK.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::time::Time;

/// The account stack's rule; the name of a pack's rule begins with it.
pub const RULE: &str = "root-access-key-rule";
/// The name of the StackSet and of the organization conformance pack.
pub const STACK_SET: &str = "root-access-key-rule-org";

/// A source that may not have responded; otherwise why, in a sentence with a remedy.
pub type Seen<T> = Result<T, String>;

/// Everything that was read.
pub struct Facts {
    pub viewpoint: Viewpoint,
    pub accounts: Vec<Account>,
    pub stack_set: Seen<Option<StackSet>>,
    /// `None` also where the StackSet brings the rule: then it is not requested.
    pub pack: Seen<Option<OrganizationPack>>,
    pub compliance: Seen<Compliance>,
    /// Where the rule was found when this region has nothing of it.
    pub elsewhere: Vec<Elsewhere>,
    pub sources: Vec<Source>,
    /// The time that ages are calculated to.
    pub now: DateTime<Utc>,
}

/// From where and as whom the organization is read.
#[derive(Debug, Clone)]
pub struct Viewpoint {
    /// The calling account: 12 digits.
    pub account: String,
    /// The calling user or role.
    pub arn: String,
    pub region: String,
    /// The organization's id.
    pub organization: String,
    /// The organization's management account: 12 digits.
    pub management: String,
}

/// An account of the organization.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: String,
    pub name: String,
    /// `ACTIVE`, `PENDING_ACTIVATION`, `SUSPENDED`, `PENDING_CLOSURE`, `CLOSED`.
    pub state: String,
    /// Whether AWS runs anything in it: a stack, an evaluation, a root session.
    pub active: bool,
    /// The root and the OUs that it is in, as AWS Organizations writes them;
    /// `None` if the response does not say.
    pub path: Option<String>,
}

/// The StackSet as its administrator sees it.
#[derive(Debug)]
pub struct StackSet {
    /// The OUs that it deploys to: `ou-…`, or the root `r-…`.
    pub units: Vec<String>,
    /// Whether its template brings the rule too (mode `stack-set`).
    pub brings_the_rule: bool,
    /// The rule's frequency, where the template says it.
    pub frequency: Option<String>,
    /// Its stacks in this region, by account.
    pub instances: BTreeMap<String, Instance>,
    /// The other regions in which it has stacks, by account.
    pub other_regions: BTreeMap<String, BTreeSet<String>>,
}

/// The StackSet's stack in one account.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// `CURRENT`, `OUTDATED` or `INOPERABLE`.
    pub status: String,
    /// `SUCCEEDED`, `FAILED`, `RUNNING` …
    pub detailed_status: Option<String>,
    /// AWS's words, if something is wrong.
    pub reason: Option<String>,
    /// The OU through which the account is targeted.
    pub unit: Option<String>,
    pub source: &'static str,
}

/// The organization conformance pack as the account that deployed it sees it.
#[derive(Debug)]
pub struct OrganizationPack {
    pub excluded_accounts: Vec<String>,
    /// The rule's frequency, where the pack's parameters say it.
    pub frequency: Option<String>,
    /// Its status by account.
    pub statuses: BTreeMap<String, PackStatus>,
}

/// The status of the organization conformance pack in one account.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PackStatus {
    /// `CREATE_SUCCESSFUL`, `UPDATE_FAILED` …
    pub status: String,
    /// AWS's code and message, if something is wrong.
    pub reason: Option<String>,
    pub source: &'static str,
}

/// What the aggregator reported.
pub struct Compliance {
    pub aggregator: String,
    /// The rules with a result in this region, by account.
    pub results: BTreeMap<String, Vec<RuleResult>>,
    /// The other regions in which the rule has a result, by account without one
    /// here: the account stack's of all accounts, a pack's of a few.
    pub other_regions: BTreeMap<String, BTreeSet<String>>,
    /// The accounts that it has nothing of, and why.
    pub not_collected: BTreeMap<String, String>,
    /// Why it gets nothing new from the organization as a whole, if so.
    pub organization: Option<String>,
}

/// That a rule has a result in an account.
#[derive(Debug, Clone)]
pub struct RuleResult {
    pub account: String,
    pub rule: String,
    /// The rule's own compliance type, as AWS Config writes it.
    pub compliance_type: String,
    /// Its newest result about the account; `None` if AWS Config has no details.
    pub details: Seen<Option<Details>>,
}

/// One result of a rule about its account.
#[derive(Debug, Clone)]
pub struct Details {
    /// As AWS Config writes it; `None` if the response does not say.
    pub compliance_type: Option<String>,
    pub annotation: Option<String>,
    /// When AWS Config recorded it.
    pub recorded: Option<Time>,
    /// When AWS Config invoked the rule.
    pub invoked: Option<Time>,
    pub source: &'static str,
}

/// That the rule is in another region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Elsewhere {
    pub region: String,
    /// What was found there, to follow "in that region".
    pub evidence: String,
}

/// One listing that was read to its end: the call, and how much it returned.
#[derive(Debug, Clone, Serialize)]
pub struct Source {
    /// Service and operation, as an IAM policy names them.
    pub call: &'static str,
    pub requests: usize,
    pub items: usize,
    /// When its last page arrived.
    pub at: Time,
}

impl Viewpoint {
    /// Whether this is the management account itself.
    pub fn is_management(&self) -> bool {
        self.account == self.management
    }

    /// How StackSets are called: as the management account, or as its delegated
    /// administrator.
    pub fn call_as(&self) -> &'static str {
        if self.is_management() {
            "SELF"
        } else {
            "DELEGATED_ADMIN"
        }
    }
}

impl StackSet {
    /// The OU through which it deploys to the account, if it is known to.
    pub fn unit_of(&self, account: &Account) -> Option<&String> {
        let path = account.path.as_deref().unwrap_or_default();
        let is_in = |unit: &&String| path.split('/').any(|step| step == unit.as_str());
        self.units.iter().find(is_in)
    }

    /// Whether it is known not to deploy to the account.
    pub fn leaves_out(&self, account: &Account) -> bool {
        let told = account.path.is_some() && !self.units.is_empty();
        told && self.unit_of(account).is_none()
    }
}

impl Instance {
    /// Whether the stack is there, in the StackSet's present form.
    pub fn is_current(&self) -> bool {
        self.status == "CURRENT"
    }

    /// Whether an operation is under way or about to be.
    pub fn is_in_progress(&self) -> bool {
        matches!(self.detailed_status.as_deref(), Some("PENDING" | "RUNNING"))
    }

    /// The one word that says most.
    pub fn word(&self) -> &str {
        match &self.detailed_status {
            Some(detailed) if !self.is_current() && detailed != "SUCCEEDED" => detailed,
            _ => &self.status,
        }
    }
}

impl PackStatus {
    /// Whether the pack, and so the rule, is there.
    pub fn is_there(&self) -> bool {
        matches!(
            self.status.as_str(),
            "CREATE_SUCCESSFUL" | "UPDATE_SUCCESSFUL"
        )
    }
}

impl Facts {
    /// The StackSet, if it could be read and is there.
    pub fn stack_set(&self) -> Option<&StackSet> {
        self.stack_set.as_ref().ok().and_then(Option::as_ref)
    }

    /// The organization conformance pack, if it could be read and is there.
    pub fn pack(&self) -> Option<&OrganizationPack> {
        self.pack.as_ref().ok().and_then(Option::as_ref)
    }
}
