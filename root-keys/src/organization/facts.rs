//! What AWS reported about the organization, and what it did not report.
//!
//! Plain data: modules that evaluate or render need no types of the AWS SDK.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::organization::account::Account;
use crate::organization::policy_content::RecognizedPolicy;
use crate::time::Time;

/// The account stack's rule; the name of a pack's rule begins with it.
pub const RULE: &str = "root-access-key-rule";
/// The name of the StackSet and of the organization conformance pack.
pub const STACK_SET: &str = "root-access-key-rule-org";

/// What a source returned; or why it could not be read, in a sentence with a remedy.
pub type SourceResult<T> = Result<T, String>;

/// Everything that was read for `status`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Facts {
    /// From where the organization was read.
    pub viewpoint: Viewpoint,
    /// All accounts of the organization, in the order of their IDs.
    pub accounts: Vec<Account>,
    /// The StackSet; `None` if none is administered from here.
    pub stack_set: SourceResult<Option<StackSet>>,
    /// The organization conformance pack; `None` also where the StackSet brings the
    /// rule: then it is not requested.
    pub pack: SourceResult<Option<OrganizationPack>>,
    /// The results of the rule.
    pub results: SourceResult<AggregatedResults>,
    /// The service control policies that are recognized.
    pub policies: SourceResult<Vec<RecognizedPolicy>>,
    /// Where the rule was found if nothing of it is in this region.
    pub elsewhere: Vec<OtherRegion>,
    /// What was read to its end, and when.
    pub sources: Vec<Source>,
    /// The time at which ages are calculated.
    pub now: Time,
}

/// From where and as whom the organization is read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Viewpoint {
    /// The calling account: 12 digits.
    pub account: String,
    /// The ARN of the calling user or role.
    pub arn: String,
    /// The region of the calls, for example `us-east-1`.
    pub region: String,
    /// The organization's ID.
    pub organization: String,
    /// The organization's management account: 12 digits.
    pub management: String,
}

/// The StackSet as its administrator sees it.
#[derive(Debug, Serialize, Deserialize)]
pub struct StackSet {
    /// The OUs that it deploys to: `ou-…`, or the root `r-…`.
    pub organizational_units: Vec<String>,
    /// Whether its template brings the rule too (mode `stack-set`).
    pub brings_the_rule: bool,
    /// The rule's frequency, where the template says it.
    pub frequency: Option<String>,
    /// Its stacks in this region, by account ID.
    pub instances: BTreeMap<String, Instance>,
    /// The other regions in which it has stacks, by account.
    pub other_regions: BTreeMap<String, BTreeSet<String>>,
}

/// The StackSet's stack in one account.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    /// The call that returned it.
    pub source: Cow<'static, str>,
}

/// The organization conformance pack as the account that deployed it sees it.
#[derive(Debug, Serialize, Deserialize)]
pub struct OrganizationPack {
    /// The IDs of the accounts that it leaves out.
    pub excluded_accounts: Vec<String>,
    /// The rule's frequency, where the pack's parameters say it.
    pub frequency: Option<String>,
    /// Its status by account.
    pub statuses: BTreeMap<String, PackStatus>,
}

/// The status of the organization conformance pack in one account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackStatus {
    /// `CREATE_SUCCESSFUL`, `UPDATE_FAILED` …
    pub status: String,
    /// AWS's code and message, if something is wrong.
    pub reason: Option<String>,
    /// The call that returned it.
    pub source: Cow<'static, str>,
}

/// What the aggregator has collected.
#[derive(Debug, Serialize, Deserialize)]
pub struct AggregatedResults {
    /// The name of the aggregator.
    pub aggregator: String,
    /// The rules with a result in this region, by account.
    pub by_account: BTreeMap<String, Vec<RuleResult>>,
    /// The other regions in which the rule has a result, by account without one
    /// here: the account stack's of all accounts, a pack's of a few.
    pub other_regions: BTreeMap<String, BTreeSet<String>>,
    /// The accounts from which it collects nothing, and why.
    pub not_collected: BTreeMap<String, String>,
    /// Why it collects nothing new from the organization as a whole, if so.
    pub organization: Option<String>,
}

/// That a rule has a result in an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RuleResult {
    /// 12 digits.
    pub account: String,
    /// The name of the rule.
    pub rule: String,
    /// The rule's own compliance type, as AWS Config writes it.
    pub compliance_type: String,
    /// Its newest result about the account; `None` if AWS Config has no details.
    pub details: SourceResult<Option<Details>>,
}

/// One result of a rule about its account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Details {
    /// As AWS Config writes it; `None` if the response does not say.
    pub compliance_type: Option<String>,
    /// The rule's annotation.
    pub annotation: Option<String>,
    /// When AWS Config recorded it.
    pub recorded: Option<Time>,
    /// When AWS Config invoked the rule.
    pub invoked: Option<Time>,
    /// The call that returned it.
    pub source: Cow<'static, str>,
}

/// Another region in which the rule is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OtherRegion {
    /// For example `eu-west-1`.
    pub region: String,
    /// What was found there, to follow "in that region".
    pub evidence: String,
}

/// One listing that was read to its end: the call, and how much it returned.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Source {
    /// Service and operation, as an IAM policy names them.
    pub call: Cow<'static, str>,
    /// How many requests it took.
    pub requests: usize,
    /// How many items they returned.
    pub items: usize,
    /// When its last page arrived.
    pub at: Time,
}

impl Viewpoint {
    /// Whether this is the management account itself.
    #[must_use]
    pub fn is_management(&self) -> bool {
        self.account == self.management
    }

    /// Returns the `CallAs` of calls about StackSets: as the management account, or as its delegated
    /// administrator.
    #[must_use]
    pub fn call_as(&self) -> &'static str {
        if self.is_management() {
            "SELF"
        } else {
            "DELEGATED_ADMIN"
        }
    }
}

impl StackSet {
    /// Returns the OU through which it deploys to the account, if that is known.
    #[must_use]
    pub fn unit_of(&self, account: &Account) -> Option<&String> {
        let mut units = self.organizational_units.iter();
        units.find(|unit| account.is_in(unit) == Some(true))
    }

    /// Whether it is known not to deploy to the account.
    #[must_use]
    pub fn leaves_out(&self, account: &Account) -> bool {
        let known = account.path.is_some() && !self.organizational_units.is_empty();
        known && self.unit_of(account).is_none()
    }
}

impl Instance {
    /// Whether the stack is there, in the StackSet's present form.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.status == "CURRENT"
    }

    /// Whether an operation is in progress or pending.
    #[must_use]
    pub fn is_in_progress(&self) -> bool {
        matches!(self.detailed_status.as_deref(), Some("PENDING" | "RUNNING"))
    }

    /// Returns the status that says most: `CURRENT`, `OUTDATED`, `FAILED` …
    #[must_use]
    pub fn word(&self) -> &str {
        match &self.detailed_status {
            Some(detailed) if !self.is_current() && detailed != "SUCCEEDED" => detailed,
            _ => &self.status,
        }
    }
}

impl PackStatus {
    /// Whether the pack, and so the rule, is there.
    #[must_use]
    pub fn is_there(&self) -> bool {
        matches!(
            self.status.as_str(),
            "CREATE_SUCCESSFUL" | "UPDATE_SUCCESSFUL"
        )
    }
}

impl Facts {
    /// Returns the StackSet, if it could be read and is there.
    #[must_use]
    pub fn stack_set(&self) -> Option<&StackSet> {
        self.stack_set.as_ref().ok().and_then(Option::as_ref)
    }

    /// Returns the organization conformance pack, if it could be read and is there.
    #[must_use]
    pub fn pack(&self) -> Option<&OrganizationPack> {
        self.pack.as_ref().ok().and_then(Option::as_ref)
    }
}
