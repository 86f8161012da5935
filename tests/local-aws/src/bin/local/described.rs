//! An organization that a file describes, for tests of other programs than `root-keys`.

use std::{collections::BTreeMap, fs, io, path::Path};

use chrono::{DateTime, Duration, Utc};
use local_aws::{
    Account, Aggregator, ConfigRule, Fault, LocalAws, Member, Operation, Organization, RULE_NAME,
    StackInstance, StackSet, pack_rule,
};
use serde::Deserialize;

use crate::{organization::TEMPLATE, serve::Shutdown};

const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";
const CONFIG: &str = "config.amazonaws.com";
const NAME: &str = "root-access-key-rule-org";

/// The file, in JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Description {
    management_account: String,
    /// The delegated administrator, one of the members.
    administrator: String,
    /// The organizational units (`ou-…`) inside others, each with its parent.
    #[serde(default)]
    nested_units: BTreeMap<String, String>,
    /// The organizational units that the StackSet deploys to.
    units: Vec<String>,
    members: Vec<Described>,
    /// The result of the management account's own rule.
    management_result: Option<StoredResult>,
    /// The operations that are denied to the administrator, for example `ListStackInstances`.
    #[serde(default)]
    denied: Vec<String>,
}

/// A member account.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Described {
    /// 12 digits.
    id: String,
    name: String,
    /// `None` for the root itself.
    unit: Option<String>,
    #[serde(default)]
    suspended: bool,
    /// `None` if AWS Config has none.
    result: Option<StoredResult>,
    /// `None` if the StackSet has no instance there.
    stack: Option<Stack>,
}

/// The newest result of a rule.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StoredResult {
    compliance: String,
    annotation: String,
    hours_ago: i64,
}

/// A stack instance.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stack {
    status: String,
    detailed_status: String,
    reason: Option<String>,
}

/// Prints the endpoints as a JSON object on one line, and returns at Ctrl-C or SIGTERM.
pub async fn serve(aws: &LocalAws, file: &Path, out: &mut impl io::Write) -> io::Result<()> {
    let shutdown = Shutdown::listen()?;
    let description = read(file)?;
    populate(aws, &description);
    let denied = operations(&description.denied)?;
    for operation in denied {
        aws.fault_always(&description.administrator, operation, Fault::Denied);
    }
    let endpoints: BTreeMap<_, _> = aws.endpoints().into_iter().collect();
    writeln!(out, "{}", serde_json::to_string(&endpoints)?)?;
    shutdown.wait(out, String::new).await
}

fn read(file: &Path) -> io::Result<Description> {
    let named = |error: io::Error| io::Error::other(format!("{}: {error}", file.display()));
    let bytes = fs::read(file).map_err(named)?;
    serde_json::from_slice(&bytes).map_err(|error| named(error.into()))
}

fn operations(names: &[String]) -> io::Result<Vec<Operation>> {
    let operation = |name: &String| {
        let found = Operation::ALL.iter().find(|it| format!("{it:?}") == *name);
        found
            .copied()
            .ok_or_else(|| io::Error::other(format!("there is no operation {name}")))
    };
    names.iter().map(operation).collect()
}

fn populate(aws: &LocalAws, description: &Description) {
    let now = aws.now();
    let mut organization = Organization::new(&description.management_account);
    let mut stack_set = StackSet::new(NAME, TEMPLATE);
    stack_set.units.clone_from(&description.units);
    for member in &description.members {
        organization.members.push(Member {
            account: member.id.clone(),
            name: member.name.clone(),
            state: if member.suspended {
                "SUSPENDED"
            } else {
                "ACTIVE"
            },
            unit: member.unit.clone(),
        });
        stack_set.instances.extend(instance(member, description));
        aws.put_account(Account::new(&member.id));
        aws.delete_rule(&member.id, RULE_NAME);
        if let Some(result) = &member.result {
            let rule = pack_rule(&member.id);
            aws.put_rule(ConfigRule::new(&member.id, &rule));
            store(aws, &member.id, &rule, result, now);
        }
    }
    organization.stack_sets.push(stack_set);
    organization.nested_units = description.nested_units.clone().into_iter().collect();
    organization.trusted_services = vec![STACK_SETS, CONFIG];
    let services = organization.trusted_services.iter();
    organization.delegated = services
        .map(|it| (*it, description.administrator.clone()))
        .collect();
    let aggregator = Aggregator::of_organization("organization", &description.administrator);
    organization.aggregators.push(aggregator);
    let management = &description.management_account;
    aws.put_account(Account::new(management));
    match &description.management_result {
        Some(result) => store(aws, management, RULE_NAME, result, now),
        None => aws.delete_rule(management, RULE_NAME),
    }
    aws.put_organization(organization);
}

fn instance(member: &Described, description: &Description) -> Option<StackInstance> {
    let stack = member.stack.as_ref()?;
    Some(StackInstance {
        unit: target(member.unit.clone(), description).unwrap_or_default(),
        // The few states of a test's accounts live as long as the emulator.
        status: stack.status.clone().leak(),
        detailed_status: stack.detailed_status.clone().leak(),
        reason: stack.reason.clone(),
        ..StackInstance::current(&member.id)
    })
}

/// The organizational unit, or the nearest one around it, that the StackSet deploys to.
fn target(unit: Option<String>, description: &Description) -> Option<String> {
    let unit = unit?;
    if description.units.contains(&unit) {
        return Some(unit);
    }
    target(description.nested_units.get(&unit).cloned(), description)
}

fn store(aws: &LocalAws, account: &str, rule: &str, result: &StoredResult, now: DateTime<Utc>) {
    let at = now - Duration::hours(result.hours_ago);
    let verdict = (result.compliance.as_str(), result.annotation.as_str());
    aws.put_evaluation(account, rule, verdict, at);
}
