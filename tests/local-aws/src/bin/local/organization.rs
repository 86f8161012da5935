//! An organization in the middle of a rollout, to try `root-keys status` and the fixes that it
//! prints. Each account has a different problem, and the function's real binary evaluates it.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use chrono::{DateTime, Duration, Utc};
use local_aws::{
    Account, Aggregator, ConfigRule, LocalAws, Member, NO_RECORDER, Organization, Outcome,
    RULE_NAME, StackInstance, StackSet, pack_rule,
};

use crate::{
    fleet::forgotten_key,
    function::{Binary, Function},
    serve::{Shutdown, endpoints},
};

/// The account from which the organization is managed.
const MANAGEMENT: &str = "123456789012";
/// A member that may administer StackSets and aggregators for it.
const SECURITY: &str = "999999999999";
/// A member whose root user has a key.
const WITH_KEY: &str = "222222222222";
/// A member that has the rule of its former account stack too.
const MOVING: &str = "333333333333";
const UNIT: &str = "ou-a1b2-c3d4e5f6";

/// The part of the members' template that the emulator and `root-keys` read.
pub const TEMPLATE: &str = r#"{"Resources":{"Pack":{"Type":"AWS::Config::ConformancePack","Properties":{"ConformancePackName":"root-access-key-rule-org","ConformancePackInputParameters":[{"ParameterName":"MaximumExecutionFrequency","ParameterValue":"TwentyFour_Hours"}]}}}}"#;
const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";

/// What the StackSet did in a member.
#[derive(PartialEq)]
enum Stack {
    Created,
    /// It failed, because the member has no recorder.
    NoRecorder,
    Suspended,
    /// Nothing: the member joined later.
    Missing,
}

/// A member: its id and name, what the StackSet did there, and how many hours ago the rule of its
/// pack was evaluated, if ever.
type Case = (&'static str, &'static str, Stack, Option<i64>);

const MEMBERS: [Case; 9] = [
    ("111111111111", "payments", Stack::Created, Some(3)),
    (WITH_KEY, "web", Stack::Created, Some(5)),
    (MOVING, "moving", Stack::Created, Some(2)),
    ("444444444444", "no-recorder", Stack::NoRecorder, None),
    ("555555555555", "fell-silent", Stack::Created, Some(9 * 24)),
    ("666666666666", "suspended", Stack::Suspended, None),
    ("777777777777", "joined-late", Stack::Missing, None),
    ("888888888888", "no-result", Stack::Created, None),
    (SECURITY, "security", Stack::Created, Some(7)),
];

/// Prints how to reach the emulator, and returns at Ctrl-C or SIGTERM.
pub async fn serve(aws: &LocalAws, binary: &Binary, out: &mut impl Write) -> io::Result<()> {
    let shutdown = Shutdown::listen()?;
    let now = aws.now();
    populate(aws);
    let mut functions = BTreeMap::new();
    for account in std::iter::once(MANAGEMENT).chain(MEMBERS.map(|(id, ..)| id)) {
        let function = Function::start(aws, binary, &Account::new(account)).await?;
        functions.insert(account, function);
    }
    evaluate(aws, &functions, now).await?;
    endpoints(aws, out)?;
    for (account, name, ..) in MEMBERS {
        let what = match account {
            SECURITY => "security, a delegated administrator",
            _ => name,
        };
        writeln!(out, "sign_in {account}                  # {what}")?;
    }
    writeln!(
        out,
        "\nAs the management account, see the rollout. Each command that it prints takes\n\
         effect here; run it again afterwards:\n\nroot-keys status"
    )?;
    let log = || functions.values().map(Function::log).collect();
    shutdown.wait(out, log).await
}

fn populate(aws: &LocalAws) {
    let mut stack_set = StackSet::new("root-access-key-rule-org", TEMPLATE);
    stack_set.units = vec![UNIT.to_owned()];
    let mut organization = Organization::new(MANAGEMENT);
    for (id, name, stack, _) in MEMBERS {
        let is_suspended = stack == Stack::Suspended;
        organization.members.push(Member {
            account: id.to_owned(),
            name: name.to_owned(),
            state: if is_suspended { "SUSPENDED" } else { "ACTIVE" },
            unit: Some(UNIT.to_owned()),
        });
        let mut account = Account::new(id);
        account.recorder = !is_suspended && stack != Stack::NoRecorder;
        if id == WITH_KEY {
            account.root_keys[0] = Some(forgotten_key(aws.now()));
        }
        aws.put_account(account);
        aws.delete_rule(id, RULE_NAME);
        if stack == Stack::Created {
            aws.put_rule(ConfigRule::new(id, &pack_rule(id)));
        }
        let instance = match stack {
            Stack::Created => StackInstance::current(id),
            Stack::NoRecorder => StackInstance::failed(id, NO_RECORDER),
            Stack::Suspended => StackInstance {
                detailed_status: "SKIPPED_SUSPENDED_ACCOUNT",
                ..StackInstance::failed(id, "Account is suspended")
            },
            Stack::Missing => continue,
        };
        let unit = UNIT.to_owned();
        stack_set.instances.push(StackInstance { unit, ..instance });
    }
    organization.stack_sets.push(stack_set);
    organization.trusted_services = vec![STACK_SETS, "config.amazonaws.com"];
    let services = &organization.trusted_services;
    organization.delegated = services
        .iter()
        .map(|it| (*it, SECURITY.to_owned()))
        .collect();
    for owner in [MANAGEMENT, SECURITY] {
        let aggregator = Aggregator::of_organization("organization", owner);
        organization.aggregators.push(aggregator);
    }
    aws.put_account(Account::new(MANAGEMENT));
    aws.put_organization(organization);
    aws.put_rule(ConfigRule::new(MOVING, RULE_NAME));
}

/// Evaluates each account as of some hours or days ago.
async fn evaluate(
    aws: &LocalAws,
    functions: &BTreeMap<&str, Function>,
    now: DateTime<Utc>,
) -> io::Result<()> {
    let of_packs = MEMBERS.into_iter();
    let of_packs = of_packs.filter_map(|(id, .., hours)| Some((id, pack_rule(id), hours?)));
    let of_stacks = [MOVING, MANAGEMENT].map(|id| (id, RULE_NAME.to_owned(), 4));
    for (account, rule, hours) in of_packs.chain(of_stacks) {
        aws.set_time(now - Duration::hours(hours));
        let event = aws.event_of(account, &rule).to_string();
        let arn = ConfigRule::new(account, &rule).function_arn();
        let outcome = functions[account].invoke(event, &arn).await;
        if !matches!(outcome, Outcome::Response(_)) {
            return Err(io::Error::other(format!(
                "account {account} could not be evaluated: {outcome:?}"
            )));
        }
    }
    aws.run_clock();
    Ok(())
}
