//! What a rollout left undone is reported with AWS's reason and the command that
//! fixes it, whichever mode brings the rule.

use crate::rollout::{
    ALL, CLEAN, Change, KEY, MANAGEMENT, NAME, PACKS, PAYMENTS, Rollout, STACK_SETS, UNIT, WEB,
    pack_rule, shows,
};
use local_aws::{Operation, OrganizationPack, PackInstance, RULE_NAME, StackInstance};
use serde_json::json;

const OTHER: &str = "333333333333";

#[tokio::test]
async fn what_the_stack_set_left_undone_is_shown_with_the_command_that_fixes_it() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("an account joined", ALL, |it| it.join(OTHER, "new")),
        ("an account is outside the OUs", ALL, |it| {
            it.join(OTHER, "other");
            it.member(OTHER).unit = Some("ou-loca-elsewhere".to_owned());
        }),
        ("a recorder is missing", ALL, |it| {
            it.join(OTHER, "bare");
            let reason = "NoAvailableConfigurationRecorderException: no recorder";
            let mut failed = StackInstance::failed(OTHER, reason);
            UNIT.clone_into(&mut failed.unit);
            it.organization.stack_sets[0].instances.push(failed);
        }),
        // The old rule still evaluates.
        ("an update was canceled", ALL, |it| {
            it.set_stack(WEB, "OUTDATED", "CANCELLED");
        }),
        ("an update is running", ALL, |it| {
            it.set_stack(WEB, "OUTDATED", "RUNNING");
        }),
        ("a stack is inoperable", ALL, |it| {
            it.set_stack(WEB, "INOPERABLE", "INOPERABLE");
        }),
        // No StackSet reaches it.
        ("the management account has no rule", ALL, |it| {
            it.delete_rule(MANAGEMENT, RULE_NAME);
        }),
        // An old finding, too: nobody can act on it while AWS keeps the account closed.
        ("a suspended account needs no action", ALL, |it| {
            it.member(WEB).state = "SUSPENDED";
            it.set_stack(WEB, "OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT");
            it.report(WEB, KEY, 1);
        }),
        ("organizations does not list an account", ALL, |it| {
            let instance = StackInstance::current(OTHER);
            it.organization.stack_sets[0].instances.push(instance);
        }),
    ];
    shows("rollout", cases).await;
}

/// Mode `organization-pack`: the StackSet brings the function only.
fn into_pack_mode(rollout: &mut Rollout) {
    "{\"Resources\":{}}".clone_into(&mut rollout.organization.stack_sets[0].template_body);
    let mut pack = OrganizationPack::new(NAME, MANAGEMENT);
    let frequency = "MaximumExecutionFrequency".to_owned();
    pack.parameters = vec![(frequency, "One_Hour".to_owned())];
    pack.instances = [PAYMENTS, WEB].map(PackInstance::successful).to_vec();
    rollout.organization.packs = vec![pack];
}

/// The pack failed in an account, because it may not invoke the function.
fn pack_failed(rollout: &mut Rollout) {
    without_rule(rollout);
    let failed = PackInstance::failed(WEB, "InsufficientPermissions", "cannot be invoked");
    rollout.organization.packs[0].instances.push(failed);
}

/// The function is there and no rule.
fn without_rule(rollout: &mut Rollout) {
    into_pack_mode(rollout);
    rollout.delete_rule(WEB, &pack_rule(WEB));
    rollout.organization.packs[0].instances.truncate(1);
}

#[tokio::test]
async fn what_an_organization_pack_left_undone_is_shown() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("the pack is everywhere", ALL, into_pack_mode),
        ("an older result does not count", ALL, |it| {
            into_pack_mode(it);
            it.report(WEB, KEY, 5);
        }),
        // The pack's own period, not the StackSet's.
        ("a result is stale for the pack", ALL, |it| {
            it.reach(OTHER, "silent");
            into_pack_mode(it);
            let instances = &mut it.organization.packs[0].instances;
            instances.push(PackInstance::successful(OTHER));
            it.report(OTHER, CLEAN, 5);
        }),
        ("the pack failed in an account", ALL, pack_failed),
        // A pack fails where the function is not: the StackSet comes first.
        ("the stack and so the pack failed", ALL, |it| {
            pack_failed(it);
            it.set_stack(WEB, "OUTDATED", "FAILED");
        }),
        ("the stack is missing and so the pack failed", ALL, |it| {
            pack_failed(it);
            let instances = &mut it.organization.stack_sets[0].instances;
            instances.retain(|instance| instance.account != WEB);
        }),
        ("there is no pack", ALL, |it| {
            without_rule(it);
            it.organization.packs.clear();
        }),
        ("the pack excludes an account", ALL, |it| {
            without_rule(it);
            it.organization.packs[0].excluded_accounts = vec![WEB.to_owned()];
        }),
        ("the pack has not reached an account", ALL, without_rule),
    ];
    shows("rollout", cases).await;
}

#[tokio::test]
async fn a_delegated_administrator_of_another_service_learns_where_to_sign_in() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("nobody is registered for packs", ALL, |it| {
            into_pack_mode(it);
            it.ask_from(PAYMENTS, &[STACK_SETS]);
        }),
        ("another account is registered for stack sets", ALL, |it| {
            into_pack_mode(it);
            it.ask_from(PAYMENTS, &[PACKS]);
            it.organization.delegated.push((STACK_SETS, WEB.to_owned()));
        }),
    ];
    shows("rollout", cases).await;
}

/// A line break, a cursor movement, a paragraph separator, text from right to left.
fn external_text(rollout: &mut Rollout) {
    "web\n- all is well\u{1b}[2K\u{2029}\u{202e}x".clone_into(&mut rollout.member(WEB).name);
    rollout.set_stack(WEB, "OUTDATED", "FAILED");
    rollout.instance(WEB).reason = Some("first\nsecond".to_owned());
    rollout.organization.stack_sets[0].units = vec!["ou-loca-elsewhere".to_owned()];
    let why = ("AccessDenied".to_owned(), "first\nsecond".to_owned());
    rollout.organization.aggregators[0].failing = vec![(PAYMENTS.to_owned(), why.0, why.1)];
}

#[tokio::test]
async fn other_people_s_text_is_never_a_line_of_its_own() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("external text in status", ALL, external_text),
        ("external text in a preflight", &["--preflight"], |it| {
            external_text(it);
            let none = json!({ "GroupedResourceCounts": [] });
            it.responds(Operation::GetAggregateDiscoveredResourceCounts, &none);
            it.organization.stack_sets.clear();
        }),
    ];
    shows("rollout", cases).await;
}
