//! What a rollout left undone is told with AWS's reason and the command that
//! mends it, whichever mode brings the rule.

mod rollout;
mod wire;

use local_aws::{Fault, Operation, OrganizationPack, PackInstance, RULE_NAME, StackInstance};
use rollout::{
    CLEAN, KEY, MANAGEMENT, NAME, PACKS, PAYMENTS, Rollout, STACK_SETS, UNIT, WEB, is, pack_rule,
    to_mend,
};

#[tokio::test]
async fn a_suspended_account_is_shown_and_asks_for_nothing() {
    let mut rollout = Rollout::of_two().await;
    rollout.member(WEB).state = "SUSPENDED";
    *rollout.instance(WEB) = StackInstance {
        detailed_status: "SKIPPED_SUSPENDED_ACCOUNT",
        ..StackInstance::failed(WEB, "Account is suspended")
    };
    // An old finding, too: nobody can act on it while AWS keeps the account closed.
    rollout.evaluate(WEB, &pack_rule(WEB), KEY, 1);
    is(
        &rollout.status(&[]).await,
        0,
        "\
ACCOUNT       NAME        FUNCTION                   RULE     COMPLIANCE
111111111111  payments    StackSet                   pack     COMPLIANT
222222222222  web         SKIPPED_SUSPENDED_ACCOUNT  pack     not active: SUSPENDED
999999999999  management  account                    account  COMPLIANT

2 COMPLIANT, 1 not active
",
    );
}

#[tokio::test]
async fn an_account_that_joined_gets_the_command_that_brings_the_rule() {
    let mut rollout = Rollout::of_two().await;
    rollout.join("333333333333", "new");
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(3));
    assert!(
        ended
            .out
            .contains("333333333333  new         none      none     no result\n")
    );
    assert_eq!(
        to_mend(&ended),
        format!(
            "- 333333333333 (new): the StackSet has not come to it yet\n  `aws cloudformation \
             create-stack-instances --stack-set-name {NAME} --call-as SELF --deployment-targets \
             OrganizationalUnitIds={UNIT},Accounts=333333333333,AccountFilterType=INTERSECTION \
             --regions us-east-1`"
        )
    );
}

#[tokio::test]
async fn an_account_outside_of_the_units_is_told_as_that() {
    let mut rollout = Rollout::of_two().await;
    rollout.join("333333333333", "other");
    rollout.member("333333333333").unit = Some("ou-loca-elsewhere".to_owned());
    let said = to_mend(&rollout.status(&[]).await);
    let expected = "333333333333 (other): it is in none of the StackSet's units (ou-loca-accounts)";
    assert!(said.contains(expected), "{said}");
}

#[tokio::test]
async fn a_stack_that_failed_shows_aws_s_reason_and_the_command_that_tries_again() {
    let mut rollout = Rollout::of_two().await;
    let reason = "NoAvailableConfigurationRecorderException: no recorder";
    rollout.join("333333333333", "bare");
    let instance = StackInstance {
        unit: UNIT.to_owned(),
        ..StackInstance::failed("333333333333", reason)
    };
    rollout.organization.stack_sets[0].instances.push(instance);
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(3));
    assert!(
        ended
            .out
            .contains("333333333333  bare        FAILED    none     no result\n")
    );
    assert_eq!(
        to_mend(&ended),
        format!(
            "- 333333333333 (bare): the StackSet's stack is FAILED: \
             NoAvailableConfigurationRecorderException: no recorder\n  switch on AWS Config's \
             recorder there in us-east-1, then `aws cloudformation update-stack-instances \
             --stack-set-name {NAME} --call-as SELF --deployment-targets \
             OrganizationalUnitIds={UNIT},Accounts=333333333333,AccountFilterType=INTERSECTION \
             --regions us-east-1`"
        )
    );
}

#[tokio::test]
async fn an_update_that_failed_is_told_though_the_old_rule_still_evaluates() {
    let mut rollout = Rollout::of_two().await;
    rollout.instance(WEB).status = "OUTDATED";
    rollout.instance(WEB).detailed_status = "CANCELLED";
    let ended = rollout.status(&[]).await;
    assert!(
        ended
            .out
            .contains("222222222222  web         CANCELLED  pack     COMPLIANT\n")
    );
    assert_eq!(ended.code, Some(3));

    rollout.instance(WEB).detailed_status = "RUNNING";
    let said = to_mend(&rollout.status(&[]).await);
    assert_eq!(
        said,
        "- 222222222222 (web): the StackSet's stack is RUNNING\n  wait, and look again"
    );

    rollout.instance(WEB).status = "INOPERABLE";
    rollout.instance(WEB).detailed_status = "INOPERABLE";
    let said = to_mend(&rollout.status(&[]).await);
    assert!(
        said.contains("delete-stack-instances") && said.contains("--retain-stacks"),
        "{said}"
    );
}

#[tokio::test]
async fn the_management_account_without_the_rule_is_told_that_no_stack_set_reaches_it() {
    let rollout = Rollout::of_two().await;
    rollout.wire.aws.delete_rule(MANAGEMENT, RULE_NAME);
    let ended = rollout.status(&[]).await;
    assert_eq!(
        to_mend(&ended),
        "- 999999999999 (management): StackSets never reach the management account, and no rule \
         looks at it\n  with its own credentials `make deploy`: \
         https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs/organization.md#the-management-account"
    );
    assert_eq!(ended.code, Some(3));
}

/// Mode `organization-pack`: the StackSet brings the function only.
fn into_pack_mode(rollout: &mut Rollout) {
    "{\"Resources\":{}}".clone_into(&mut rollout.organization.stack_sets[0].template_body);
    let mut pack = OrganizationPack::new(NAME, MANAGEMENT);
    pack.parameters = vec![(
        "MaximumExecutionFrequency".to_owned(),
        "One_Hour".to_owned(),
    )];
    pack.instances = vec![
        PackInstance::successful(PAYMENTS),
        PackInstance::successful(WEB),
    ];
    rollout.organization.packs = vec![pack];
}

#[tokio::test]
async fn an_organization_pack_is_read_where_the_stack_set_brings_no_rule() {
    let mut rollout = Rollout::of_two().await;
    into_pack_mode(&mut rollout);
    is(
        &rollout.status(&[]).await,
        0,
        "\
ACCOUNT       NAME        FUNCTION  RULE     COMPLIANCE
111111111111  payments    StackSet  pack     COMPLIANT
222222222222  web         StackSet  pack     COMPLIANT
999999999999  management  account   account  COMPLIANT

3 COMPLIANT
",
    );
    // The pack's own period is what makes a result stale.
    rollout.evaluate(WEB, &pack_rule(WEB), CLEAN, 0);
    rollout.evaluate(PAYMENTS, &pack_rule(PAYMENTS), CLEAN, 0);
    assert_eq!(rollout.status(&[]).await.code, Some(0));
    let mut older = Rollout::of_two().await;
    into_pack_mode(&mut older);
    older.evaluate(WEB, &pack_rule(WEB), KEY, 5);
    let ended = older.status(&[]).await;
    assert_eq!(
        ended.code,
        Some(0),
        "an older result than the last does not count"
    );
}

#[tokio::test]
async fn a_pack_that_failed_in_an_account_shows_aws_s_code_and_message() {
    let mut rollout = Rollout::of_two().await;
    into_pack_mode(&mut rollout);
    rollout.wire.aws.delete_rule(WEB, &pack_rule(WEB));
    rollout.organization.packs[0].instances[1] =
        PackInstance::failed(WEB, "InsufficientPermissions", "cannot be invoked");
    let ended = rollout.status(&[]).await;
    assert!(
        ended
            .out
            .contains("222222222222  web         StackSet  CREATE_FAILED  no result\n")
    );
    let said = to_mend(&ended);
    let expected = "222222222222 (web): the organization's pack is CREATE_FAILED: \
                    InsufficientPermissions: cannot be invoked";
    assert!(said.contains(expected), "{said}");
    assert_eq!(ended.code, Some(3));
}

#[tokio::test]
async fn a_stack_that_failed_is_told_before_the_pack_that_failed_for_want_of_it() {
    for there in [true, false] {
        let mut rollout = Rollout::of_two().await;
        into_pack_mode(&mut rollout);
        rollout.wire.aws.delete_rule(WEB, &pack_rule(WEB));
        rollout.organization.packs[0].instances[1] =
            PackInstance::failed(WEB, "InsufficientPermissions", "cannot be invoked");
        let mut stack = "the StackSet has not come to it yet";
        let mut command = "create-stack-instances";
        if there {
            rollout.instance(WEB).status = "OUTDATED";
            rollout.instance(WEB).detailed_status = "FAILED";
            (stack, command) = ("the StackSet's stack is FAILED", "update-stack-instances");
        } else {
            let instances = &mut rollout.organization.stack_sets[0].instances;
            instances.retain(|instance| instance.account != WEB);
        }
        let ended = rollout.status(&[]).await;
        assert_eq!(ended.code, Some(3));
        let said = to_mend(&ended);
        let lines: Vec<_> = said.lines().collect();
        let [first, mend, second, _] = lines[..] else {
            panic!("{said}")
        };
        assert!(
            first.contains(&format!("222222222222 (web): {stack}")),
            "{said}"
        );
        assert!(mend.contains(command), "{said}");
        assert!(
            second.contains("the organization's pack is CREATE_FAILED"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn other_people_s_text_is_never_a_line_of_its_own() {
    let mut rollout = Rollout::of_two().await;
    "web\n- 111111111111 (x): all is well\u{1b}[2K".clone_into(&mut rollout.member(WEB).name);
    rollout.instance(WEB).status = "OUTDATED";
    rollout.instance(WEB).detailed_status = "FAILED";
    rollout.instance(WEB).reason = Some("first\nsecond".to_owned());
    rollout.organization.stack_sets[0].units = vec!["ou-loca-elsewhere".to_owned()];
    let said = to_mend(&rollout.status(&[]).await);
    let first = said.lines().next().unwrap();
    let expected = "- 222222222222 (web - 111111111111 (x): all is well [2K): the StackSet's stack \
                    is FAILED: first second";
    assert_eq!(first, expected, "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");

    rollout.organization.aggregators[0].failing = vec![(
        PAYMENTS.to_owned(),
        "AccessDenied".to_owned(),
        "first\nsecond".to_owned(),
    )];
    let answer = Fault::json("{\"GroupedResourceCounts\":[]}");
    let operation = Operation::GetAggregateDiscoveredResourceCounts;
    rollout.wire.aws.fault_always(MANAGEMENT, operation, answer);
    rollout.organization.stack_sets.clear();
    let ended = rollout.status(&["--preflight"]).await;
    for line in [
        "\n- 222222222222 (web - 111111111111 (x): all is well [2K): AWS Config has recorded",
        "\n- whether account 111111111111 (payments) has a recorder cannot be seen: AccessDenied: \
         first second; ",
    ] {
        assert!(ended.out.contains(line), "{}", ended.out);
    }
}

#[tokio::test]
async fn a_function_that_no_pack_gives_a_rule_is_told() {
    for (excluded, there, expected) in [
        (
            false,
            false,
            "the function is there, but no organization pack that brings the rule",
        ),
        (
            true,
            true,
            "the organization's pack leaves it out, and no rule looks at it",
        ),
        (
            false,
            true,
            "the function is there, but the organization's pack has not come to it yet",
        ),
    ] {
        let mut rollout = Rollout::of_two().await;
        into_pack_mode(&mut rollout);
        rollout.wire.aws.delete_rule(WEB, &pack_rule(WEB));
        let pack = &mut rollout.organization.packs[0];
        pack.instances.truncate(1);
        if excluded {
            pack.excluded_accounts = vec![WEB.to_owned()];
        }
        if !there {
            rollout.organization.packs.clear();
        }
        let ended = rollout.status(&[]).await;
        assert_eq!(ended.code, Some(3));
        let row = "222222222222  web         StackSet  none     no result\n";
        assert!(ended.out.contains(row), "{}", ended.out);
        let said = to_mend(&ended);
        assert!(
            said.contains(&format!("222222222222 (web): {expected}")),
            "{said}"
        );
        assert_eq!(said.lines().count(), 2, "{said}");
    }
}

#[tokio::test]
async fn a_delegated_administrator_of_another_service_is_told_where_to_sign_in() {
    for (registered, missing) in [(STACK_SETS, PACKS), (PACKS, STACK_SETS)] {
        for administrator in [None, Some(WEB)] {
            let mut rollout = Rollout::of_two().await;
            into_pack_mode(&mut rollout);
            rollout.ask_from(PAYMENTS, &[registered]);
            let other = administrator.map(|id| (missing, id.to_owned()));
            rollout.organization.delegated.extend(other);
            let ended = rollout.status(&[]).await;
            assert_eq!(ended.code, Some(1));
            let advice = match administrator {
                None => format!(
                    "sign in to the management account 999999999999 (no account is a delegated \
                     administrator for {missing})"
                ),
                Some(id) => format!(
                    "sign in to the management account 999999999999, or to {id}, delegated \
                     administrator for {missing}"
                ),
            };
            assert!(ended.out.contains(&advice), "{}", ended.out);
            assert!(
                !ended.out.contains("register-delegated-administrator"),
                "{}",
                ended.out
            );
        }
    }
}

#[tokio::test]
async fn without_a_stack_set_the_region_is_named() {
    let rollout = Rollout::of_two().await;
    let ended = rollout.status_in("eu-west-1", &[]).await;
    // The aggregator is in another region too, so nothing can be seen at all.
    assert_eq!(ended.code, Some(1));
    let said = to_mend(&ended);
    assert!(
        said.contains("has in eu-west-1 no aggregator that collects from eu-west-1"),
        "{said}"
    );
    assert!(
        said.contains("the StackSet is in another region than eu-west-1"),
        "{said}"
    );
}

#[tokio::test]
async fn an_account_that_organizations_does_not_list_is_shown_and_not_dropped() {
    let mut rollout = Rollout::of_two().await;
    let instance = StackInstance::current("333333333333");
    rollout.organization.stack_sets[0].instances.push(instance);
    let ended = rollout.status(&[]).await;
    assert!(
        ended
            .out
            .contains("333333333333  ?           StackSet  pack     no result\n")
    );
    assert!(to_mend(&ended).contains("AWS Organizations did not list it"));
    assert_eq!(ended.code, Some(3));
}
