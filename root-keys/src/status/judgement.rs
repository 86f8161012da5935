//! What the facts mean for one account: pure, no call, no clock.

use aws_sdk_config::types::ComplianceType;
use serde::Serialize;

use crate::DOCS;
use crate::failure::Failure;
use crate::status::aggregator::RuleResult;
use crate::status::centre::{Account, Centre};
use crate::status::evaluation::{Deployment, Evaluation};
use crate::status::facts::Facts;
use crate::status::mend;
use crate::status::organization_pack::PackStatus;
use crate::status::stack_set::Instance;

/// One account of the organization, judged.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    pub account: String,
    pub name: String,
    pub state: String,
    pub management_account: bool,
    /// `StackSet`, `account`, both with a `+`, `none` or `not seen`; or how far an operation came.
    pub function: String,
    /// `pack`, `account`, both with a `+`, `none` or `not seen`; or how far an operation came.
    pub rule: String,
    pub compliance: Standing,
    pub evaluations: Vec<Evaluation>,
    pub stack_instance: Option<Instance>,
    pub organization_pack: Option<PackStatus>,
    /// What is missing or wrong, and what mends it.
    pub problems: Vec<Problem>,
}

/// Whether the account's root user is known to have no access keys. In capitals
/// what AWS Config says, in small letters what we say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Standing {
    /// A rule's last result says so and is not stale, and no other's contradicts.
    #[serde(rename = "COMPLIANT")]
    Compliant,
    /// The last result of a rule says that it has.
    #[serde(rename = "NON_COMPLIANT")]
    NonCompliant,
    /// Every result is too old to count.
    #[serde(rename = "stale")]
    Stale,
    /// No rule has a result.
    #[serde(rename = "no result")]
    NoResult,
    /// Nobody could look.
    #[serde(rename = "not seen")]
    NotSeen,
    /// AWS runs nothing in the account: it is not yet active, suspended or closed.
    #[serde(rename = "not active")]
    NotActive,
}

/// Something wrong with one account.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// What, with AWS's reason if it gave one.
    pub what: String,
    /// The command or place that mends it.
    pub mend: String,
}

impl Problem {
    /// In those words: small first letters, no full stop.
    pub fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            mend: mend.into(),
        }
    }
}

impl Standing {
    /// As the table shows it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Compliant => "COMPLIANT",
            Self::NonCompliant => "NON_COMPLIANT",
            Self::Stale => "stale",
            Self::NoResult => "no result",
            Self::NotSeen => "not seen",
            Self::NotActive => "not active",
        }
    }
}

/// Every account that any source speaks of, each judged, in the order of their ids.
pub fn judge(centre: &Centre, facts: &Facts) -> Vec<Judged> {
    let known = facts.accounts.iter().cloned();
    let mut accounts: Vec<Account> = known.chain(strangers(facts)).collect();
    accounts.sort_by(|a, b| a.id.cmp(&b.id));
    accounts
        .iter()
        .map(|account| judge_one(centre, facts, account))
        .collect()
}

/// Accounts that AWS Organizations did not list: gone since, or its list was
/// short. Neither may be dropped silently.
fn strangers(facts: &Facts) -> Vec<Account> {
    let instances = facts.stack_set.iter().flatten();
    let instances = instances.flat_map(|it| it.instances.keys());
    let results = facts.compliance.iter().flat_map(|it| it.asked.keys());
    let mut ids: Vec<&String> = instances.chain(results).collect();
    ids.sort();
    ids.dedup();
    ids.retain(|id| !facts.accounts.iter().any(|known| known.id == **id));
    let stranger = |id: &String| Account {
        id: id.clone(),
        name: "?".to_owned(),
        state: "not listed".to_owned(),
        path: None,
    };
    ids.into_iter().map(stranger).collect()
}

fn judge_one(centre: &Centre, facts: &Facts, account: &Account) -> Judged {
    let id = &account.id;
    let compliance = facts.compliance.as_ref().ok();
    let asked = compliance.and_then(|it| it.asked.get(id));
    let evaluations: Vec<Evaluation> = asked
        .into_iter()
        .flatten()
        .filter_map(|(_, answer)| answer.as_ref().ok().cloned().flatten())
        .collect();
    let failed = asked
        .into_iter()
        .flatten()
        .find_map(|(result, answer)| unanswered(result, answer));
    // An aggregator that gets nothing new still tells what it has.
    let left_out = compliance.filter(|_| evaluations.is_empty());
    let unseen = match failed {
        Some(failure) => Some(Problem::new(
            format!("its results cannot be seen: {failure}"),
            "look again",
        )),
        None => left_out.and_then(|it| it.unseen.get(id)).map(|why| {
            Problem::new(
                format!("its results cannot be seen: {why}"),
                format!("{DOCS}/organization.md#an-aggregator"),
            )
        }),
    };
    let stack_set = facts.stack_set.as_ref().ok().and_then(Option::as_ref);
    let pack = facts.pack.as_ref().ok().and_then(Option::as_ref);
    // Said once, for all accounts.
    let silent = compliance.is_none_or(|it| it.organization.is_some() && evaluations.is_empty());
    let mut judged = Judged {
        management_account: *id == centre.management,
        function: String::new(),
        rule: String::new(),
        compliance: standing(account, &evaluations, silent || unseen.is_some()),
        stack_instance: stack_set.and_then(|it| it.instances.get(id)).cloned(),
        organization_pack: pack.and_then(|it| it.statuses.get(id)).cloned(),
        evaluations,
        problems: Vec::new(),
        account: account.id.clone(),
        name: account.name.clone(),
        state: account.state.clone(),
    };
    judged.function = function(&judged, facts);
    judged.rule = rule(
        &judged,
        facts,
        stack_set.is_some_and(|it| it.brings_the_rule),
    );
    judged.problems = mend::problems(centre, facts, account, &judged, unseen);
    judged
}

/// Why it is not known what a rule last said.
fn unanswered(result: &RuleResult, answer: &Result<Option<Evaluation>, Failure>) -> Option<String> {
    match answer {
        Err(failure) => Some(failure.to_string()),
        // Another rule's good result must not hide it.
        Ok(None) if result.compliance_type == ComplianceType::NonCompliant => Some(format!(
            "AWS Config says NON_COMPLIANT and gives no details, of rule {}",
            result.rule
        )),
        Ok(_) => None,
    }
}

fn standing(account: &Account, evaluations: &[Evaluation], unseen: bool) -> Standing {
    let is = |kind: &str| evaluations.iter().any(|it| it.compliance_type == kind);
    let fresh = |it: &&Evaluation| it.compliance_type == "COMPLIANT" && !it.stale;
    if account.is_inactive() {
        Standing::NotActive // its results are old by nature, and nobody could act on them
    } else if is("NON_COMPLIANT") {
        Standing::NonCompliant
    } else if unseen {
        Standing::NotSeen // what was not told could be a finding
    } else if evaluations.iter().any(|it| fresh(&it)) {
        Standing::Compliant
    } else if is("COMPLIANT") {
        Standing::Stale
    } else {
        Standing::NoResult
    }
}

/// A result proves that the rule of its name was there, and the function it called.
fn ran(judged: &Judged, deployment: Deployment) -> bool {
    judged
        .evaluations
        .iter()
        .any(|it| it.deployment == deployment)
}

fn function(judged: &Judged, facts: &Facts) -> String {
    let organization = match &judged.stack_instance {
        Some(instance) if instance.is_current() => Some("StackSet"),
        Some(instance) => Some(instance.word()),
        // StackSets and our packs never reach the management account.
        None if facts.stack_set.is_err() && !judged.management_account => Some(NOT_SEEN),
        None => None,
    };
    both(organization, judged, facts)
}

fn rule(judged: &Judged, facts: &Facts, stack_set_brings_it: bool) -> String {
    let organization = match (&judged.stack_instance, &judged.organization_pack) {
        (_, Some(pack)) if !pack.is_there() => Some(pack.status.as_str()),
        (_, Some(_)) => Some("pack"),
        (Some(instance), None) if stack_set_brings_it && instance.is_current() => Some("pack"),
        _ if ran(judged, Deployment::Organization) => Some("pack"),
        _ if judged.management_account => None,
        _ if facts.stack_set.is_err() || facts.pack.is_err() => Some(NOT_SEEN),
        _ => None,
    };
    both(organization, judged, facts)
}

const NOT_SEEN: &str = "not seen";

/// An account stack is seen by nothing but its results.
fn both(organization: Option<&str>, judged: &Judged, facts: &Facts) -> String {
    match (organization, ran(judged, Deployment::Account)) {
        (None, false) if facts.compliance.is_err() => NOT_SEEN.to_owned(),
        (None, false) => "none".to_owned(),
        (None, true) => "account".to_owned(),
        (Some(organization), false) => organization.to_owned(),
        (Some(organization), true) => format!("{organization} + account"),
    }
}
