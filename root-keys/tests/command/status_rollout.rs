//! What a rollout left undone is reported with AWS's reason and the command that
//! fixes it, whichever mode brings the rule.

use crate::rollout::{
    CLEAN, KEY, MANAGEMENT, NAME, PACKS, PAYMENTS, Rollout, STACK_SETS, UNIT, WEB, is, pack_rule,
    rows, to_fix,
};
use crate::wire::unwrapped;
use local_aws::{Fault, Operation, OrganizationPack, PackInstance, RULE_NAME, StackInstance};

#[tokio::test]
async fn a_suspended_account_is_shown_and_needs_no_action() {
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
111111111111 | COMPLIANT | payments | StackSet | pack
222222222222 | not active: SUSPENDED | web | SKIPPED_SUSPENDED_ACCOUNT | pack
999999999999 | COMPLIANT | management | account | account
",
    );
}

#[tokio::test]
async fn an_account_that_joined_gets_the_command_that_brings_the_rule() {
    let mut rollout = Rollout::of_two().await;
    rollout.join("333333333333", "new");
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(3));
    assert!(rows(&ended).contains("333333333333 | no result | new | none | none\n"));
    assert_eq!(
        to_fix(&ended),
        format!(
            "1. The StackSet has no stack in the account (1 account) 333333333333 new Fix: if no \
             operation is in progress, create it: aws cloudformation create-stack-instances \
             --stack-set-name {NAME} --call-as SELF --regions us-east-1 --deployment-targets \
             OrganizationalUnitIds={UNIT},AccountFilterType=INTERSECTION,Accounts=333333333333"
        )
    );
}

#[tokio::test]
async fn an_account_outside_of_the_organizational_units_is_reported_as_that() {
    let mut rollout = Rollout::of_two().await;
    rollout.join("333333333333", "other");
    rollout.member("333333333333").unit = Some("ou-loca-elsewhere".to_owned());
    let said = to_fix(&rollout.status(&[]).await);
    let expected = "The account is in none of the StackSet's OUs (1 account) 333333333333 other \
                    Fix: move the account, or add its OU to `organizationalUnits` (now \
                    ou-loca-accounts)";
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
    assert!(rows(&ended).contains("333333333333 | no result | bare | FAILED | none\n"));
    assert_eq!(
        to_fix(&ended),
        format!(
            "1. AWS Config has no configuration recorder in the account (1 account) 333333333333 \
             bare: FAILED: NoAvailableConfigurationRecorderException: no recorder Fix: create a \
             configuration recorder in us-east-1 in the account (a stopped one is enough), then try again: aws cloudformation \
             update-stack-instances --stack-set-name {NAME} --call-as SELF --regions us-east-1 \
             --deployment-targets \
             OrganizationalUnitIds={UNIT},AccountFilterType=INTERSECTION,Accounts=333333333333"
        )
    );
}

#[tokio::test]
async fn an_update_that_failed_is_reported_although_the_old_rule_still_evaluates() {
    let mut rollout = Rollout::of_two().await;
    rollout.instance(WEB).status = "OUTDATED";
    rollout.instance(WEB).detailed_status = "CANCELLED";
    let ended = rollout.status(&[]).await;
    assert!(rows(&ended).contains("222222222222 | COMPLIANT | web | CANCELLED | pack\n"));
    assert_eq!(ended.code, Some(3));

    rollout.instance(WEB).detailed_status = "RUNNING";
    let said = to_fix(&rollout.status(&[]).await);
    assert_eq!(
        said,
        "1. An operation on the StackSet's stack is in progress (1 account) 222222222222 web: \
         RUNNING Fix: wait, then run this command again"
    );

    rollout.instance(WEB).status = "INOPERABLE";
    rollout.instance(WEB).detailed_status = "INOPERABLE";
    let said = to_fix(&rollout.status(&[]).await);
    assert!(
        said.contains("delete-stack-instances") && said.contains("--retain-stacks"),
        "{said}"
    );
}

#[tokio::test]
async fn the_management_account_without_the_rule_is_reported_because_no_stack_set_reaches_it() {
    let rollout = Rollout::of_two().await;
    rollout.delete_rule(MANAGEMENT, RULE_NAME);
    let ended = rollout.status(&[]).await;
    assert_eq!(
        to_fix(&ended),
        "1. No rule evaluates the management account, which StackSets never reach (1 account) \
         999999999999 management Fix: deploy the account stack with its own credentials: make \
         deploy docs/organization.md#the-management-account"
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
111111111111 | COMPLIANT | payments | StackSet | pack
222222222222 | COMPLIANT | web | StackSet | pack
999999999999 | COMPLIANT | management | account | account
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
    rollout.delete_rule(WEB, &pack_rule(WEB));
    rollout.organization.packs[0].instances[1] =
        PackInstance::failed(WEB, "InsufficientPermissions", "cannot be invoked");
    let ended = rollout.status(&[]).await;
    assert!(rows(&ended).contains("222222222222 | no result | web | StackSet | CREATE_FAILED\n"));
    let said = to_fix(&ended);
    let expected = "The organization conformance pack failed (1 account) 222222222222 web: \
                    CREATE_FAILED: InsufficientPermissions: cannot be invoked";
    assert!(said.contains(expected), "{said}");
    assert_eq!(ended.code, Some(3));
}

#[tokio::test]
async fn a_stack_that_failed_is_reported_before_the_pack_that_failed_because_of_it() {
    for there in [true, false] {
        let mut rollout = Rollout::of_two().await;
        into_pack_mode(&mut rollout);
        rollout.delete_rule(WEB, &pack_rule(WEB));
        rollout.organization.packs[0].instances[1] =
            PackInstance::failed(WEB, "InsufficientPermissions", "cannot be invoked");
        let mut stack = "The StackSet has no stack in the account";
        let mut command = "create-stack-instances";
        if there {
            rollout.instance(WEB).status = "OUTDATED";
            rollout.instance(WEB).detailed_status = "FAILED";
            (stack, command) = (
                "The StackSet's stack is not current",
                "update-stack-instances",
            );
        } else {
            let instances = &mut rollout.organization.stack_sets[0].instances;
            instances.retain(|instance| instance.account != WEB);
        }
        let ended = rollout.status(&[]).await;
        assert_eq!(ended.code, Some(3));
        let said = to_fix(&ended);
        let lines: Vec<_> = said.lines().collect();
        let [first, second] = lines[..] else {
            panic!("{said}")
        };
        assert!(first.contains(stack) && first.contains(command), "{said}");
        assert!(
            second.contains("The organization conformance pack failed"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn other_people_s_text_is_never_a_line_of_its_own() {
    let mut rollout = Rollout::of_two().await;
    // A line break, a cursor movement, a paragraph separator, text from right to left.
    "web\n- all is well\u{1b}[2K\u{2029}\u{202e}x".clone_into(&mut rollout.member(WEB).name);
    rollout.instance(WEB).status = "OUTDATED";
    rollout.instance(WEB).detailed_status = "FAILED";
    rollout.instance(WEB).reason = Some("first\nsecond".to_owned());
    rollout.organization.stack_sets[0].units = vec!["ou-loca-elsewhere".to_owned()];
    let ended = rollout.status(&[]).await;
    let line = "   222222222222  web - all is well [2K  x: FAILED: first second\n";
    assert!(ended.out.contains(line), "{}", ended.out);
    assert_eq!(ended.out.matches("all is well").count(), 2, "{}", ended.out);

    rollout.organization.aggregators[0].failing = vec![(
        PAYMENTS.to_owned(),
        "AccessDenied".to_owned(),
        "first\nsecond".to_owned(),
    )];
    let answer = Fault::json("{\"GroupedResourceCounts\":[]}");
    let operation = Operation::GetAggregateDiscoveredResourceCounts;
    rollout.fault_always(MANAGEMENT, operation, answer);
    rollout.organization.stack_sets.clear();
    let ended = rollout.status(&["--preflight"]).await;
    for line in [
        "\n   222222222222  web - all is well [2K  x",
        "\n   111111111111  payments: AccessDenied: first second\n",
    ] {
        assert!(ended.out.contains(line), "{}", ended.out);
    }
}

#[tokio::test]
async fn a_function_without_a_rule_is_reported() {
    for (excluded, there, expected) in [
        (
            false,
            false,
            "The account has the function but no organization conformance pack",
        ),
        (
            true,
            true,
            "The organization conformance pack excludes the account, and no rule evaluates it",
        ),
        (
            false,
            true,
            "The organization conformance pack has not reached the account",
        ),
    ] {
        let mut rollout = Rollout::of_two().await;
        into_pack_mode(&mut rollout);
        rollout.delete_rule(WEB, &pack_rule(WEB));
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
        let row = "222222222222 | no result | web | StackSet | none\n";
        assert!(rows(&ended).contains(row), "{}", ended.out);
        let said = to_fix(&ended);
        assert!(
            said.contains(&format!("1. {expected} (1 account) 222222222222 web")),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[tokio::test]
async fn a_delegated_administrator_of_another_service_learns_where_to_sign_in() {
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
            let said = unwrapped(&ended.out);
            assert!(said.contains(&advice), "{said}");
            assert!(!said.contains("register-delegated-administrator"), "{said}");
        }
    }
}

#[tokio::test]
async fn an_account_that_organizations_does_not_list_is_shown_and_not_dropped() {
    let mut rollout = Rollout::of_two().await;
    let instance = StackInstance::current("333333333333");
    rollout.organization.stack_sets[0].instances.push(instance);
    let ended = rollout.status(&[]).await;
    assert!(rows(&ended).contains("333333333333 | no result | ? | StackSet | pack\n"));
    assert!(to_fix(&ended).contains("AWS Organizations does not list the account"));
    assert_eq!(ended.code, Some(3));
}
