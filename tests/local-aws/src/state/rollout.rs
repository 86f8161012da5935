//! The rollout of the rule in an organization, as its administrator account sees it: the StackSet,
//! the organization conformance pack, the aggregators.
//!
//! An aggregator's results are not stored here but read from the accounts: a test that changes
//! an account also changes what the aggregator returns.

use chrono::{DateTime, Utc};

use crate::state::identifiers::ROOT;

/// AWS's reason for a stack instance with a conformance pack in an account without a recorder.
pub const NO_RECORDER: &str = "ResourceLogicalId:Pack, ResourceType:AWS::Config::ConformancePack, \
    ResourceStatusReason:NoAvailableConfigurationRecorderException: Configuration Recorder is not \
    available to put config rule.";

/// A service-managed StackSet.
#[derive(Clone, Debug)]
pub struct StackSet {
    /// For example `root-access-key-rule-org`.
    pub name: String,
    /// The region that it is administered from.
    pub region: String,
    /// The members' template.
    pub template_body: String,
    /// The organizational units (`ou-…`) or the root (`r-…`) that it deploys to.
    pub units: Vec<String>,
    /// The regions that it deploys to.
    pub regions: Vec<String>,
    /// Whether an operation waits for another one instead of being refused.
    pub managed_execution: bool,
    /// Its instances, including those that failed.
    pub instances: Vec<StackInstance>,
}

/// A StackSet's stack in one account and region.
#[derive(Clone, Debug)]
pub struct StackInstance {
    /// 12 digits.
    pub account: String,
    /// The region of the stack.
    pub region: String,
    /// The organizational unit that made the account a target.
    pub unit: String,
    /// `CURRENT`, `OUTDATED` or `INOPERABLE`.
    pub status: &'static str,
    /// `SUCCEEDED`, `FAILED`, `PENDING`, `RUNNING`, `SKIPPED_SUSPENDED_ACCOUNT` …
    pub detailed_status: &'static str,
    /// AWS's reason, when it is not `CURRENT`.
    pub reason: Option<String>,
}

/// An organization conformance pack.
#[derive(Clone, Debug, Default)]
pub struct OrganizationPack {
    /// For example `root-access-key-rule-org`.
    pub name: String,
    /// The account that deployed it; other accounts do not see it.
    pub owner: String,
    /// The region it was deployed in.
    pub region: String,
    /// Input parameters: name and value.
    pub parameters: Vec<(String, String)>,
    /// The accounts that it leaves out.
    pub excluded_accounts: Vec<String>,
    /// Its status in each account.
    pub instances: Vec<PackInstance>,
}

/// The status of an organization conformance pack in one account.
#[derive(Clone, Debug)]
pub struct PackInstance {
    /// 12 digits.
    pub account: String,
    /// `CREATE_SUCCESSFUL`, `CREATE_FAILED`, `UPDATE_IN_PROGRESS` …
    pub status: &'static str,
    /// AWS's error code and message.
    pub error: Option<(String, String)>,
}

/// An aggregator of AWS Config.
#[derive(Clone, Debug, Default)]
pub struct Aggregator {
    /// 1–256 characters.
    pub name: String,
    /// The account that has it; other accounts do not see it.
    pub owner: String,
    /// The region that it is in.
    pub region: String,
    /// The accounts that it collects from; `None` for all of the organization.
    pub accounts: Option<Vec<String>>,
    /// The regions that it collects from; empty for all.
    pub regions: Vec<String>,
    /// The accounts that it cannot reach: account, AWS's error code and message.
    pub failing: Vec<(String, String, String)>,
}

impl StackSet {
    /// One of that name in `us-east-1`, over the organization's root, with no instances yet.
    #[must_use]
    pub fn new(name: &str, template_body: &str) -> Self {
        Self {
            name: name.to_owned(),
            region: "us-east-1".to_owned(),
            template_body: template_body.to_owned(),
            units: vec![ROOT.to_owned()],
            regions: vec!["us-east-1".to_owned()],
            managed_execution: true,
            instances: Vec::new(),
        }
    }

    /// The rule's own StackSet in these organizational units: its template brings the rule.
    #[must_use]
    pub fn with_the_rule(units: &[&str]) -> Self {
        let template =
            r#"{"Resources":{"Pack":{"Type":"AWS::Config::ConformancePack","Properties":{}}}}"#;
        Self {
            units: units.iter().map(|it| (*it).to_owned()).collect(),
            ..Self::new("root-access-key-rule-org", template)
        }
    }
}

impl StackInstance {
    /// A stack that is up to date, in `us-east-1`.
    #[must_use]
    pub fn current(account: &str) -> Self {
        Self {
            account: account.to_owned(),
            region: "us-east-1".to_owned(),
            unit: ROOT.to_owned(),
            status: "CURRENT",
            detailed_status: "SUCCEEDED",
            reason: None,
        }
    }

    /// A stack that could not be created or updated, with AWS's reason.
    #[must_use]
    pub fn failed(account: &str, reason: &str) -> Self {
        Self {
            status: "OUTDATED",
            detailed_status: "FAILED",
            reason: Some(reason.to_owned()),
            ..Self::current(account)
        }
    }
}

impl OrganizationPack {
    /// One of that name in `us-east-1`, of that account, deployed nowhere yet.
    #[must_use]
    pub fn new(name: &str, owner: &str) -> Self {
        Self {
            name: name.to_owned(),
            owner: owner.to_owned(),
            region: "us-east-1".to_owned(),
            ..Self::default()
        }
    }
}

impl PackInstance {
    /// The pack was created.
    #[must_use]
    pub fn successful(account: &str) -> Self {
        Self {
            account: account.to_owned(),
            status: "CREATE_SUCCESSFUL",
            error: None,
        }
    }

    /// The pack could not be created, with AWS's error.
    #[must_use]
    pub fn failed(account: &str, code: &str, message: &str) -> Self {
        Self {
            account: account.to_owned(),
            status: "CREATE_FAILED",
            error: Some((code.to_owned(), message.to_owned())),
        }
    }
}

impl Aggregator {
    /// One of that account, in `us-east-1`, of all accounts and regions of the organization.
    #[must_use]
    pub fn of_organization(name: &str, owner: &str) -> Self {
        Self {
            name: name.to_owned(),
            owner: owner.to_owned(),
            region: "us-east-1".to_owned(),
            ..Self::default()
        }
    }
}

/// An operation on a StackSet.
#[derive(Clone, Debug)]
pub struct StackSetOperation {
    /// 1–128 letters, digits and hyphens; no other operation of the StackSet has it.
    pub id: String,
    /// The name of the StackSet.
    pub stack_set: String,
    /// `CREATE`, `UPDATE`, `DELETE` or `DETECT_DRIFT`.
    pub action: &'static str,
    /// `RUNNING`, `QUEUED`, `STOPPING`, `SUCCEEDED`, `FAILED` or `STOPPED`.
    pub status: &'static str,
    /// When it was started, and when it ended if it has.
    pub at: DateTime<Utc>,
}

impl StackSetOperation {
    /// Whether it keeps another one from running.
    pub(crate) fn is_in_progress(&self) -> bool {
        matches!(self.status, "RUNNING" | "QUEUED" | "STOPPING")
    }
}
