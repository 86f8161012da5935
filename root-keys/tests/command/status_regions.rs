//! The wrong region is named with the right one, and no remedy would deploy the rule to
//! both.

use crate::rollout::{CLEAN, Change, KEY, MANAGEMENT, PAYMENTS, Rollout, WEB, pack_rule, shows};
use local_aws::{Aggregator, ConfigRule, RULE_NAME};

const OTHER: &str = "333333333333";

/// Nothing of the rule is in the account.
fn without_rules(rollout: &Rollout) {
    rollout.delete_rule(MANAGEMENT, RULE_NAME);
    for id in [PAYMENTS, WEB] {
        rollout.delete_rule(id, &pack_rule(id));
    }
}

/// No StackSet is administered from here, and nothing of the rule is in any account.
fn without_rollout(rollout: &mut Rollout) {
    without_rules(rollout);
    rollout.organization.stack_sets.clear();
}

#[tokio::test]
async fn the_wrong_region_is_named_with_the_right_one() {
    let cases: &[(&str, &[&str], Change)] = &[
        (
            "the stack set is administered from another region",
            &["--all"],
            |it| {
                it.region = "eu-west-1";
            },
        ),
        // Also where an aggregator of this region sees all regions.
        (
            "an aggregator here sees the other region",
            &["--all"],
            |it| {
                let mut here = Aggregator::of_organization("organization", MANAGEMENT);
                here.region = "eu-west-1".to_owned();
                it.organization.aggregators.push(here);
                it.region = "eu-west-1";
            },
        ),
        ("the stacks are in another region", &[], |it| {
            without_rules(it);
            for id in [PAYMENTS, WEB] {
                it.instance(id).region = "eu-central-1".to_owned();
            }
        }),
        // The StackSet is administered where this account cannot look.
        ("only results show the other region", &[], |it| {
            without_rollout(it);
            for id in [PAYMENTS, WEB] {
                let mut rule = ConfigRule::new(id, &pack_rule(id));
                rule.region = "eu-south-1".to_owned();
                it.put_rule(rule);
                it.report(id, CLEAN, 1);
            }
        }),
        ("only an account stack shows the other region", &[], |it| {
            without_rollout(it);
            it.own_rule(MANAGEMENT, "eu-west-1", KEY, 1);
        }),
    ];
    shows("regions", cases).await;
}

#[tokio::test]
async fn a_rollout_that_is_only_incomplete_is_not_called_the_wrong_region() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("the rule is nowhere", &[], without_rollout),
        ("no result yet but one in another region", &[], |it| {
            without_rules(it);
            it.put_rule(ConfigRule::new(WEB, &pack_rule(WEB)));
            it.own_rule(MANAGEMENT, "eu-west-1", CLEAN, 1);
        }),
        ("an account stack in another region", &[], |it| {
            it.join(OTHER, "elsewhere");
            it.own_rule(OTHER, "eu-west-1", CLEAN, 1);
        }),
        ("a stack in another region", &[], |it| {
            it.delete_rule(WEB, &pack_rule(WEB));
            it.instance(WEB).region = "eu-west-1".to_owned();
        }),
    ];
    shows("regions", cases).await;
}
