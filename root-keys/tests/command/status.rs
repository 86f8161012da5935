//! `status` prints the truth for every account, and its exit code says whether
//! all is well. No account is compliant without a fresh result.

use crate::rollout::{
    CLEAN, KEY, MANAGEMENT, PAYMENTS, Rollout, STACK_SETS, WEB, body, counts, is, pack_rule, rows,
    template, timeless, to_fix, verdict,
};
use crate::wire::Wire;
use local_aws::{Account, ConfigRule, Operation, RULE_NAME};

#[tokio::test]
async fn everything_there_fresh_and_compliant_is_exit_code_0() {
    let ended = Rollout::of_two().await.brief(&[]).await;
    let expected = "\
COMPLIANT: 3 active accounts, each with a fresh result and no root access key.
3 accounts: 3 COMPLIANT
Organization o-localaws01 in us-east-1 at TIME, as
arn:aws:sts::999999999999:assumed-role/root-access-key-rule/root-access-key-rule

`root-keys status --all` shows every account.
";
    assert_eq!(timeless(&ended.out), expected);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn an_account_with_a_root_key_is_exit_code_2_and_says_what_to_do() {
    let rollout = Rollout::of_two().await;
    rollout.evaluate(WEB, &pack_rule(WEB), KEY, 1);
    let ended = rollout.status(&[]).await;
    let expected = "\
NON_COMPLIANT: 1 account has root access keys.
3 accounts: 1 NON_COMPLIANT, 2 COMPLIANT
Organization o-localaws01 in us-east-1 at TIME, as
arn:aws:sts::999999999999:assumed-role/root-access-key-rule/root-access-key-rule

1 issue to fix:

1. The root user has access keys (1 account)
   222222222222  web
   Fix: list its keys:
     root-keys list --account 222222222222

ACCOUNT       COMPLIANCE     NAME        FUNCTION  RULE     NEW KEYS
111111111111  COMPLIANT      payments    StackSet  pack     cannot tell
222222222222  NON_COMPLIANT  web         StackSet  pack     cannot tell
999999999999  COMPLIANT      management  account   account  not covered
";
    assert_eq!(timeless(&ended.out), expected);
    assert_eq!(ended.code, Some(2));
}

#[tokio::test]
async fn a_root_key_of_the_management_account_is_fixed_by_signing_in() {
    let rollout = Rollout::of_two().await;
    rollout.evaluate(MANAGEMENT, RULE_NAME, KEY, 0);
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(2));
    let said = to_fix(&ended);
    assert!(
        said.contains("remediation.md#the-management-account"),
        "{said}"
    );
}

#[tokio::test]
async fn an_account_without_a_result_is_not_compliant() {
    let mut rollout = Rollout::new().await;
    rollout.reach(WEB, "web");
    let ended = rollout.status(&[]).await;
    let expected = "\
222222222222 | no result | web | StackSet | pack
999999999999 | COMPLIANT | management | account | account
";
    is(&ended, 3, expected);
    assert_eq!(
        verdict(&ended),
        "INCOMPLETE: no root access key found, but 1 account has issues."
    );
    assert_eq!(counts(&ended), "2 accounts: 1 no result, 1 COMPLIANT");
    assert_eq!(
        to_fix(&ended),
        "1. The rule has no result (1 account) 222222222222 web: the stack and the pack were \
         deployed Fix: check in that account whether the rule exists: aws configservice \
         describe-config-rules then follow docs/operations.md#silence"
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
        let rows = rows(&ended);
        let word = rows.split(" | ").nth(1).unwrap();
        assert_eq!(
            (ended.code, word),
            expected,
            "{frequency} {hours}: {}",
            ended.out
        );
    }
}

#[tokio::test]
async fn a_stale_account_is_shown_with_its_rule_and_age() {
    let mut rollout = Rollout::of_two().await;
    rollout.reach("333333333333", "silent");
    rollout.evaluate("333333333333", &pack_rule("333333333333"), CLEAN, 9 * 24);
    let ended = rollout.status(&[]).await;
    assert_eq!(
        to_fix(&ended),
        "1. The rule stopped reporting (1 account) 333333333333 silent: last result at TIME (9 \
         days ago), due every 24 h; root-access-key-rule-conformance-pack-333333333 Fix: in that \
         account: aws configservice start-config-rules-evaluation --config-rule-names \
         root-access-key-rule-conformance-pack-333333333 if this persists: \
         docs/operations.md#silence"
    );
    assert_eq!(ended.code, Some(3));
}

#[tokio::test]
async fn a_result_from_the_future_does_not_stay_fresh_indefinitely() {
    let rollout = Rollout::of_two().await;
    rollout.evaluate(WEB, &pack_rule(WEB), CLEAN, -4);
    assert_eq!(rollout.status(&[]).await.code, Some(3));
}

#[tokio::test]
async fn an_account_with_both_deployments_shows_both_and_the_worse_counts() {
    let rollout = Rollout::of_two().await;
    rollout.put_rule(ConfigRule::new(WEB, RULE_NAME));
    rollout.evaluate(WEB, RULE_NAME, CLEAN, 3);
    let row = "222222222222 | COMPLIANT | web | StackSet + account | pack + account\n";
    let ended = rollout.status(&[]).await;
    assert!(rows(&ended).contains(row), "{}", ended.out);
    assert_eq!(ended.code, Some(0));

    rollout.evaluate(WEB, RULE_NAME, KEY, 2);
    let ended = rollout.status(&["--details"]).await;
    assert_eq!(ended.code, Some(2));
    let (_, table) = timeless(&ended.out)
        .split_once("\nACCOUNT")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let expected = "       COMPLIANCE     NAME        FUNCTION            RULE            NEW KEYS
111111111111  COMPLIANT      payments    StackSet            pack            cannot tell
  root-access-key-rule-conformance-pack-111111111: COMPLIANT (TIME, 2 h ago): The
  root user has no access keys.
222222222222  NON_COMPLIANT  web         StackSet + account  pack + account  cannot tell
  root-access-key-rule: NON_COMPLIANT (TIME, 2 h ago): The root user has access
  keys.
  root-access-key-rule-conformance-pack-222222222: COMPLIANT (TIME, 2 h ago): The
  root user has no access keys.
999999999999  COMPLIANT      management  account             account         not covered
  root-access-key-rule: COMPLIANT (TIME, 1 h ago): The root user has no access keys.
";
    assert_eq!(table, expected);
    // Without the table the details stand with the account that has a problem.
    let ended = rollout.brief(&["--details"]).await;
    let said = to_fix(&ended);
    let expected = "222222222222 web root-access-key-rule: NON_COMPLIANT (TIME, 2 h ago): The root";
    assert!(said.contains(expected), "{said}");
}

#[tokio::test]
async fn a_rule_that_stopped_reporting_is_shown_although_another_makes_the_account_compliant() {
    let rollout = Rollout::of_two().await;
    rollout.put_rule(ConfigRule::new(WEB, RULE_NAME));
    rollout.evaluate(WEB, RULE_NAME, CLEAN, 80);
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(3));
    assert_eq!(counts(&ended), "3 accounts: 3 COMPLIANT");
    assert!(to_fix(&ended).contains("due every 24 h; root-access-key-rule Fix"));
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
async fn a_member_that_is_no_administrator_learns_who_may_list_the_accounts() {
    let rollout = Rollout::of_two().await;
    let operator = Account::new(PAYMENTS).credentials();
    let rollout = Rollout {
        wire: Wire {
            operator,
            ..rollout.wire
        },
        ..rollout
    };
    let ended = rollout.status(&[]).await;
    ended.fails();
    ended.says_all(&[
        "only the management account 999999999999 and delegated administrators may call it",
        "sign in to the management account 999999999999, or to the delegated administrator for",
    ]);
    // Neither a policy nor a registration of this account is the way.
    for words in ["register-delegated-administrator", "status-policy"] {
        assert!(!ended.err.contains(words), "{}", ended.err);
    }
}

#[tokio::test]
async fn an_account_in_no_organization_is_an_error() {
    let rollout = Rollout::of_two().await;
    let operator = rollout.put_account(Account::new("777777777777"));
    let rollout = Rollout {
        wire: Wire {
            operator,
            ..rollout.wire
        },
        ..rollout
    };
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(1));
    ended.says("account 777777777777 is not in an organization; run `root-keys check` to evaluate this account");
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
        let row = format!("222222222222 | not active: {state} | web | none | none\n");
        assert!(rows(&ended).contains(&row), "{}", ended.out);
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
    rollout.fault_always(MANAGEMENT, Operation::ListAccounts, answer);
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    let rows = rows(&ended);
    assert!(rows.contains(" | not active: PENDING_CLOSURE | "), "{rows}");
}
