//! `status` reads every source to its end: nothing is lost between pages, a
//! failure is never taken for a response, and each call is in the policy.

use std::collections::BTreeSet;

use crate::rollout::{
    self, CLEAN, Change, MANAGEMENT, Rollout, STACK_SETS, body, counts, pack_rule, shows, template,
};
use crate::wire::unwrapped;
use local_aws::{ConfigRule, Fault, Framing, Operation, Service, ServiceControlPolicy};
use serde_json::{Value, json};

/// What `status` asks where a StackSet brings function and rule.
const ASKED: [Operation; 9] = [
    Operation::DescribeOrganization,
    Operation::ListAccounts,
    Operation::DescribeStackSet,
    Operation::ListStackInstances,
    Operation::DescribeConfigurationAggregators,
    Operation::DescribeConfigurationAggregatorSourcesStatus,
    Operation::DescribeAggregateComplianceByConfigRules,
    Operation::GetAggregateComplianceDetailsByConfigRule,
    Operation::ListPolicies,
];

/// What must be there for anything to be shown.
const NEEDED: [Operation; 2] = [Operation::DescribeOrganization, Operation::ListAccounts];

/// So many members, each with a fresh result.
async fn members(number: usize) -> Rollout {
    let mut rollout = Rollout::new().await;
    for number in 1..=number {
        let id = format!("{number:0>12}");
        rollout.reach(&id, "sandbox");
        // The IDs differ in their last digits; the rules need not differ.
        rollout.put_rule(ConfigRule::new(&id, &pack_rule(&id)));
        rollout.report(&id, CLEAN, 2);
    }
    rollout
}

fn action(operation: Operation) -> String {
    format!("{}:{operation}", operation.service().signing_name())
}

#[tokio::test]
async fn many_pages_say_the_same_as_one() {
    let rollout = members(7).await;
    let whole = rollout.status(&["--details"]).await;
    assert_eq!(whole.code, Some(0), "{}", whole.out);
    rollout.put_page_size(3);
    let paged = rollout.status(&["--details"]).await;
    assert_eq!(body(&paged), body(&whole));
    assert_eq!(paged.code, Some(0));
    for (operation, pages) in [
        (Operation::ListAccounts, 1 + 3),
        (Operation::ListStackInstances, 1 + 3),
        (Operation::DescribeAggregateComplianceByConfigRules, 1 + 3),
    ] {
        assert_eq!(rollout.sent(operation).len(), pages, "{operation}");
    }
}

#[tokio::test]
async fn of_a_thousand_accounts_none_is_lost_and_a_pipe_gets_no_progress() {
    let rollout = members(1001).await;
    let ended = rollout.brief(&[]).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert_eq!(counts(&ended), "1,002 accounts: 1,002 COMPLIANT");
    let ended = rollout.brief(&["--output", "json"]).await;
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    let sources = found["sources"].as_array().unwrap().iter();
    let read: Vec<_> = sources
        .map(|it| json!([it["call"], it["requests"], it["items"]]))
        .collect();
    let details = "config:GetAggregateComplianceDetailsByConfigRule";
    let expected = json!([
        ["organizations:ListAccounts", 51, 1002],
        ["cloudformation:DescribeStackSet", 1, 1],
        ["cloudformation:ListStackInstances", 11, 1001],
        ["config:DescribeConfigurationAggregators", 1, 1],
        ["config:DescribeConfigurationAggregatorSourcesStatus", 1, 0],
        ["config:DescribeAggregateComplianceByConfigRules", 2, 1002],
        ["organizations:ListPolicies", 1, 1],
        [details, 1002, 1002],
    ]);
    assert_eq!(json!(read), expected);
}

#[tokio::test]
async fn throttling_failures_and_resets_that_pass_are_retried() {
    for fault in [
        Fault::Throttle,
        Fault::ServerError(500),
        Fault::ResetBeforeAnswer,
    ] {
        let rollout = members(2).await;
        let before = rollout.status(&[]).await;
        for operation in ASKED {
            rollout.fault(MANAGEMENT, operation, fault.clone());
        }
        let ended = rollout.status(&[]).await;
        assert_eq!(body(&ended), body(&before), "{fault:?}");
        assert_eq!(ended.code, Some(0));
    }
}

#[tokio::test]
async fn a_call_that_is_denied_is_named_with_the_policy_and_is_no_success() {
    for operation in ASKED {
        let rollout = members(2).await;
        rollout.fails(operation, Fault::Denied);
        let ended = rollout.status(&[]).await;
        assert_eq!(ended.code, Some(1), "{operation}: {}", ended.out);
        let said = if NEEDED.contains(&operation) {
            assert_eq!(ended.out, "");
            ended.err
        } else {
            unwrapped(&ended.out)
        };
        for words in [
            &*action(operation),
            "AccessDenied",
            "root-keys/status-policy.json",
        ] {
            assert!(said.contains(words), "{operation}: {words}: {said}");
        }
    }
}

#[tokio::test]
async fn a_service_that_keeps_throttling_is_no_success() {
    let rollout = members(2).await;
    let operation = Operation::ListStackInstances;
    rollout.fails(operation, Fault::Throttle);
    let ended = rollout.status(&[]).await;
    ended.is_screen("status/a service keeps throttling");
    assert_eq!(rollout.sent(operation).len(), 7);
}

#[tokio::test]
async fn after_ten_accounts_that_cannot_be_read_the_others_are_not_read() {
    let rollout = members(40).await;
    let operation = Operation::GetAggregateComplianceDetailsByConfigRule;
    rollout.fails(operation, Fault::Denied);
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(1));
    assert_eq!(counts(&ended), "41 accounts: 41 not visible");
    assert!(unwrapped(&ended.out).contains("given up, because 10 of these calls failed"));
    // Four are under way at a time.
    assert!((10..=13).contains(&rollout.sent(operation).len()));
}

#[tokio::test]
async fn one_account_that_cannot_be_read_hides_no_other() {
    let rollout = members(5).await;
    let operation = Operation::GetAggregateComplianceDetailsByConfigRule;
    rollout.fault(MANAGEMENT, operation, Fault::Denied);
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(1));
    assert_eq!(counts(&ended), "6 accounts: 1 not visible, 5 COMPLIANT");
}

#[tokio::test]
async fn a_page_token_that_comes_again_is_a_failure_and_no_end() {
    let rollout = members(2).await;
    let again = json!({ "Accounts": [], "NextToken": "again" });
    rollout.responds(Operation::ListAccounts, &again);
    let ended = rollout.status(&[]).await;
    ended.fails();
    ended.says("organizations:ListAccounts: AWS returned the same page token twice after 0 items");
    assert_eq!(rollout.sent(Operation::ListAccounts).len(), 2);
}

#[tokio::test]
async fn an_empty_page_is_not_the_last_one() {
    let rollout = members(2).await;
    let before = rollout.status(&[]).await;
    for (operation, member) in [
        (Operation::ListAccounts, "Accounts"),
        (
            Operation::DescribeAggregateComplianceByConfigRules,
            "AggregateComplianceByConfigRules",
        ),
    ] {
        let page = json!({ member: [], "NextToken": "0" });
        let empty = Fault::json(page.to_string());
        rollout.fault(MANAGEMENT, operation, empty);
    }
    assert_eq!(body(&rollout.status(&[]).await), body(&before));
}

#[tokio::test]
async fn a_response_that_was_cut_short_is_never_taken_for_a_shorter_one() {
    let rollout = members(3).await;
    let long = [
        Operation::ListAccounts,
        Operation::DescribeStackSet,
        Operation::ListStackInstances,
        Operation::DescribeAggregateComplianceByConfigRules,
    ];
    let everywhere = ASKED.map(|operation| (operation, [0, 1, 30]));
    let later = long.map(|operation| (operation, [90, 250, 450]));
    for (operation, places) in everywhere.into_iter().chain(later) {
        for bytes in places {
            let framing = Framing::MatchingLength;
            let cut = Fault::Cut { bytes, framing };
            rollout.clear_faults(MANAGEMENT);
            rollout.fails(operation, cut);
            let ended = rollout.status(&[]).await;
            assert_eq!(ended.code, Some(1), "{operation} {bytes}: {ended:?}");
        }
    }
}

#[tokio::test]
async fn a_list_of_accounts_without_those_known_to_be_there_is_refused() {
    let rollout = members(2).await;
    let accounts = json!({ "Accounts": [{ "Id": "000000000001", "State": "ACTIVE" }] });
    rollout.responds(Operation::ListAccounts, &accounts);
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(1));
    ended.says("the response lacks account 999999999999, which is in the organization");
}

#[tokio::test]
async fn the_policy_has_exactly_the_actions_that_are_called() {
    let mut rollout = members(1).await;
    rollout.status(&[]).await;
    rollout.status(&["--preflight"]).await;
    let account = "000000000001";
    rollout.organization.stack_sets[0].template_body = "{}".to_owned();
    let pack = local_aws::OrganizationPack::new(rollout::NAME, MANAGEMENT);
    rollout.organization.packs.push(pack);
    let quarantine = include_str!("../../quarantine-root-user.json");
    let policy = ServiceControlPolicy::new("p-trial0001", "trial", quarantine, &[]);
    rollout.organization.policies.push(policy);
    rollout.status(&[]).await;
    rollout.ask_from(account, &[STACK_SETS]);
    rollout.status(&["--preflight=organization-pack"]).await;
    let requests = rollout.requests();
    let called: BTreeSet<String> = requests
        .iter()
        // Whoever has credentials may ask whose they are.
        .filter(|request| request.service != Service::Sts)
        .map(|request| action(request.operation.unwrap()))
        .collect();
    let policy: Value = serde_json::from_str(include_str!("../../status-policy.json")).unwrap();
    let allowed: BTreeSet<String> = policy["Statement"][0]["Action"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| action.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(called, allowed);
}

#[tokio::test]
async fn the_json_document_has_every_fact_and_where_it_is_from() {
    let cases: &[(&str, &[&str], Change)] = &[("json", &["--output", "json"], |it| {
        it.organization.stack_sets[0].template_body = template("Twelve_Hours");
    })];
    shows("status", cases).await;
}

#[tokio::test]
async fn credentials_are_never_shown() {
    let rollout = members(1).await;
    for arguments in [&["--details"][..], &["--output", "json"], &["--preflight"]] {
        let ended = rollout.status(arguments).await;
        for secret in ["local-aws/secret", &rollout.wire.operator.session_token] {
            assert!(!ended.out.contains(secret) && !ended.err.contains(secret));
        }
    }
}
