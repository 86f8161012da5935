//! What is wrong with an account, in words, and what mends it.

use crate::DOCS;
use crate::status::centre::{Account, Centre};
use crate::status::facts::Facts;
use crate::status::judgement::{Judged, Problem, Standing};
use crate::status::stack_set::{Instance, NAME, StackSet};

/// Everything that is wrong with the account, the worst first.
pub fn problems(
    centre: &Centre,
    facts: &Facts,
    account: &Account,
    judged: &Judged,
    unseen: Option<Problem>,
) -> Vec<Problem> {
    let mut problems: Vec<Problem> = finding(centre, judged).into_iter().collect();
    if account.state == "not listed" {
        problems.push(Problem::new(
            "AWS Organizations did not list it: it has left, or the list was short",
            "`aws organizations list-accounts`; if it is gone, its results go too, in time",
        ));
    }
    if judged.compliance == Standing::NotActive {
        return problems; // AWS runs nothing there, and nothing is to be mended
    }
    problems.extend(unseen);
    problems.extend(missing(centre, facts, account, judged));
    // After the StackSet's: a pack fails where the function is not.
    problems.extend(without_rule(judged));
    problems.extend(silent(facts, judged));
    if judged.compliance == Standing::NoResult && problems.is_empty() {
        problems.push(no_result(judged));
    }
    problems
}

/// The finding itself.
fn finding(centre: &Centre, judged: &Judged) -> Option<Problem> {
    if judged.compliance != Standing::NonCompliant {
        return None;
    }
    let mend = if judged.account == centre.management {
        format!("sign in as its root user: {DOCS}/remediation.md#the-management-account")
    } else {
        format!("`root-keys list --account {}`", judged.account)
    };
    Some(Problem::new("its root user has access keys", mend))
}

/// What the organization's pack left undone.
fn without_rule(judged: &Judged) -> Option<Problem> {
    let pack = judged.organization_pack.as_ref()?;
    let reason = because(pack.reason.as_deref());
    let what = format!("the organization's pack is {}{reason}", pack.status);
    (!pack.is_there()).then(|| Problem::new(what, format!("{DOCS}/organization.md#deploy")))
}

/// What the StackSet left undone.
fn missing(centre: &Centre, facts: &Facts, account: &Account, judged: &Judged) -> Option<Problem> {
    match &judged.stack_instance {
        Some(instance) if instance.is_current() => without_pack(facts, judged),
        Some(instance) => Some(broken(centre, account, instance)),
        // Some rule sees to it, whoever brought it.
        None if !judged.evaluations.is_empty() => None,
        None if judged.management_account && judged.compliance == Standing::NotSeen => None,
        None if judged.management_account => Some(Problem::new(
            "StackSets never reach the management account, and no rule looks at it",
            format!(
                "with its own credentials `make deploy`: {DOCS}/organization.md#the-management-account"
            ),
        )),
        None => match &facts.stack_set {
            Err(_) => None, // said once, for all accounts
            Ok(None) => Some(Problem::new(
                format!("no StackSet {NAME} is administered from here"),
                format!(
                    "{DOCS}/organization.md#deploy; or the StackSet is in another region than {}",
                    centre.region
                ),
            )),
            Ok(Some(stack_set)) => Some(absent(centre, account, stack_set)),
        },
    }
}

/// Mode `organization-pack`: the function alone evaluates nothing.
fn without_pack(facts: &Facts, judged: &Judged) -> Option<Problem> {
    let stack_set = facts.stack_set.as_ref().ok().and_then(Option::as_ref);
    let brings_it = stack_set.is_none_or(|it| it.brings_the_rule);
    if brings_it || judged.organization_pack.is_some() || !judged.evaluations.is_empty() {
        return None;
    }
    let what = match facts.pack.as_ref().ok()? {
        None => "the function is there, but no organization pack that brings the rule",
        Some(pack) if pack.excluded_accounts.contains(&judged.account) => {
            "the organization's pack leaves it out, and no rule looks at it"
        }
        Some(_) => "the function is there, but the organization's pack has not come to it yet",
    };
    let mend = format!("deploy the pack, with it: {DOCS}/organization.md#deploy");
    Some(Problem::new(what, mend))
}

fn broken(centre: &Centre, account: &Account, instance: &Instance) -> Problem {
    let what = format!(
        "the StackSet's stack is {}{}",
        instance.word(),
        because(instance.reason.as_deref())
    );
    if instance.is_in_progress() {
        return Problem::new(what, "wait, and look again");
    }
    let unit = instance.unit.as_deref().unwrap_or("ou-...");
    let targets = targets(centre, account, unit);
    if instance.status == "INOPERABLE" {
        return Problem::new(
            what,
            format!(
                "`aws cloudformation delete-stack-instances {targets} --retain-stacks`, delete its \
             stack by hand, then `aws cloudformation create-stack-instances {targets}`"
            ),
        );
    }
    let recorder = match &instance.reason {
        Some(reason) if reason.contains("ConfigurationRecorder") => {
            format!(
                "switch on AWS Config's recorder there in {}, then ",
                centre.region
            )
        }
        _ => String::new(),
    };
    Problem::new(
        what,
        format!("{recorder}`aws cloudformation update-stack-instances {targets}`"),
    )
}

/// No stack: not yet, or never meant to be.
fn absent(centre: &Centre, account: &Account, stack_set: &StackSet) -> Problem {
    match stack_set.unit_of(account) {
        Some(unit) => Problem::new(
            "the StackSet has not come to it yet",
            format!(
                "`aws cloudformation create-stack-instances {targets}`",
                targets = targets(centre, account, unit)
            ),
        ),
        None => Problem::new(
            format!(
                "it is in none of the StackSet's units ({})",
                stack_set.units.join(", ")
            ),
            format!(
                "move it, or add its unit to `organizationalUnits`: {DOCS}/organization.md#deploy"
            ),
        ),
    }
}

fn targets(centre: &Centre, account: &Account, unit: &str) -> String {
    format!(
        "--stack-set-name {NAME} --call-as {} --deployment-targets \
         OrganizationalUnitIds={unit},Accounts={},AccountFilterType=INTERSECTION --regions {}",
        centre.call_as().as_str(),
        account.id,
        centre.region
    )
}

/// Rules that are there and say nothing, or nothing any more.
fn silent(facts: &Facts, judged: &Judged) -> Vec<Problem> {
    let mut problems = Vec::new();
    for evaluation in judged.evaluations.iter().filter(|it| it.stale) {
        let rule = &evaluation.rule;
        let since = match evaluation.recorded {
            Some(at) => format!("since {at} ({} ago)", age(facts, at.0)),
            None => "since nobody knows when".to_owned(),
        };
        problems.push(Problem::new(
            format!(
                "rule {rule} has been silent {since}, and is due every {} hours",
                evaluation.period_hours
            ),
            format!(
                "in that account `aws configservice start-config-rules-evaluation \
                 --config-rule-names {rule}`; {DOCS}/operations.md#silence"
            ),
        ));
    }
    problems
}

fn no_result(judged: &Judged) -> Problem {
    let what = match judged.rule.as_str() {
        "none" | "not seen" => "no rule has a result",
        _ if !judged.evaluations.is_empty() => "a rule is there, but no result has come",
        // Nobody sees from here what was deleted by hand since.
        _ => "the stack and the pack are in place as deployed, but no result has come",
    };
    let mend = format!(
        "in that account `aws configservice describe-config-rules`; {DOCS}/operations.md#silence"
    );
    Problem::new(what, mend)
}

fn because(reason: Option<&str>) -> String {
    reason.map_or_else(String::new, |reason| format!(": {reason}"))
}

/// How long ago, to what matters.
pub fn age(facts: &Facts, at: chrono::DateTime<chrono::Utc>) -> String {
    let age = facts.now - at;
    match age.num_minutes() {
        minutes @ ..60 => format!("{minutes} min"),
        _ if age.num_hours() < 48 => format!("{} h", age.num_hours()),
        _ => format!("{} days", age.num_days()),
    }
}
