//! An organization as AWS describes it, account by account.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use root_keys::exemptions::{Exemption, Exemptions};
use root_keys::organization::account::Account;
use root_keys::organization::facts::{
    AggregatedResults, Details, Facts, Instance, RuleResult, SourceResult, StackSet, Viewpoint,
};
use root_keys::status::assessment::assess;
use root_keys::status::report::Report;
use root_keys::time::Time;

pub const MANAGEMENT: &str = "999999999999";
const RULE: &str = "root-access-key-rule-conformance-pack-abcdefghi";

/// The organization on one day.
#[derive(Debug, Clone)]
pub struct Organization {
    pub members: BTreeMap<String, Member>,
    pub exemptions: SourceResult<Exemptions>,
    /// Why a source cannot be read, if so.
    pub stack_set: SourceResult<()>,
    pub results: SourceResult<()>,
}

/// One account.
#[derive(Debug, Clone)]
pub struct Member {
    pub name: String,
    pub unit: String,
    pub state: &'static str,
    pub stack: Stack,
    pub result: Reported,
}

/// The StackSet's stack in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stack {
    Current,
    Missing,
    Failed(String),
    Inoperable,
}

/// What the rule reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reported {
    Compliant,
    NonCompliant,
    /// Its last result is so many days old.
    Silent(i64),
    None,
    /// AWS Config refused to return it.
    NotRead(String),
}

/// The day number `day` of the test, 2026-11-01 being number 1.
pub fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 1).unwrap() + TimeDelta::days(i64::from(number) - 1)
}

pub fn id(number: usize) -> String {
    format!("{number:0>12}")
}

impl Member {
    /// A compliant account.
    pub fn new(name: &str, unit: &str) -> Self {
        Self {
            name: name.to_owned(),
            unit: unit.to_owned(),
            state: "ACTIVE",
            stack: Stack::Current,
            result: Reported::Compliant,
        }
    }

    fn account(&self, id: &str) -> Account {
        Account {
            id: id.to_owned(),
            name: Some(self.name.clone()),
            state: Some(self.state.to_owned()),
            path: Some(format!("o-example0001/{}/{id}/", self.unit)),
            management: None,
        }
    }

    fn instance(&self) -> Option<Instance> {
        let (status, detailed, reason) = match &self.stack {
            Stack::Current => ("CURRENT", "SUCCEEDED", None),
            Stack::Missing => return None,
            Stack::Failed(reason) => ("OUTDATED", "FAILED", Some(reason.clone())),
            Stack::Inoperable => ("INOPERABLE", "INOPERABLE", None),
        };
        Some(Instance {
            status: status.to_owned(),
            detailed_status: Some(detailed.to_owned()),
            reason,
            unit: Some("ou-ab12-workload".to_owned()),
            source: "cloudformation:ListStackInstances".into(),
        })
    }

    fn results(&self, id: &str, now: DateTime<Utc>) -> Vec<RuleResult> {
        let (kind, age) = match &self.result {
            Reported::None => return Vec::new(),
            Reported::NonCompliant => ("NON_COMPLIANT", 0),
            Reported::Silent(days) => ("COMPLIANT", *days),
            Reported::Compliant | Reported::NotRead(_) => ("COMPLIANT", 0),
        };
        let recorded = Some(Time(now - TimeDelta::days(age) - TimeDelta::hours(1)));
        let details = Details {
            compliance_type: Some(kind.to_owned()),
            annotation: None,
            recorded,
            invoked: recorded,
            source: "config:GetAggregateComplianceDetailsByConfigRule".into(),
        };
        vec![RuleResult {
            account: id.to_owned(),
            rule: RULE.to_owned(),
            compliance_type: kind.to_owned(),
            details: match &self.result {
                Reported::NotRead(why) => Err(why.clone()),
                _ => Ok(Some(details)),
            },
        }]
    }
}

impl Organization {
    /// The management account, compliant, and nothing else.
    pub fn new() -> Self {
        let management = Member {
            stack: Stack::Missing,
            ..Member::new("management", "r-ab12")
        };
        Self {
            members: BTreeMap::from([(MANAGEMENT.to_owned(), management)]),
            exemptions: Ok(Exemptions::new()),
            stack_set: Ok(()),
            results: Ok(()),
        }
    }

    pub fn with(mut self, id: &str, member: Member) -> Self {
        self.members.insert(id.to_owned(), member);
        self
    }

    /// So many compliant accounts, from number 1 on.
    pub fn with_compliant(mut self, accounts: usize) -> Self {
        for number in 1..=accounts {
            let member = Member::new(&format!("workload-{number}"), "r-ab12/ou-ab12-workload");
            self = self.with(&id(number), member);
        }
        self
    }

    pub fn exempt(&mut self, account: &str, owner: &str, reason: &str, expires: NaiveDate) {
        let exemption = Exemption {
            account: account.to_owned(),
            owner: owner.to_owned(),
            reason: reason.to_owned(),
            expires,
            ticket: None,
        };
        if let Ok(exemptions) = &mut self.exemptions {
            exemptions.insert(account.to_owned(), exemption);
        }
    }

    pub fn member(&mut self, id: &str) -> &mut Member {
        self.members.get_mut(id).unwrap()
    }

    /// What `root-keys status` reads on that day.
    pub fn facts(&self, day: NaiveDate) -> Facts {
        let now = day.and_hms_opt(5, 0, 0).unwrap().and_utc();
        let members = || self.members.iter();
        let instances = members().filter_map(|(id, it)| Some((id.clone(), it.instance()?)));
        let stack_set = StackSet {
            organizational_units: vec!["r-ab12".to_owned()],
            brings_the_rule: true,
            frequency: Some("TwentyFour_Hours".to_owned()),
            instances: instances.collect(),
            other_regions: BTreeMap::new(),
        };
        let results = AggregatedResults {
            aggregator: "organization".to_owned(),
            by_account: members()
                .map(|(id, it)| (id.clone(), it.results(id, now)))
                .filter(|(_, results)| !results.is_empty())
                .collect(),
            other_regions: BTreeMap::new(),
            not_collected: BTreeMap::new(),
            organization: None,
        };
        Facts {
            viewpoint: Viewpoint {
                account: "888888888888".to_owned(),
                arn: "arn:aws:sts::888888888888:assumed-role/watch/watch".to_owned(),
                region: "us-east-1".to_owned(),
                organization: "o-example0001".to_owned(),
                management: MANAGEMENT.to_owned(),
            },
            accounts: members().map(|(id, it)| it.account(id)).collect(),
            stack_set: self.stack_set.clone().map(|()| Some(stack_set)),
            pack: Ok(None),
            results: self.results.clone().map(|()| results),
            policies: Ok(Vec::new()),
            elsewhere: Vec::new(),
            sources: Vec::new(),
            now: Time(now),
        }
    }

    pub fn report(&self, facts: &Facts) -> Report {
        Report::new(facts, assess(facts), &self.exemptions)
    }
}
