//! What is wrong with an account, and what fixes it.

use crate::docs::DOCS;
use crate::organization::account::Account;
use crate::organization::facts::{Facts, Instance, StackSet};
use crate::status::account_status::{AccountCompliance, AccountStatus, NOT_LISTED};
use crate::status::problem::{Kind, Problem};
use crate::status::remedy::{Operation, Remedy};

/// Everything that is wrong with the account, the most urgent first.
pub fn of(
    facts: &Facts,
    account: &Account,
    status: &AccountStatus,
    not_visible: Option<Problem>,
) -> Vec<Problem> {
    let problem = |kind, fix| Problem::new(kind, &account.id, None, fix);
    let mut problems: Vec<Problem> = root_access_keys(status).into_iter().collect();
    if account.state() == NOT_LISTED {
        problems.push(problem(
            Kind::NotListed,
            Remedy::same(
                "check `aws organizations list-accounts`; if the account has left the \
                 organization, its results disappear after a while",
            ),
        ));
    }
    if status.compliance == AccountCompliance::NotActive || !facts.elsewhere.is_empty() {
        // AWS runs nothing there; or nothing of the rule is to be expected here.
        return problems;
    }
    problems.extend(not_visible);
    problems.extend(without_stack(facts, account, status));
    // After the StackSet's: a pack fails where the function is not.
    problems.extend(pack_failed(status));
    problems.extend(other_region(facts, status));
    problems.extend(stopped_reporting(facts, status));
    if status.compliance == AccountCompliance::NoResult && problems.is_empty() {
        problems.push(no_result(status));
    }
    problems
}

/// The finding itself.
fn root_access_keys(status: &AccountStatus) -> Option<Problem> {
    let fix = if status.management_account {
        Remedy::same(format!(
            "sign in as its root user: {DOCS}/remediation.md#the-management-account"
        ))
    } else {
        Remedy::ListKeys
    };
    let kind = Kind::RootAccessKeys;
    (status.compliance == AccountCompliance::NonCompliant)
        .then(|| Problem::new(kind, &status.account, None, fix))
}

/// What the organization's pack left undone.
fn pack_failed(status: &AccountStatus) -> Option<Problem> {
    let pack = status.organization_pack.as_ref()?;
    let detail = pack.status.clone() + &because(pack.reason.as_deref());
    let fix = Remedy::same(format!(
        "fix the cause, then update the pack again: {DOCS}/organization.md#deploy"
    ));
    let kind = Kind::PackFailed;
    (!pack.is_there()).then(|| Problem::new(kind, &status.account, Some(detail), fix))
}

/// What the StackSet left undone.
fn without_stack(facts: &Facts, account: &Account, status: &AccountStatus) -> Option<Problem> {
    match &status.stack_instance {
        Some(instance) if instance.is_current() => without_pack(facts, status),
        Some(instance) => Some(not_current(facts, account, instance)),
        // Some rule evaluates it, whatever brought it.
        None if !status.evaluations.is_empty() => None,
        None if status.management_account && status.compliance == AccountCompliance::NotVisible => {
            None
        }
        None if status.management_account => Some(Problem::new(
            Kind::ManagementAccountWithoutRule,
            &account.id,
            None,
            Remedy::same(format!(
                "deploy the account stack with its own credentials: `make deploy`; \
                 {DOCS}/organization.md#the-management-account"
            )),
        )),
        None => match &facts.stack_set {
            Err(_) => None, // reported once, for all accounts
            Ok(None) => Some(Problem::new(
                Kind::NoStackSet,
                &account.id,
                None,
                Remedy::same(format!(
                    "deploy it from here, or set AWS_REGION if its home region is not \
                     {}: {DOCS}/organization.md#deploy",
                    facts.viewpoint.region
                )),
            )),
            Ok(Some(stack_set)) => Some(without_instance(facts, account, stack_set)),
        },
    }
}

/// Mode `organization-pack`: the function alone evaluates nothing.
fn without_pack(facts: &Facts, status: &AccountStatus) -> Option<Problem> {
    let brings_it = facts.stack_set().is_none_or(|it| it.brings_the_rule);
    if brings_it || status.organization_pack.is_some() || !status.evaluations.is_empty() {
        return None;
    }
    let kind = match facts.pack.as_ref().ok()? {
        None => Kind::NoPack,
        Some(pack) if pack.excluded_accounts.contains(&status.account) => Kind::ExcludedFromPack,
        Some(_) => Kind::PackPending,
    };
    let fix = Remedy::same(format!(
        "deploy the pack, including the account: {DOCS}/organization.md#deploy"
    ));
    Some(Problem::new(kind, &status.account, None, fix))
}

fn not_current(facts: &Facts, account: &Account, instance: &Instance) -> Problem {
    let detail = instance.word().to_owned() + &because(instance.reason.as_deref());
    let recorder = instance
        .reason
        .as_deref()
        .is_some_and(|reason| reason.contains("ConfigurationRecorder"));
    let (kind, operation) = if instance.is_in_progress() {
        let wait = "wait, then run this command again";
        let kind = Kind::StackInProgress;
        return Problem::new(kind, &account.id, Some(detail), Remedy::same(wait));
    } else if instance.status == "INOPERABLE" {
        (Kind::StackInoperable, Operation::Replace)
    } else if recorder {
        (Kind::RecorderMissing, Operation::UpdateWithRecorder)
    } else {
        (Kind::StackFailed, Operation::Update)
    };
    let fix = Remedy::stacks(&facts.viewpoint, operation, instance.unit.as_deref());
    Problem::new(kind, &account.id, Some(detail), fix)
}

/// No stack: not yet, in another region, or never meant to be.
fn without_instance(facts: &Facts, account: &Account, stack_set: &StackSet) -> Problem {
    let unit = stack_set.unit_of(account);
    let create = || {
        let unit = unit.map(String::as_str);
        Remedy::stacks(&facts.viewpoint, Operation::Create, unit)
    };
    if let Some(regions) = stack_set.other_regions.get(&account.id) {
        let regions: Vec<_> = regions.iter().map(String::as_str).collect();
        let detail = format!(
            "in {}, not in {}",
            regions.join(", "),
            facts.viewpoint.region
        );
        return Problem::new(
            Kind::StackInOtherRegion,
            &account.id,
            Some(detail),
            create(),
        );
    }
    match unit {
        Some(_) => Problem::new(Kind::NoStack, &account.id, None, create()),
        None => Problem::new(
            Kind::OutsideOrganizationalUnits,
            &account.id,
            None,
            Remedy::same(format!(
                "move the account, or add its OU to `organizationalUnits` (now {}): \
                 {DOCS}/organization.md#deploy",
                stack_set.organizational_units.join(", ")
            )),
        ),
    }
}

/// The account stack was deployed in another region.
fn other_region(facts: &Facts, status: &AccountStatus) -> Option<Problem> {
    let compliance = facts.results.as_ref().ok()?;
    let regions = compliance.other_regions.get(&status.account)?;
    let regions: Vec<_> = regions.iter().map(String::as_str).collect();
    let (here, there) = (&facts.viewpoint.region, regions.first()?);
    Some(Problem::new(
        Kind::RuleInOtherRegion,
        &status.account,
        Some(format!("from {}, not from {here}", regions.join(", "))),
        Remedy::same(format!(
            "see its results with `AWS_REGION={there} root-keys status`, or deploy the account \
             stack in {here}: {DOCS}/deploy.md"
        )),
    ))
}

/// Rules that are there and have no recent result.
fn stopped_reporting(facts: &Facts, status: &AccountStatus) -> Vec<Problem> {
    let stale = status.evaluations.iter().filter(|it| it.stale);
    stale
        .map(|evaluation| {
            let rule = &evaluation.rule;
            let last = match evaluation.recorded {
                Some(at) => format!("last result at {at} ({})", at.ago(facts.now.0)),
                None => "last result at an unknown time".to_owned(),
            };
            let detail = format!("{last}, due every {} h; {rule}", evaluation.period_hours);
            let fix = Remedy::Evaluate(rule.clone());
            Problem::new(Kind::StoppedReporting, &status.account, Some(detail), fix)
        })
        .collect()
}

fn no_result(status: &AccountStatus) -> Problem {
    let detail = match status.rule.as_str() {
        "none" | "not visible" => "no rule is known in the account",
        _ if !status.evaluations.is_empty() => "the rule exists, but its result is not usable",
        // What was deleted by hand since is not visible from here.
        _ => "the stack and the pack were deployed",
    };
    let fix = Remedy::same(format!(
        "check in that account whether the rule exists: `aws configservice \
         describe-config-rules`; then follow {DOCS}/operations.md#silence"
    ));
    let detail = Some(detail.to_owned());
    Problem::new(Kind::NoResult, &status.account, detail, fix)
}

fn because(reason: Option<&str>) -> String {
    reason.map_or_else(String::new, |reason| format!(": {reason}"))
}
