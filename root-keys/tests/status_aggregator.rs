//! What the aggregator says, and does not say, of each account: no silence and no
//! contradiction passes for COMPLIANT.

mod rollout;
mod wire;

use local_aws::{ConfigRule, Fault, Operation, RULE_NAME};
use rollout::{CLEAN, KEY, MANAGEMENT, Rollout, WEB, is, pack_rule, to_mend};
use serde_json::json;

#[tokio::test]
async fn without_an_aggregator_compliance_is_not_seen_and_all_else_is_shown() {
    let mut rollout = Rollout::of_two().await;
    rollout.organization.aggregators.clear();
    is(
        &rollout.status(&[]).await,
        1,
        "\
ACCOUNT       NAME        FUNCTION  RULE      COMPLIANCE
111111111111  payments    StackSet  pack      not seen
222222222222  web         StackSet  pack      not seen
999999999999  management  not seen  not seen  not seen

To mend:
- compliance cannot be seen from here: account 999999999999 has in us-east-1 no aggregator that collects from us-east-1; look: `aws configservice describe-configuration-aggregators`, or make one: https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs/organization.md#an-aggregator

3 not seen
",
    );
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
    assert!(
        ended
            .out
            .contains("111111111111  payments    StackSet  pack     not seen\n")
    );
    let said = to_mend(&ended);
    assert!(
        said.contains("aggregator a-few does not collect from it"),
        "{said}"
    );

    let ended = rollout.status(&["--aggregator", "none"]).await;
    assert_eq!(ended.code, Some(1));
    assert!(to_mend(&ended).contains("no aggregator none that collects from us-east-1"));
}

#[tokio::test]
async fn an_account_that_the_aggregator_gets_nothing_from_is_not_seen() {
    let mut rollout = Rollout::of_two().await;
    let refused = (
        WEB.to_owned(),
        "AuthorizationFailed".to_owned(),
        "not authorized".to_owned(),
    );
    rollout.organization.aggregators[0].failing.push(refused);
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(1));
    let said = to_mend(&ended);
    let expected =
        "222222222222 (web): its results cannot be seen: AuthorizationFailed: not authorized";
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
    rollout.wire.aws.fault_always(MANAGEMENT, operation, answer);
    let ended = rollout.status(&[]).await;
    assert!(ended.out.ends_with("\n3 no result\n"), "{}", ended.out);
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
        "ResultRecordedTime": rollout.wire.aws.now().timestamp(),
    }]});
    let operation = Operation::GetAggregateComplianceDetailsByConfigRule;
    let answer = Fault::json(result.to_string());
    rollout.wire.aws.fault_always(MANAGEMENT, operation, answer);
    let ended = rollout.status(&[]).await;
    assert!(ended.out.ends_with("\n1 no result\n"), "{}", ended.out);
    assert!(
        to_mend(&ended).contains("but no result has come"),
        "{}",
        ended.out
    );
    assert_eq!(ended.code, Some(3));
}

#[tokio::test]
async fn of_two_answers_of_the_aggregator_that_differ_the_worse_counts() {
    let rollout = Rollout::of_two().await;
    let rules = json!({ "AggregateComplianceByConfigRules": [{
        "ConfigRuleName": pack_rule(WEB),
        "Compliance": { "ComplianceType": "NON_COMPLIANT" },
        "AccountId": WEB,
        "AwsRegion": "us-east-1",
    }]});
    let operation = Operation::DescribeAggregateComplianceByConfigRules;
    let answer = Fault::json(rules.to_string());
    rollout.wire.aws.fault_always(MANAGEMENT, operation, answer);
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
    rollout.wire.aws.fault_always(MANAGEMENT, operation, answer);
    let ended = rollout.status(&[]).await;
    let row = "222222222222  web         StackSet  pack  not seen\n";
    assert!(ended.out.contains(row), "{}", ended.out);
    let said = to_mend(&ended);
    let expected = "222222222222 (web): its results cannot be seen: AWS Config says NON_COMPLIANT \
                    and gives no details, of rule root-access-key-rule-conformance-pack-gone12345";
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
    rollout.wire.aws.fault_always(MANAGEMENT, operation, answer);
}

#[tokio::test]
async fn an_account_that_fails_in_another_region_only_is_seen_in_this_one() {
    for (region, code, word) in [
        (Some("eu-west-1"), 3, "no result"),
        (Some("us-east-1"), 1, "not seen"),
        (None, 1, "not seen"),
    ] {
        let mut rollout = Rollout::new().await;
        rollout.reach(WEB, "web");
        let source = json!({ "SourceId": WEB, "SourceType": "ACCOUNT", "AwsRegion": region });
        failing_source(&rollout, &source);
        let ended = rollout.status(&[]).await;
        let row = format!("222222222222  web         StackSet  pack     {word}\n");
        assert!(ended.out.contains(&row), "{region:?}: {}", ended.out);
        assert_eq!(ended.code, Some(code), "{region:?}");
    }
}

#[tokio::test]
async fn an_organization_that_the_aggregator_gets_nothing_from_is_told_once_and_is_no_success() {
    let mut rollout = Rollout::of_two().await;
    let source = json!({ "SourceId": "Organization", "SourceType": "ORGANIZATION" });
    failing_source(&rollout, &source);
    let said = "- aggregator organization gets nothing new from the organization: AccessDenied: no \
                access; https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs/organization.md#an-aggregator";
    let ended = rollout.status(&[]).await;
    assert_eq!(to_mend(&ended), said);
    assert_eq!(ended.code, Some(1));

    // What it has not got, the account may have all the same.
    rollout.reach("333333333333", "new");
    let ended = rollout.status(&[]).await;
    let row = "333333333333  new         StackSet  pack     not seen\n";
    assert!(ended.out.contains(row), "{}", ended.out);
    assert_eq!(to_mend(&ended), said);
    assert_eq!(ended.code, Some(1));

    let ended = rollout.status(&["--preflight"]).await;
    assert!(ended.out.contains(said), "{}", ended.out);
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
        rollout.wire.aws.put_rule(ConfigRule::new(WEB, name));
        rollout.evaluate(WEB, name, KEY, 1);
        let expected = if ours { 2 } else { 0 };
        assert_eq!(rollout.status(&[]).await.code, Some(expected), "{name}");
    }
}

#[tokio::test]
async fn other_rules_are_counted_as_read_and_not_asked_about() {
    let rollout = Rollout::of_two().await;
    for number in 0..5 {
        let name = format!("another-{number}");
        rollout.wire.aws.put_rule(ConfigRule::new(WEB, &name));
        rollout.evaluate(WEB, &name, CLEAN, 1);
    }
    let ended = rollout.status(&[]).await;
    for words in [
        "config:DescribeAggregateComplianceByConfigRules: 8 in 1 request\n",
        "config:GetAggregateComplianceDetailsByConfigRule: 3 in 3 requests\n",
    ] {
        assert!(ended.err.contains(words), "{}", ended.err);
    }
}
