//! What the facts mean for each account.

use crate::docs::DOCS;
use crate::organization::account::Account;
use crate::organization::facts::{Facts, RuleResult};
use crate::organization::prevention::Prevention;
use crate::status::account_problems;
use crate::status::account_status::{AccountCompliance, AccountStatus, NOT_LISTED};
use crate::status::evaluation::{Deployment, Evaluation};
use crate::status::problem::{Kind, Problem};
use crate::status::remedy::Remedy;

const NOT_VISIBLE: &str = "not visible";

/// Evaluates every account that any source names, in the order of their IDs.
#[must_use]
pub fn assess(facts: &Facts) -> Vec<AccountStatus> {
    let known = facts.accounts.iter().cloned();
    let mut accounts: Vec<Account> = known.chain(not_listed(facts)).collect();
    accounts.sort_by(|a, b| a.id.cmp(&b.id));
    accounts
        .iter()
        .map(|account| assess_one(facts, account))
        .collect()
}

/// Accounts that AWS Organizations did not list: gone since, or its list was
/// short. Neither may be dropped silently.
fn not_listed(facts: &Facts) -> Vec<Account> {
    let instances = facts.stack_set().into_iter();
    let instances = instances.flat_map(|it| it.instances.keys());
    let results = facts.results.iter().flat_map(|it| it.by_account.keys());
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
        name: Some("?".to_owned()),
        state: Some(NOT_LISTED.to_owned()),
        path: None,
        management: None,
    };
    ids.into_iter().map(account).collect()
}

fn assess_one(facts: &Facts, account: &Account) -> AccountStatus {
    let id = &account.id;
    let compliance = facts.results.as_ref().ok();
    let results: &[RuleResult] = compliance
        .and_then(|it| it.by_account.get(id))
        .map_or(&[], Vec::as_slice);
    let evaluations = evaluations(facts, results);
    let not_visible = not_visible(facts, id, results, &evaluations);
    // Reported once, for all accounts.
    let no_results_expected = compliance
        .is_none_or(|it| it.organization.is_some() && evaluations.is_empty())
        || !facts.elsewhere.is_empty();
    let mut status = AccountStatus {
        management_account: *id == facts.viewpoint.management,
        function: String::new(),
        rule: String::new(),
        compliance: compliance_of(
            account,
            &evaluations,
            no_results_expected || not_visible.is_some(),
        ),
        stack_instance: facts
            .stack_set()
            .and_then(|it| it.instances.get(id))
            .cloned(),
        organization_pack: facts.pack().and_then(|it| it.statuses.get(id)).cloned(),
        evaluations,
        prevention: Prevention::of(account, &facts.policies),
        problems: Vec::new(),
        exemption: None,
        open: false,
        organizational_unit_path: account.organizational_unit_path().map(str::to_owned),
        account: id.clone(),
        name: account.display_name().to_owned(),
        state: account.state().to_owned(),
    };
    status.function = function(&status, facts);
    status.rule = rule(&status, facts);
    status.problems = account_problems::of(facts, account, &status, not_visible);
    status.open = status.is_open();
    status
}

fn evaluations(facts: &Facts, results: &[RuleResult]) -> Vec<Evaluation> {
    let of_pack = facts.pack().and_then(|pack| pack.frequency.as_deref());
    let of_stack_set = facts.stack_set().and_then(|it| it.frequency.as_deref());
    let period = of_pack.or(of_stack_set);
    let evaluation = |result: &RuleResult| {
        let details = result.details.as_ref().ok()?.as_ref()?;
        Some(Evaluation::new(result, details, period, facts.now.0))
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
    let compliance = facts.results.as_ref().ok();
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

fn compliance_of(
    account: &Account,
    evaluations: &[Evaluation],
    not_visible: bool,
) -> AccountCompliance {
    let is = |kind: &str| evaluations.iter().any(|it| it.compliance_type == kind);
    let fresh = |it: &Evaluation| it.compliance_type == "COMPLIANT" && !it.stale;
    if !account.is_active() {
        // Its results are old by nature, and nothing can be done about them.
        AccountCompliance::NotActive
    } else if is("NON_COMPLIANT") {
        AccountCompliance::NonCompliant
    } else if not_visible {
        // What was not reported could be a finding.
        AccountCompliance::NotVisible
    } else if evaluations.iter().any(fresh) {
        AccountCompliance::Compliant
    } else if is("COMPLIANT") {
        AccountCompliance::Stale
    } else {
        AccountCompliance::NoResult
    }
}

fn function(status: &AccountStatus, facts: &Facts) -> String {
    let organization = match &status.stack_instance {
        Some(instance) if instance.is_current() => Some("StackSet"),
        Some(instance) => Some(instance.word()),
        // StackSets and our packs never reach the management account.
        None if facts.stack_set.is_err() && !status.management_account => Some(NOT_VISIBLE),
        None => None,
    };
    both(organization, status, facts)
}

fn rule(status: &AccountStatus, facts: &Facts) -> String {
    let stack_set_brings_it = facts.stack_set().is_some_and(|it| it.brings_the_rule);
    let organization = match (&status.stack_instance, &status.organization_pack) {
        (_, Some(pack)) if !pack.is_there() => Some(pack.status.as_str()),
        (_, Some(_)) => Some("pack"),
        (Some(instance), None) if stack_set_brings_it && instance.is_current() => Some("pack"),
        _ if status.has_result_of(Deployment::Organization) => Some("pack"),
        _ if status.management_account => None,
        _ if facts.stack_set.is_err() || facts.pack.is_err() => Some(NOT_VISIBLE),
        _ => None,
    };
    both(organization, status, facts)
}

/// An account stack is visible by nothing but its results.
fn both(organization: Option<&str>, status: &AccountStatus, facts: &Facts) -> String {
    match (organization, status.has_result_of(Deployment::Account)) {
        (None, false) if facts.results.is_err() => NOT_VISIBLE.to_owned(),
        (None, false) => "none".to_owned(),
        (None, true) => "account".to_owned(),
        (Some(organization), false) => organization.to_owned(),
        (Some(organization), true) => format!("{organization} + account"),
    }
}
