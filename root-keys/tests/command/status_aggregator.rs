//! What the aggregator returns for each account: neither a missing result nor a
//! contradiction counts as COMPLIANT.

use crate::rollout::{
    self, CLEAN, KEY, MANAGEMENT, Rollout, WEB, counts, is, pack_rule, rows, to_fix,
};
use crate::wire::unwrapped;
use local_aws::{ConfigRule, Fault, Operation, RULE_NAME};
use serde_json::{Value, json};

#[tokio::test]
async fn without_an_aggregator_compliance_is_not_visible_and_all_else_is_shown() {
    let mut rollout = Rollout::of_two().await;
    rollout.organization.aggregators.clear();
    let ended = rollout.status(&[]).await;
    let expected = "\
111111111111 | not visible | payments | StackSet | pack
222222222222 | not visible | web | StackSet | pack
999999999999 | not visible | management | not visible | not visible
";
    is(&ended, 1, expected);
    assert_eq!(
        to_fix(&ended),
        "Not visible: - compliance is not visible from here: account 999999999999 has no \
         aggregator in us-east-1 that collects from us-east-1; check aws configservice \
         describe-configuration-aggregators or create one: docs/organization.md#an-aggregator"
    );
    let verdict = "UNKNOWN: no root access key found, but not everything could be read.";
    assert_eq!(rollout::verdict(&ended), verdict);
}

#[tokio::test]
async fn an_aggregator_can_be_named_and_otherwise_the_organization_s_is_found() {
    let mut rollout = Rollout::of_two().await;
    let mut some = rollout.organization.aggregators[0].clone();
    "a-few".clone_into(&mut some.name);
    some.accounts = Some(vec![MANAGEMENT.to_owned(), WEB.to_owned()]);
    rollout.organization.aggregators.insert(0, some);
    assert_eq!(rollout.status(&[]).await.code, Some(0));

    let ended = rollout.status(&["--aggregator", "a-few"]).await;
    assert_eq!(ended.code, Some(1));
    assert!(rows(&ended).contains("111111111111 | not visible | payments | StackSet | pack\n"));
    let said = to_fix(&ended);
    assert!(
        said.contains("aggregator a-few does not collect from it"),
        "{said}"
    );

    let ended = rollout.status(&["--aggregator", "none"]).await;
    assert_eq!(ended.code, Some(1));
    assert!(
        to_fix(&ended)
            .contains("no aggregator named none in us-east-1 that collects from us-east-1")
    );
}

#[tokio::test]
async fn an_account_from_which_the_aggregator_collects_nothing_is_not_visible() {
    let mut rollout = Rollout::of_two().await;
    let refused = (
        WEB.to_owned(),
        "AuthorizationFailed".to_owned(),
        "not authorized".to_owned(),
    );
    rollout.organization.aggregators[0].failing.push(refused);
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(1));
    let said = to_fix(&ended);
    let expected = "The aggregator does not collect the account's results (1 account) 222222222222 web: \
         AuthorizationFailed: not authorized";
    assert!(said.contains(expected), "{said}");
}

#[tokio::test]
async fn a_result_about_another_account_is_none_about_this_one() {
    let rollout = Rollout::of_two().await;
    let result = json!({ "AggregateEvaluationResults": [{
        "EvaluationResultIdentifier": { "EvaluationResultQualifier": {
            "ConfigRuleName": pack_rule(WEB),
            "ResourceType": "AWS::::Account",
            "ResourceId": "444444444444",
        }},
        "ComplianceType": "COMPLIANT",
        "ResultRecordedTime": 4_000_000_000_u32,
    }]});
    let operation = Operation::GetAggregateComplianceDetailsByConfigRule;
    let answer = Fault::json(result.to_string());
    rollout.fault_always(MANAGEMENT, operation, answer);
    let ended = rollout.status(&[]).await;
    assert_eq!(counts(&ended), "3 accounts: 3 no result");
    assert_eq!(ended.code, Some(3));
}

#[tokio::test]
async fn a_result_without_a_compliance_type_is_none() {
    let rollout = Rollout::new().await;
    let result = json!({ "AggregateEvaluationResults": [{
        "EvaluationResultIdentifier": { "EvaluationResultQualifier": {
            "ConfigRuleName": RULE_NAME,
            "ResourceType": "AWS::::Account",
            "ResourceId": MANAGEMENT,
        }},
        "ResultRecordedTime": rollout.now().timestamp(),
    }]});
    let operation = Operation::GetAggregateComplianceDetailsByConfigRule;
    let answer = Fault::json(result.to_string());
    rollout.fault_always(MANAGEMENT, operation, answer);
    let ended = rollout.status(&[]).await;
    assert_eq!(counts(&ended), "1 account: 1 no result");
    assert!(
        to_fix(&ended).contains("the rule exists, but its result is not usable"),
        "{}",
        ended.out
    );
    assert_eq!(ended.code, Some(3));
}

#[tokio::test]
async fn the_worse_of_two_conflicting_aggregator_responses_counts() {
    let rollout = Rollout::of_two().await;
    let rules = json!({ "AggregateComplianceByConfigRules": [{
        "ConfigRuleName": pack_rule(WEB),
        "Compliance": { "ComplianceType": "NON_COMPLIANT" },
        "AccountId": WEB,
        "AwsRegion": "us-east-1",
    }]});
    let operation = Operation::DescribeAggregateComplianceByConfigRules;
    let answer = Fault::json(rules.to_string());
    rollout.fault_always(MANAGEMENT, operation, answer);
    assert_eq!(rollout.status(&[]).await.code, Some(2));
}

#[tokio::test]
async fn a_finding_without_details_beside_a_fresh_clean_rule_is_never_well() {
    let rollout = Rollout::of_two().await;
    let said = |rule: String, compliance_type: &str| {
        json!({
            "ConfigRuleName": rule,
            "Compliance": { "ComplianceType": compliance_type },
            "AccountId": WEB,
            "AwsRegion": "us-east-1",
        })
    };
    // The details of a rule that AWS Config does not know are empty.
    let rules = json!({ "AggregateComplianceByConfigRules": [
        said(pack_rule(WEB), "COMPLIANT"),
        said(format!("{RULE_NAME}-conformance-pack-gone12345"), "NON_COMPLIANT"),
    ]});
    let operation = Operation::DescribeAggregateComplianceByConfigRules;
    let answer = Fault::json(rules.to_string());
    rollout.fault_always(MANAGEMENT, operation, answer);
    let ended = rollout.status(&[]).await;
    let row = "222222222222 | not visible | web | StackSet | pack\n";
    assert!(rows(&ended).contains(row), "{}", ended.out);
    let said = to_fix(&ended);
    let expected = "222222222222 web: AWS Config reports NON_COMPLIANT for rule \
                    root-access-key-rule-conformance-pack-gone12345 without details";
    assert!(said.contains(expected), "{said}");
    assert_eq!(ended.code, Some(1));
}

/// The aggregator says of its sources that this one failed.
fn failing_source(rollout: &Rollout, source: &serde_json::Value) {
    let mut source = source.clone();
    source["LastUpdateStatus"] = json!("FAILED");
    source["LastErrorCode"] = json!("AccessDenied");
    source["LastErrorMessage"] = json!("no access");
    let answer = Fault::json(json!({ "AggregatedSourceStatusList": [source] }).to_string());
    let operation = Operation::DescribeConfigurationAggregatorSourcesStatus;
    rollout.fault_always(MANAGEMENT, operation, answer);
}

#[tokio::test]
async fn an_account_that_fails_in_another_region_only_is_visible_in_this_one() {
    for (region, code, word) in [
        (Some("eu-west-1"), 3, "no result"),
        (Some("us-east-1"), 1, "not visible"),
        (None, 1, "not visible"),
    ] {
        let mut rollout = Rollout::new().await;
        rollout.reach(WEB, "web");
        let source = json!({ "SourceId": WEB, "SourceType": "ACCOUNT", "AwsRegion": region });
        failing_source(&rollout, &source);
        let ended = rollout.status(&[]).await;
        let row = format!("222222222222 | {word} | web | StackSet | pack\n");
        assert!(rows(&ended).contains(&row), "{region:?}: {}", ended.out);
        assert_eq!(ended.code, Some(code), "{region:?}");
    }
}

#[tokio::test]
async fn an_organization_from_which_the_aggregator_collects_nothing_is_reported_once_and_is_no_success()
 {
    let mut rollout = Rollout::of_two().await;
    let source = json!({ "SourceId": "Organization", "SourceType": "ORGANIZATION" });
    failing_source(&rollout, &source);
    let said = "- aggregator organization collects nothing new from the organization: AccessDenied: no \
                access; docs/organization.md#an-aggregator";
    let alone = format!("Not visible: {said}");
    let ended = rollout.status(&[]).await;
    assert_eq!(to_fix(&ended), alone);
    assert_eq!(ended.code, Some(1));

    // What it has not got, the account may have all the same.
    rollout.reach("333333333333", "new");
    let ended = rollout.status(&[]).await;
    let row = "333333333333 | not visible | new | StackSet | pack\n";
    assert!(rows(&ended).contains(row), "{}", ended.out);
    assert_eq!(to_fix(&ended), alone);
    assert_eq!(ended.code, Some(1));

    let ended = rollout.status(&["--preflight"]).await;
    assert!(unwrapped(&ended.out).contains(said), "{}", ended.out);
    assert_eq!(ended.code, Some(1));
}

#[tokio::test]
async fn a_rule_whose_name_only_begins_like_ours_says_nothing_about_the_account() {
    for (name, ours) in [
        ("root-access-key-rule-of-another-team", false),
        ("root-access-key-rules", false),
        ("OrgConfigRule-root-access-key-rule-abcd1234", false),
        ("root-access-key-rule-conformance-pack-", false),
        ("root-access-key-rule", true),
        ("root-access-key-rule-conformance-pack-zyx987wvu", true),
        ("root-access-key-rule-org-conformance-pack-abc123def", true),
    ] {
        let rollout = Rollout::of_two().await;
        rollout.put_rule(ConfigRule::new(WEB, name));
        rollout.evaluate(WEB, name, KEY, 1);
        let expected = if ours { 2 } else { 0 };
        assert_eq!(rollout.status(&[]).await.code, Some(expected), "{name}");
    }
}

#[tokio::test]
async fn other_rules_are_counted_as_read_and_their_details_are_not_read() {
    let rollout = Rollout::of_two().await;
    for number in 0..5 {
        let name = format!("another-{number}");
        rollout.put_rule(ConfigRule::new(WEB, &name));
        rollout.evaluate(WEB, &name, CLEAN, 1);
    }
    let ended = rollout.status(&["--output", "json"]).await;
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    let sources = found["sources"].as_array().unwrap();
    for (call, requests, items) in [
        ("config:DescribeAggregateComplianceByConfigRules", 1, 8),
        ("config:GetAggregateComplianceDetailsByConfigRule", 3, 3),
    ] {
        let source = sources.iter().find(|it| it["call"] == call).unwrap();
        let read = (&source["requests"], &source["items"]);
        assert_eq!(read, (&json!(requests), &json!(items)), "{call}");
    }
}
