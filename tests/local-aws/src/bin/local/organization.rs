//! An organization in the middle of a rollout, for whoever wants to see what
//! `root-keys status` says and to fix it: each account has another story, and
//! its function's real binary evaluates it.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use chrono::{DateTime, Duration, Utc};
use local_aws::{
    Account, Aggregator, ConfigRule, LocalAws, Organization, Outcome, RULE_NAME, StackInstance,
    StackSet, pack_rule,
};

use crate::{
    fleet::forgotten_key,
    function::{Binary, Function},
    serve::{End, endpoints},
};

/// The account from which the organization is managed.
const MANAGEMENT: &str = "123456789012";
/// A member that may administer StackSets and aggregators for it.
const SECURITY: &str = "999999999999";
const UNIT: &str = "ou-a1b2-c3d4e5f6";

/// The members' template as far as anything here reads it.
const TEMPLATE: &str = r#"{"Resources":{"Pack":{"Type":"AWS::Config::ConformancePack","Properties":{"ConformancePackName":"root-access-key-rule-org","ConformancePackInputParameters":[{"ParameterName":"MaximumExecutionFrequency","ParameterValue":"TwentyFour_Hours"}]}}}}"#;
const NO_RECORDER: &str = "ResourceLogicalId:Pack, ResourceType:AWS::Config::ConformancePack, \
    ResourceStatusReason:NoAvailableConfigurationRecorderException: Configuration Recorder is not \
    available to put config rule.";
const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";

/// The members, by what is wrong with them.
const MEMBERS: [(&str, &str); 9] = [
    ("111111111111", "payments"),
    ("222222222222", "web"),
    ("333333333333", "moving"),
    ("444444444444", "no-recorder"),
    ("555555555555", "fell-silent"),
    ("666666666666", "suspended"),
    ("777777777777", "joined-late"),
    ("888888888888", "no-result"),
    (SECURITY, "security"),
];

/// Prints how to talk to the emulator, and returns at Ctrl-C or SIGTERM.
pub async fn serve(aws: &LocalAws, binary: &Binary, out: &mut impl Write) -> io::Result<()> {
    let end = End::expected()?;
    let now = aws.now();
    populate(aws);
    let mut functions = BTreeMap::new();
    for account in std::iter::once(MANAGEMENT).chain(MEMBERS.map(|(id, _)| id)) {
        let function = Function::start(aws, binary, &Account::new(account)).await?;
        functions.insert(account, function);
    }
    evaluate(aws, &functions, now).await?;
    endpoints(aws, out)?;
    for (account, name) in MEMBERS {
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
    end.wait(out, log).await
}

fn populate(aws: &LocalAws) {
    let mut stack_set = StackSet::new("root-access-key-rule-org", TEMPLATE);
    stack_set.units = vec![UNIT.to_owned()];
    let mut organization = Organization::new(MANAGEMENT);
    for (id, name) in MEMBERS {
        organization = organization.with_member(id, name);
        let mut account = Account::new(id);
        account.recorder = !["444444444444", "666666666666"].contains(&id);
        if id == "222222222222" {
            account.root_keys[0] = Some(forgotten_key(aws.now()));
        }
        aws.put_account(account);
        aws.delete_rule(id, RULE_NAME);
        match id {
            "444444444444" => stack_set
                .instances
                .push(StackInstance::failed(id, NO_RECORDER)),
            "666666666666" => stack_set.instances.push(StackInstance {
                detailed_status: "SKIPPED_SUSPENDED_ACCOUNT",
                ..StackInstance::failed(id, "Account is suspended")
            }),
            "777777777777" => {}
            _ => {
                stack_set.instances.push(StackInstance::current(id));
                aws.put_rule(ConfigRule::new(id, &pack_rule(id)));
            }
        }
    }
    for instance in &mut stack_set.instances {
        UNIT.clone_into(&mut instance.unit);
    }
    for member in &mut organization.members {
        member.unit = Some(UNIT.to_owned());
        if member.account == "666666666666" {
            member.state = "SUSPENDED";
        }
    }
    organization.stack_sets.push(stack_set);
    organization.trusted_services = vec![STACK_SETS, "config.amazonaws.com"];
    organization.delegated = vec![
        (STACK_SETS, SECURITY.to_owned()),
        ("config.amazonaws.com", SECURITY.to_owned()),
    ];
    for owner in [MANAGEMENT, SECURITY] {
        let aggregator = Aggregator::of_organization("organization", owner);
        organization.aggregators.push(aggregator);
    }
    aws.put_account(Account::new(MANAGEMENT));
    aws.put_organization(organization);
    aws.put_rule(ConfigRule::new("333333333333", RULE_NAME));
}

/// What the functions have reported, hours or days ago.
async fn evaluate(
    aws: &LocalAws,
    functions: &BTreeMap<&str, Function>,
    now: DateTime<Utc>,
) -> io::Result<()> {
    for (account, is_pack, hours) in [
        ("111111111111", true, 3),
        ("222222222222", true, 5),
        ("333333333333", true, 2),
        ("333333333333", false, 4),
        ("555555555555", true, 9 * 24),
        (SECURITY, true, 7),
        (MANAGEMENT, false, 4),
    ] {
        aws.set_time(now - Duration::hours(hours));
        let rule = if is_pack {
            pack_rule(account)
        } else {
            RULE_NAME.to_owned()
        };
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
