//! What the facts mean for each account: pure, no call, no clock.

use crate::DOCS;
use crate::status::evaluation::{Deployment, Evaluation};
use crate::status::facts::{Account, Facts, RuleResult};
use crate::status::judged::{Judged, Standing};
use crate::status::problem::{Kind, Problem};
use crate::status::problems;
use crate::status::remedy::Remedy;

const NOT_VISIBLE: &str = "not visible";

/// Every account that any source names, each judged, in the order of their ids.
pub fn judge(facts: &Facts) -> Vec<Judged> {
    let known = facts.accounts.iter().cloned();
    let mut accounts: Vec<Account> = known.chain(not_listed(facts)).collect();
    accounts.sort_by(|a, b| a.id.cmp(&b.id));
    accounts
        .iter()
        .map(|account| judge_one(facts, account))
        .collect()
}

/// Accounts that AWS Organizations did not list: gone since, or its list was
/// short. Neither may be dropped silently.
fn not_listed(facts: &Facts) -> Vec<Account> {
    let instances = facts.stack_set().into_iter();
    let instances = instances.flat_map(|it| it.instances.keys());
    let results = facts.compliance.iter().flat_map(|it| it.results.keys());
    let mut ids: Vec<&String> = instances.chain(results).collect();
    ids.sort();
    ids.dedup();
    ids.retain(|id| {
        facts
            .accounts
            .binary_search_by(|known| known.id.cmp(id))
            .is_err()
    });
    let account = |id: &String| Account {
        id: id.clone(),
        name: "?".to_owned(),
        state: "not listed".to_owned(),
        active: true,
        path: None,
    };
    ids.into_iter().map(account).collect()
}

fn judge_one(facts: &Facts, account: &Account) -> Judged {
    let id = &account.id;
    let compliance = facts.compliance.as_ref().ok();
    let results: &[RuleResult] = compliance
        .and_then(|it| it.results.get(id))
        .map_or(&[], Vec::as_slice);
    let evaluations = evaluations(facts, results);
    let not_visible = not_visible(facts, id, results, &evaluations);
    // Reported once, for all accounts.
    let silent = compliance.is_none_or(|it| it.organization.is_some() && evaluations.is_empty())
        || !facts.elsewhere.is_empty();
    let mut judged = Judged {
        management_account: *id == facts.viewpoint.management,
        function: String::new(),
        rule: String::new(),
        compliance: standing(account, &evaluations, silent || not_visible.is_some()),
        stack_instance: facts
            .stack_set()
            .and_then(|it| it.instances.get(id))
            .cloned(),
        organization_pack: facts.pack().and_then(|it| it.statuses.get(id)).cloned(),
        evaluations,
        problems: Vec::new(),
        account: id.clone(),
        name: account.name.clone(),
        state: account.state.clone(),
    };
    judged.function = function(&judged, facts);
    judged.rule = rule(&judged, facts);
    judged.problems = problems::of(facts, account, &judged, not_visible);
    judged
}

fn evaluations(facts: &Facts, results: &[RuleResult]) -> Vec<Evaluation> {
    let of_pack = facts.pack().and_then(|pack| pack.frequency.as_deref());
    let of_stack_set = facts.stack_set().and_then(|it| it.frequency.as_deref());
    let period = of_pack.or(of_stack_set);
    let evaluation = |result: &RuleResult| {
        let details = result.details.as_ref().ok()?.as_ref()?;
        Some(Evaluation::new(result, details, period, facts.now))
    };
    results.iter().filter_map(evaluation).collect()
}

/// Why the account's results are not known.
fn not_visible(
    facts: &Facts,
    account: &str,
    results: &[RuleResult],
    evaluations: &[Evaluation],
) -> Option<Problem> {
    if let Some(why) = results.iter().find_map(not_read) {
        let again = Remedy::same("run `root-keys status` again");
        return Some(Problem::new(
            Kind::ResultsNotRead,
            account,
            Some(why),
            again,
        ));
    }
    // An aggregator that gets nothing new still reports what it has.
    let compliance = facts.compliance.as_ref().ok();
    let compliance = compliance.filter(|_| evaluations.is_empty())?;
    let why = compliance.not_collected.get(account)?;
    let fix = Remedy::same(format!(
        "fix the aggregator: {DOCS}/organization.md#an-aggregator"
    ));
    let kind = Kind::ResultsNotCollected;
    Some(Problem::new(kind, account, Some(why.clone()), fix))
}

/// Why it is not known what a rule last reported.
fn not_read(result: &RuleResult) -> Option<String> {
    match &result.details {
        Err(failure) => Some(failure.clone()),
        // Another rule's good result must not hide it.
        Ok(None) if result.compliance_type == "NON_COMPLIANT" => Some(format!(
            "AWS Config reports NON_COMPLIANT for rule {} without details",
            result.rule
        )),
        Ok(_) => None,
    }
}

fn standing(account: &Account, evaluations: &[Evaluation], not_visible: bool) -> Standing {
    let is = |kind: &str| evaluations.iter().any(|it| it.compliance_type == kind);
    let fresh = |it: &Evaluation| it.compliance_type == "COMPLIANT" && !it.stale;
    if !account.active {
        // Its results are old by nature, and nothing can be done about them.
        Standing::NotActive
    } else if is("NON_COMPLIANT") {
        Standing::NonCompliant
    } else if not_visible {
        // What was not reported could be a finding.
        Standing::NotVisible
    } else if evaluations.iter().any(fresh) {
        Standing::Compliant
    } else if is("COMPLIANT") {
        Standing::Stale
    } else {
        Standing::NoResult
    }
}

fn function(judged: &Judged, facts: &Facts) -> String {
    let organization = match &judged.stack_instance {
        Some(instance) if instance.is_current() => Some("StackSet"),
        Some(instance) => Some(instance.word()),
        // StackSets and our packs never reach the management account.
        None if facts.stack_set.is_err() && !judged.management_account => Some(NOT_VISIBLE),
        None => None,
    };
    both(organization, judged, facts)
}

fn rule(judged: &Judged, facts: &Facts) -> String {
    let stack_set_brings_it = facts.stack_set().is_some_and(|it| it.brings_the_rule);
    let organization = match (&judged.stack_instance, &judged.organization_pack) {
        (_, Some(pack)) if !pack.is_there() => Some(pack.status.as_str()),
        (_, Some(_)) => Some("pack"),
        (Some(instance), None) if stack_set_brings_it && instance.is_current() => Some("pack"),
        _ if judged.has_result_of(Deployment::Organization) => Some("pack"),
        _ if judged.management_account => None,
        _ if facts.stack_set.is_err() || facts.pack.is_err() => Some(NOT_VISIBLE),
        _ => None,
    };
    both(organization, judged, facts)
}

/// An account stack is visible by nothing but its results.
fn both(organization: Option<&str>, judged: &Judged, facts: &Facts) -> String {
    match (organization, judged.has_result_of(Deployment::Account)) {
        (None, false) if facts.compliance.is_err() => NOT_VISIBLE.to_owned(),
        (None, false) => "none".to_owned(),
        (None, true) => "account".to_owned(),
        (Some(organization), false) => organization.to_owned(),
        (Some(organization), true) => format!("{organization} + account"),
    }
}
