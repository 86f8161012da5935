//! `status` prints the truth for every account, and its exit code says whether
//! all is well. No account is compliant without a fresh result.

use crate::rollout::{
    ALL, CLEAN, Change, HOME, KEY, MANAGEMENT, PAYMENTS, Rollout, STACK_SETS, WEB, body, shows,
    template,
};
use crate::wire::Wire;
use local_aws::{Account, Operation, RULE_NAME};
use serde_json::json;

const OTHER: &str = "333333333333";

#[tokio::test]
async fn only_a_fresh_result_without_a_root_key_is_compliant() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("all is well", &[], |_| ()),
        ("a member has a root key", ALL, |it| it.report(WEB, KEY, 1)),
        ("the management account has a root key", ALL, |it| {
            it.evaluate(MANAGEMENT, RULE_NAME, KEY, 0);
        }),
        ("an account has no result", ALL, |it| {
            it.reach(OTHER, "new");
        }),
        ("a rule stopped reporting", ALL, |it| {
            it.reach(OTHER, "silent");
            it.report(OTHER, CLEAN, 9 * 24);
        }),
        ("a result is from the future", ALL, |it| {
            it.report(WEB, CLEAN, -4);
        }),
    ];
    shows("status", cases).await;
}

#[tokio::test]
async fn of_two_deployments_in_an_account_both_are_shown_and_the_worse_counts() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("both deployments are compliant", ALL, |it| {
            it.own_rule(WEB, HOME, CLEAN, 3);
        }),
        (
            "one of two deployments reports a root key",
            &["--all", "--details"],
            |it| it.own_rule(WEB, HOME, KEY, 2),
        ),
        // Without the table the details stand with the account that has a problem.
        ("details of an issue", &["--details"], |it| {
            it.own_rule(WEB, HOME, KEY, 2);
        }),
        ("one of two deployments stopped reporting", ALL, |it| {
            it.own_rule(WEB, HOME, CLEAN, 80);
        }),
    ];
    shows("status", cases).await;
}

#[tokio::test]
async fn whoever_may_not_read_the_organization_learns_who_may() {
    let cases: &[(&str, &[&str], Change)] = &[
        // Neither a policy nor a registration of this account is the way.
        ("an ordinary member asks", ALL, |it| {
            it.wire.operator = Account::new(PAYMENTS).credentials();
        }),
        ("an account in no organization asks", ALL, |it| {
            it.wire.operator = it.put_account(Account::new("777777777777"));
        }),
    ];
    shows("status", cases).await;
}

#[tokio::test]
async fn an_account_that_is_not_active_needs_no_rule_also_where_only_its_status_says_so() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("an account is being closed", ALL, |it| {
            it.join(OTHER, "old");
            it.member(OTHER).state = "PENDING_CLOSURE";
        }),
        ("an account has a status and no state", ALL, |it| {
            let account = |id: &str, status: &str| json!({ "Id": id, "Status": status });
            it.responds(
                Operation::ListAccounts,
                &json!({ "Accounts": [
                    account(MANAGEMENT, "ACTIVE"), account(PAYMENTS, "ACTIVE"),
                    account(WEB, "ACTIVE"), account(OTHER, "PENDING_CLOSURE"),
                ]}),
            );
        }),
    ];
    shows("status", cases).await;
}

#[tokio::test]
async fn a_result_that_is_older_than_the_period_of_its_rule_and_three_hours_is_stale() {
    for (frequency, hours, stale) in [
        ("TwentyFour_Hours", 26, false),
        ("TwentyFour_Hours", 28, true),
        ("One_Hour", 3, false),
        ("One_Hour", 5, true),
        ("Six_Hours", 8, false),
        ("Six_Hours", 10, true),
    ] {
        let mut rollout = Rollout::new().await;
        rollout.reach(WEB, "web");
        rollout.organization.stack_sets[0].template_body = template(frequency);
        rollout.report(WEB, CLEAN, hours);
        let ended = rollout.status(&[]).await;
        let (code, word) = if stale {
            (3, "stale")
        } else {
            (0, "COMPLIANT")
        };
        assert_eq!(ended.code, Some(code), "{frequency} {hours}: {ended:?}");
        ended.shows(&format!("\n222222222222  {word}"));
    }
}

#[tokio::test]
async fn a_delegated_administrator_sees_the_same() {
    let mut rollout = Rollout::of_two().await;
    let from_management = rollout.status(&[]).await;
    rollout.ask_from(PAYMENTS, &[STACK_SETS]);
    let ended = rollout.status(&[]).await;
    assert_eq!(body(&ended), body(&from_management));
    assert_eq!(ended.code, Some(0));
    let sent = Wire::sent(&rollout, Operation::ListStackInstances);
    let last = sent.last().unwrap();
    assert_eq!(last.parameters["CallAs"], "DELEGATED_ADMIN");
}
