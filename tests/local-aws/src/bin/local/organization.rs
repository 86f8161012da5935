//! An organization in the middle of a rollout, for whoever wants to see what
//! `root-keys status` says: no function runs, and each account has another story.

use std::io::{self, Write};

use chrono::Duration;
use local_aws::{
    Account, Aggregator, ConfigRule, LocalAws, Organization, RULE_NAME, StackInstance, StackSet,
};

use crate::serve::{End, be, endpoints};

/// The account from which the organization is managed.
const MANAGEMENT: &str = "123456789012";
/// A member that may administer StackSets and aggregators for it.
const SECURITY: &str = "999999999999";
const UNIT: &str = "ou-loca-accounts";

/// The members' template as far as anything here reads it.
const TEMPLATE: &str = r#"{"Resources":{"Pack":{"Type":"AWS::Config::ConformancePack","Properties":{"ConformancePackName":"root-access-key-rule-org","ConformancePackInputParameters":[{"ParameterName":"MaximumExecutionFrequency","ParameterValue":"TwentyFour_Hours"}]}}}}"#;
const NO_RECORDER: &str = "ResourceLogicalId:Pack, ResourceType:AWS::Config::ConformancePack, \
    ResourceStatusReason:NoAvailableConfigurationRecorderException: Configuration Recorder is not \
    available to put config rule.";
const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";

const CLEAN: (&str, &str) = ("COMPLIANT", "The root user has no access keys.");
const KEY: (&str, &str) = (
    "NON_COMPLIANT",
    "The root user has access keys. Key 1: active, created or last changed 2020-03-02 (2190 days ago), no use on record since 2015-04-22.",
);

/// Prints how to talk to the stand-in, and returns at Ctrl-C or SIGTERM.
pub async fn serve(aws: &LocalAws, out: &mut impl Write) -> io::Result<()> {
    let end = End::expected()?;
    aws.run_clock();
    populate(aws);
    endpoints(aws, out)?;
    be(&Account::new(MANAGEMENT), "the management account", out)?;
    be(&Account::new(SECURITY), "a delegated administrator", out)?;
    be(&Account::new("111111111111"), "an ordinary member", out)?;
    writeln!(out, "\nSee the rollout:\n\ntarget/debug/root-keys status")?;
    end.wait(out).await
}

fn populate(aws: &LocalAws) {
    let mut stack_set = StackSet::new("root-access-key-rule-org", TEMPLATE);
    stack_set.units = vec![UNIT.to_owned()];
    let mut organization = Organization::new(MANAGEMENT);
    for (id, name) in [
        ("111111111111", "payments"),
        ("222222222222", "web"),
        ("333333333333", "moving"),
        ("444444444444", "no-recorder"),
        ("555555555555", "fell-silent"),
        ("666666666666", "suspended"),
        ("777777777777", "joined-late"),
        ("888888888888", "no-result"),
        (SECURITY, "security"),
    ] {
        organization = organization.with_member(id, name);
        let mut account = Account::new(id);
        account.recorder = !["444444444444", "666666666666"].contains(&id);
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
    evaluate(aws);
}

/// What the functions have reported, hours or days ago.
fn evaluate(aws: &LocalAws) {
    for (id, result, hours) in [
        ("111111111111", CLEAN, 3),
        ("222222222222", KEY, 5),
        ("333333333333", CLEAN, 2),
        ("555555555555", CLEAN, 9 * 24),
        (SECURITY, CLEAN, 7),
    ] {
        let at = aws.now() - Duration::hours(hours);
        aws.put_evaluation(id, &pack_rule(id), result, at);
    }
    aws.put_rule(ConfigRule::new("333333333333", RULE_NAME));
    for id in [MANAGEMENT, "333333333333"] {
        aws.put_evaluation(id, RULE_NAME, CLEAN, aws.now() - Duration::hours(4));
    }
}

/// As AWS Config names a rule that a conformance pack brought.
fn pack_rule(account: &str) -> String {
    format!("{RULE_NAME}-conformance-pack-{}", &account[..9])
}
