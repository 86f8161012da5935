//! `status` prints the truth for every account, and its exit code says whether
//! all is well. No account is compliant without a fresh result.

mod rollout;
mod wire;

use local_aws::{Account, ConfigRule, Operation, RULE_NAME};
use rollout::{
    CLEAN, KEY, MANAGEMENT, PAYMENTS, Rollout, STACK_SETS, WEB, body, is, pack_rule, template,
    timeless, to_mend,
};

#[tokio::test]
async fn everything_there_fresh_and_compliant_is_exit_code_0() {
    let ended = Rollout::of_two().await.status(&[]).await;
    let head = "Organization o-localaws01, 3 accounts, in us-east-1 at TIME, as \
                arn:aws:sts::999999999999:assumed-role/root-access-key-rule/root-access-key-rule\n\n";
    assert!(timeless(&ended.out).starts_with(head), "{}", ended.out);
    is(
        &ended,
        0,
        "\
ACCOUNT       NAME        FUNCTION  RULE     COMPLIANCE
111111111111  payments    StackSet  pack     COMPLIANT
222222222222  web         StackSet  pack     COMPLIANT
999999999999  management  account   account  COMPLIANT

3 COMPLIANT
",
    );
}

#[tokio::test]
async fn an_account_with_a_root_key_is_exit_code_2_and_says_what_to_do() {
    let rollout = Rollout::of_two().await;
    rollout.evaluate(WEB, &pack_rule(WEB), KEY, 1);
    is(
        &rollout.status(&[]).await,
        2,
        "\
ACCOUNT       NAME        FUNCTION  RULE     COMPLIANCE
111111111111  payments    StackSet  pack     COMPLIANT
222222222222  web         StackSet  pack     NON_COMPLIANT
999999999999  management  account   account  COMPLIANT

To mend:
- 222222222222 (web): its root user has access keys
  `root-keys list --account 222222222222`

2 COMPLIANT, 1 NON_COMPLIANT
",
    );
}

#[tokio::test]
async fn a_root_key_of_the_management_account_is_mended_by_signing_in() {
    let rollout = Rollout::of_two().await;
    rollout.evaluate(MANAGEMENT, RULE_NAME, KEY, 0);
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(2));
    let said = to_mend(&ended);
    assert!(
        said.contains("remediation.md#the-management-account"),
        "{said}"
    );
}

#[tokio::test]
async fn an_account_without_a_result_is_not_compliant() {
    let mut rollout = Rollout::new().await;
    rollout.reach(WEB, "web");
    is(
        &rollout.status(&[]).await,
        3,
        "\
ACCOUNT       NAME        FUNCTION  RULE     COMPLIANCE
222222222222  web         StackSet  pack     no result
999999999999  management  account   account  COMPLIANT

To mend:
- 222222222222 (web): the stack and the pack are in place as deployed, but no result has come
  in that account `aws configservice describe-config-rules`; https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs/operations.md#silence

1 COMPLIANT, 1 no result
",
    );
}

#[tokio::test]
async fn a_result_that_is_too_old_for_its_rule_is_stale() {
    // Frequency, hours, stale: the period and three hours more.
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
        rollout.evaluate(WEB, &pack_rule(WEB), CLEAN, hours);
        let ended = rollout.status(&[]).await;
        let expected = if stale {
            (Some(3), "stale")
        } else {
            (Some(0), "COMPLIANT")
        };
        let row = ended
            .out
            .lines()
            .find(|line| line.starts_with(WEB))
            .unwrap();
        let word = row.rsplit(' ').next().unwrap();
        assert_eq!(
            (ended.code, word),
            expected,
            "{frequency} {hours}: {}",
            ended.out
        );
    }
}

#[tokio::test]
async fn a_stale_account_is_told_with_its_rule_and_age() {
    let mut rollout = Rollout::of_two().await;
    rollout.reach("333333333333", "silent");
    rollout.evaluate("333333333333", &pack_rule("333333333333"), CLEAN, 9 * 24);
    let ended = rollout.status(&[]).await;
    assert_eq!(
        to_mend(&ended),
        "- 333333333333 (silent): rule root-access-key-rule-conformance-pack-333333333 has been \
         silent since TIME (9 days ago), and is due every 24 hours\n  in that account `aws \
         configservice start-config-rules-evaluation --config-rule-names \
         root-access-key-rule-conformance-pack-333333333`; \
         https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs/operations.md#silence"
    );
    assert_eq!(ended.code, Some(3));
}

#[tokio::test]
async fn a_result_from_the_future_does_not_stay_fresh_for_ever() {
    let rollout = Rollout::of_two().await;
    rollout.evaluate(WEB, &pack_rule(WEB), CLEAN, -4);
    assert_eq!(rollout.status(&[]).await.code, Some(3));
}

#[tokio::test]
async fn an_account_with_both_deployments_shows_both_and_the_worse_counts() {
    let rollout = Rollout::of_two().await;
    rollout.wire.aws.put_rule(ConfigRule::new(WEB, RULE_NAME));
    rollout.evaluate(WEB, RULE_NAME, CLEAN, 3);
    let row = "222222222222  web         StackSet + account  pack + account  COMPLIANT\n";
    let ended = rollout.status(&[]).await;
    assert!(ended.out.contains(row), "{}", ended.out);
    assert_eq!(ended.code, Some(0));

    rollout.evaluate(WEB, RULE_NAME, KEY, 2);
    let ended = rollout.status(&["--details"]).await;
    is(
        &ended,
        2,
        "\
ACCOUNT       NAME        FUNCTION            RULE            COMPLIANCE
111111111111  payments    StackSet            pack            COMPLIANT
  root-access-key-rule-conformance-pack-111111111: COMPLIANT (TIME, 2 h ago): The root user has no access keys.
222222222222  web         StackSet + account  pack + account  NON_COMPLIANT
  root-access-key-rule: NON_COMPLIANT (TIME, 2 h ago): The root user has access keys.
  root-access-key-rule-conformance-pack-222222222: COMPLIANT (TIME, 2 h ago): The root user has no access keys.
999999999999  management  account             account         COMPLIANT
  root-access-key-rule: COMPLIANT (TIME, 1 h ago): The root user has no access keys.

To mend:
- 222222222222 (web): its root user has access keys
  `root-keys list --account 222222222222`

2 COMPLIANT, 1 NON_COMPLIANT
",
    );
}

#[tokio::test]
async fn one_silent_rule_beside_a_fresh_one_is_told_though_the_account_is_compliant() {
    let rollout = Rollout::of_two().await;
    rollout.wire.aws.put_rule(ConfigRule::new(WEB, RULE_NAME));
    rollout.evaluate(WEB, RULE_NAME, CLEAN, 80);
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(3));
    assert!(ended.out.ends_with("\n3 COMPLIANT\n"), "{}", ended.out);
    assert!(to_mend(&ended).contains("rule root-access-key-rule has been silent since"));
}

#[tokio::test]
async fn a_delegated_administrator_sees_the_same() {
    let mut rollout = Rollout::of_two().await;
    let from_management = rollout.status(&[]).await;
    rollout.ask_from(PAYMENTS, &[STACK_SETS]);
    let ended = rollout.status(&[]).await;
    assert_eq!(body(&ended), body(&from_management));
    assert_eq!(ended.code, Some(0));
    let [.., last] = &rollout.sent(Operation::ListStackInstances)[..] else {
        panic!("none sent")
    };
    assert_eq!(last.parameters["CallAs"], "DELEGATED_ADMIN");
}

#[tokio::test]
async fn a_member_that_is_no_administrator_is_told_who_may_ask() {
    let rollout = Rollout::of_two().await;
    let operator = Account::new(PAYMENTS).credentials();
    let rollout = Rollout {
        wire: wire::Wire {
            operator,
            ..rollout.wire
        },
        ..rollout
    };
    let ended = rollout.status(&[]).await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    for words in [
        "only the management account 999999999999 and delegated administrators may ask",
        "sign in to the management account 999999999999, or to the delegated administrator for",
    ] {
        assert!(ended.err.contains(words), "{}", ended.err);
    }
    // Neither a policy nor a registration of this account is the way.
    for words in ["register-delegated-administrator", "status-policy"] {
        assert!(!ended.err.contains(words), "{}", ended.err);
    }
}

#[tokio::test]
async fn an_account_in_no_organization_is_told_so() {
    let rollout = Rollout::of_two().await;
    let operator = rollout.wire.aws.put_account(Account::new("777777777777"));
    let rollout = Rollout {
        wire: wire::Wire {
            operator,
            ..rollout.wire
        },
        ..rollout
    };
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(1));
    let words = "account 777777777777 is in no organization; `root-keys check` judges it alone";
    assert!(ended.err.contains(words), "{}", ended.err);
}

#[tokio::test]
async fn an_account_that_is_not_active_is_treated_alike_whatever_its_state() {
    for state in [
        "PENDING_ACTIVATION",
        "SUSPENDED",
        "PENDING_CLOSURE",
        "CLOSED",
    ] {
        let mut rollout = Rollout::new().await;
        rollout.join(WEB, "web");
        rollout.member(WEB).state = state;
        let ended = rollout.status(&[]).await;
        assert_eq!(ended.code, Some(0), "{}", ended.out);
        let row = format!("222222222222  web         none      none     not active: {state}\n");
        assert!(ended.out.contains(&row), "{}", ended.out);
    }
}

#[tokio::test]
async fn the_status_of_an_account_counts_where_there_is_no_state() {
    let mut rollout = Rollout::new().await;
    rollout.join(WEB, "web");
    let accounts = serde_json::json!({ "Accounts": [
        { "Id": MANAGEMENT, "Name": "management", "Status": "ACTIVE" },
        { "Id": WEB, "Name": "web", "Status": "PENDING_CLOSURE" },
    ]});
    let answer = local_aws::Fault::json(accounts.to_string());
    rollout
        .wire
        .aws
        .fault_always(MANAGEMENT, Operation::ListAccounts, answer);
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    assert!(
        ended.out.contains("not active: PENDING_CLOSURE\n"),
        "{}",
        ended.out
    );
}
