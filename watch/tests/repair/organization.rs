//! An organization and its StackSet, as the test knows them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};
use root_keys::organization::account::Account;
use root_keys::organization::facts::{
    AggregatedResults, Facts, Instance, RuleResult, StackSet, Viewpoint,
};
use root_keys::time::Time;

pub const MANAGEMENT: &str = "999999999999";
pub const REGION: &str = "us-east-1";

/// Texts of CloudFormation, and whether another attempt can succeed.
pub const REASONS: [(&str, bool); 8] = [
    (
        "ResourceStatusReason:NoAvailableConfigurationRecorderException: Configuration Recorder is \
         not available to put config rule.",
        true,
    ),
    (
        "ResourceStatusReason:Rate exceeded (Service: Lambda, Status Code: 429)",
        true,
    ),
    (
        "ResourceStatusReason:Your access has been denied by S3, please make sure your request \
         credentials have permission to GetObject for bucket/key. S3 Error Code: AccessDenied.",
        true,
    ),
    ("explicit deny in a service control policy", false),
    (
        "Error occurred while GetObject. S3 Error Code: NoSuchKey.",
        false,
    ),
    ("Cancelled since failure tolerance has exceeded", false),
    ("the role already exists", false),
    ("", false),
];

/// The StackSet's stack in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    Current,
    Missing,
    MissingHereOnly,
    /// Its own last operation failed for the reason of that number.
    Failed(usize),
    FailedWithoutReason,
    Outdated,
    OutdatedWithoutDetails,
    Cancelled,
    Inoperable,
    Running,
    Suspended,
    FailedImport,
}

#[derive(Debug, Clone)]
pub struct Member {
    pub state: Option<&'static str>,
    /// The unit that the account is in, if AWS Organizations says it.
    pub unit: Option<&'static str>,
    pub stack: Stack,
    /// Whether some rule has a result.
    pub evaluated: bool,
}

/// What can be read of the organization.
#[derive(Debug, Clone)]
pub struct Organization {
    pub members: BTreeMap<String, Member>,
    /// The units of the StackSet.
    pub units: Vec<&'static str>,
    pub brings_the_rule: bool,
    /// Whether a StackSet is there; `None` if it could not be read.
    pub stack_set: Option<bool>,
    pub results_visible: bool,
}

pub fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 1).unwrap() + TimeDelta::days(number.into())
}

pub fn id(number: usize) -> String {
    format!("{number:0>12}")
}

impl Stack {
    fn instance(self) -> Option<Instance> {
        let (status, detailed, reason) = match self {
            Self::Missing | Self::MissingHereOnly => return None,
            Self::Current => ("CURRENT", Some("SUCCEEDED"), None),
            Self::Failed(number) => ("OUTDATED", Some("FAILED"), Some(REASONS[number].0)),
            Self::FailedWithoutReason => ("OUTDATED", Some("FAILED"), None),
            Self::Outdated => ("OUTDATED", Some("SUCCEEDED"), None),
            Self::OutdatedWithoutDetails => ("OUTDATED", None, None),
            Self::Cancelled => ("OUTDATED", Some("CANCELLED"), Some("Cancelled")),
            Self::Inoperable => ("INOPERABLE", Some("INOPERABLE"), Some(REASONS[1].0)),
            Self::Running => ("OUTDATED", Some("RUNNING"), None),
            Self::Suspended => ("OUTDATED", Some("SKIPPED_SUSPENDED_ACCOUNT"), None),
            Self::FailedImport => ("OUTDATED", Some("FAILED_IMPORT"), Some(REASONS[1].0)),
        };
        Some(Instance {
            status: status.to_owned(),
            detailed_status: detailed.map(str::to_owned),
            reason: reason.map(str::to_owned),
            unit: None,
            source: "cloudformation:ListStackInstances".into(),
        })
    }
}

impl Organization {
    /// The facts that the watch reads of it.
    pub fn facts(&self, day: NaiveDate) -> Facts {
        let management = Account {
            id: MANAGEMENT.to_owned(),
            name: None,
            state: Some("ACTIVE".to_owned()),
            path: Some(format!("o-1/r-1/{MANAGEMENT}/")),
            management: Some(MANAGEMENT.to_owned()),
        };
        let members = self.members.iter().map(|(id, member)| Account {
            id: id.clone(),
            name: None,
            state: member.state.map(str::to_owned),
            path: member.unit.map(|unit| format!("o-1/r-1/{unit}/{id}/")),
            management: Some(MANAGEMENT.to_owned()),
        });
        let results = AggregatedResults {
            aggregator: "organization".to_owned(),
            by_account: self.results(),
            other_regions: BTreeMap::new(),
            not_collected: BTreeMap::new(),
            organization: None,
        };
        let denied = || "denied".to_owned();
        Facts {
            viewpoint: Viewpoint {
                account: MANAGEMENT.to_owned(),
                arn: "arn:aws:sts::999999999999:assumed-role/watch/watch".to_owned(),
                region: REGION.to_owned(),
                organization: "o-1".to_owned(),
                management: MANAGEMENT.to_owned(),
            },
            accounts: members.chain([management]).collect(),
            stack_set: match self.stack_set {
                None => Err(denied()),
                Some(is_there) => Ok(is_there.then(|| self.stack_set())),
            },
            pack: Ok(None),
            results: if self.results_visible {
                Ok(results)
            } else {
                Err(denied())
            },
            policies: Ok(Vec::new()),
            elsewhere: Vec::new(),
            sources: Vec::new(),
            now: Time(day.and_hms_opt(6, 0, 0).unwrap().and_utc()),
        }
    }

    fn results(&self) -> BTreeMap<String, Vec<RuleResult>> {
        let evaluated = self.members.iter().filter(|(_, it)| it.evaluated);
        let result = |id: &String| RuleResult {
            account: id.clone(),
            rule: "root-access-key-rule".to_owned(),
            compliance_type: "COMPLIANT".to_owned(),
            details: Ok(None),
        };
        evaluated
            .map(|(id, _)| (id.clone(), vec![result(id)]))
            .collect()
    }

    fn stack_set(&self) -> StackSet {
        let instances = self.members.iter();
        let instances = instances.filter_map(|(id, it)| Some((id.clone(), it.stack.instance()?)));
        let elsewhere = self.members.iter();
        let elsewhere = elsewhere.filter(|(_, it)| it.stack == Stack::MissingHereOnly);
        let region = || BTreeSet::from(["eu-west-1".to_owned()]);
        StackSet {
            organizational_units: self.units.iter().map(ToString::to_string).collect(),
            brings_the_rule: self.brings_the_rule,
            frequency: None,
            instances: instances.collect(),
            other_regions: elsewhere.map(|(id, _)| (id.clone(), region())).collect(),
        }
    }
}
