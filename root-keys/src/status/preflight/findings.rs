//! What would make a rollout fail.

use serde::Serialize;

use crate::docs::DOCS;
use crate::organization::account::Account;
use crate::organization::facts::{Instance, STACK_SET};
use crate::organization::principals::{AGGREGATORS, STACK_SETS};
use crate::organization::rollout_facts::{RolloutFacts, RolloutMode, needed};
use crate::status::problem::{Kind, Problem};
use crate::status::remedy::Remedy;

/// Something that would make the rollout fail, or its results invisible.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// The account in which it fails; `null` if it fails as a whole.
    pub account: Option<String>,
    /// The name of the account; empty if the rollout fails as a whole.
    #[serde(skip)]
    pub name: String,
    /// What is wrong, and what fixes it.
    #[serde(flatten)]
    pub problem: Problem,
}

/// Returns everything that would make the rollout fail: first as a whole, then by
/// account.
pub(super) fn all(facts: &RolloutFacts) -> Vec<Finding> {
    let organization = organization_findings(facts).into_iter();
    organization
        .chain(recorders(facts))
        .chain(functions(facts))
        .collect()
}

/// What makes the rollout fail as a whole.
fn organization_findings(facts: &RolloutFacts) -> Vec<Finding> {
    let management = "from the management account";
    let mut findings = Vec::new();
    let mut add = |kind, detail: Option<String>, remedy: String| {
        findings.push(Finding {
            account: None,
            name: String::new(),
            problem: Problem::new(kind, "", detail, Remedy::Same(remedy)),
        });
    };
    if !facts.all_features {
        let command = format!("{management}: `aws organizations enable-all-features`");
        add(Kind::ConsolidatedBilling, None, command);
    }
    for elsewhere in &facts.elsewhere {
        let there = &elsewhere.region;
        let detail = format!("{there}, not {}", facts.viewpoint.region);
        let command =
            format!("roll out from there: `AWS_REGION={there} root-keys status --preflight`");
        add(Kind::StackSetInOtherRegion, Some(detail), command);
    }
    for service in needed(facts.mode) {
        if facts
            .trusted
            .as_ref()
            .is_ok_and(|it| !it.contains(*service))
        {
            let detail = format!("{service}{}", only(service));
            let command = format!("{management}: {}", trust(service));
            add(Kind::TrustedAccessOff, Some(detail), command);
        }
    }
    // Organizations may trust StackSets and StackSets not know it yet.
    let trusted = facts
        .trusted
        .as_ref()
        .is_ok_and(|it| it.contains(STACK_SETS));
    if trusted && facts.stack_sets_activated == Ok(Some(false)) {
        let command = "`aws cloudformation activate-organizations-access`".to_owned();
        add(Kind::StackSetsNotActivated, None, command);
    }
    for service in needed(facts.mode)
        .iter()
        .filter(|_| !facts.viewpoint.is_management())
    {
        let account = &facts.viewpoint.account;
        let registered = facts.administrators.get(service);
        let registered = registered.and_then(|it| it.as_ref().ok());
        if registered.is_some_and(|known| !known.contains(account)) {
            let detail = format!("account {account}, for {service}{}", only(service));
            let sign_in = facts.sign_in.get(service).map_or("", String::as_str);
            let command = format!(
                "{sign_in}; delegated administrators are registered there: \
                 {DOCS}/organization.md#before-you-start"
            );
            add(Kind::NotDelegatedAdministrator, Some(detail), command);
        }
    }
    if facts.mode == RolloutMode::OrganizationPack && matches!(facts.stack_set, Ok(None)) {
        let detail = format!("StackSet {STACK_SET}, which deploys the functions, does not exist");
        let remedy = format!("deploy the functions first: {DOCS}/organization.md#deploy");
        add(Kind::NoFunction, Some(detail), remedy);
    }
    findings
}

/// The command that turns on the service's trusted access.
fn trust(service: &str) -> String {
    if service == STACK_SETS {
        return "`aws cloudformation activate-organizations-access`".to_owned();
    }
    format!("`aws organizations enable-aws-service-access --service-principal {service}`")
}

/// What works without that service.
fn only(service: &str) -> &'static str {
    if service == AGGREGATORS {
        " (needed by the aggregator, not by the rollout)"
    } else {
        ""
    }
}

/// The accounts that the rollout reaches, as far as it is known.
fn reached(facts: &RolloutFacts) -> impl Iterator<Item = &Account> {
    let stack_set = facts.stack_set.as_ref().ok().and_then(Option::as_ref);
    facts.accounts.iter().filter(move |account| {
        account.is_active()
            && account.id != facts.viewpoint.management
            && !stack_set.is_some_and(|it| it.leaves_out(account))
    })
}

/// Accounts in which AWS Config records nothing.
fn recorders(facts: &RolloutFacts) -> Vec<Finding> {
    let Ok(recorders) = &facts.recorders else {
        return Vec::new();
    };
    let region = &facts.viewpoint.region;
    let bare = reached(facts).filter(|account| {
        let id = &account.id;
        !recorders.recorded.contains(id) && !recorders.not_collected.contains_key(id)
    });
    let fix = Remedy::same(format!(
        "ask the landing zone's owner to create a customer managed configuration recorder in {region} \
         (a stopped one is enough); check in the account: `aws configservice describe-configuration-recorder-status`"
    ));
    let detail = if recorders.recorded.is_empty() {
        format!("no account records in {region}; check that it is the home region")
    } else {
        format!("in {region}")
    };
    bare.map(|account| {
        of(
            account,
            Kind::NothingRecorded,
            Some(detail.clone()),
            fix.clone(),
        )
    })
    .collect()
}

/// Returns the accounts of which it is not known whether AWS Config records in them.
pub(super) fn not_checked(facts: &RolloutFacts) -> Vec<Finding> {
    let Ok(recorders) = &facts.recorders else {
        return Vec::new();
    };
    let fix = Remedy::same(format!(
        "fix the aggregator: {DOCS}/organization.md#an-aggregator"
    ));
    reached(facts)
        .filter(|account| !recorders.recorded.contains(&account.id))
        .filter_map(|account| {
            let why = recorders.not_collected.get(&account.id)?.clone();
            Some(of(
                account,
                Kind::ResultsNotCollected,
                Some(why),
                fix.clone(),
            ))
        })
        .collect()
}

/// An organization's pack fails where the function is not.
fn functions(facts: &RolloutFacts) -> Vec<Finding> {
    let (RolloutMode::OrganizationPack, Ok(Some(stack_set)), Ok(pack)) =
        (facts.mode, &facts.stack_set, &facts.pack)
    else {
        return Vec::new();
    };
    let excluded = pack.as_ref().map_or(&[][..], |it| &it.excluded_accounts);
    let fix =
        Remedy::same("see why with `root-keys status`, or add the account to `excludedAccounts`");
    let targeted = facts
        .accounts
        .iter()
        .filter(|it| it.id != facts.viewpoint.management && !excluded.contains(&it.id));
    let without = targeted.filter(|account| {
        let instance = stack_set.instances.get(&account.id);
        !instance.is_some_and(Instance::is_current)
    });
    without
        .map(|account| {
            let (kind, detail) = if account.is_active() {
                (Kind::NoFunction, None)
            } else {
                (Kind::NotActive, Some(account.state().to_owned()))
            };
            of(account, kind, detail, fix.clone())
        })
        .collect()
}

fn of(account: &Account, kind: Kind, detail: Option<String>, fix: Remedy) -> Finding {
    Finding {
        account: Some(account.id.clone()),
        name: account.display_name().to_owned(),
        problem: Problem::new(kind, &account.id, detail, fix),
    }
}
