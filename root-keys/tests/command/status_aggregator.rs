//! What the aggregator returns for each account: neither a missing result nor a
//! contradiction counts as COMPLIANT.

use crate::rollout::{ALL, CLEAN, Change, HOME, KEY, MANAGEMENT, Rollout, WEB, pack_rule, shows};
use local_aws::{ConfigRule, Operation, RULE_NAME};
use serde_json::{Value, json};

const OTHER: &str = "333333333333";

/// An aggregator of two accounts, in the organization beside the one of all.
fn of_a_few(rollout: &mut Rollout) {
    let mut some = rollout.organization.aggregators[0].clone();
    "a-few".clone_into(&mut some.name);
    some.accounts = Some(vec![MANAGEMENT.to_owned(), WEB.to_owned()]);
    rollout.organization.aggregators.insert(0, some);
}

#[tokio::test]
async fn an_account_from_which_no_aggregator_collects_is_not_visible() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("there is no aggregator", ALL, |it| {
            it.organization.aggregators.clear();
        }),
        // The organization's is preferred.
        ("an aggregator of a few beside one of all", ALL, of_a_few),
        (
            "an aggregator of a few",
            &["--all", "--aggregator", "a-few"],
            of_a_few,
        ),
        (
            "an aggregator that does not exist",
            &["--all", "--aggregator", "none"],
            of_a_few,
        ),
        ("an account that refuses the aggregator", ALL, |it| {
            let why = (
                "AuthorizationFailed".to_owned(),
                "not authorized".to_owned(),
            );
            it.organization.aggregators[0].failing = vec![(WEB.to_owned(), why.0, why.1)];
        }),
    ];
    shows("aggregator", cases).await;
}

/// One result of the rule in the account, about that resource.
fn details(rule: &str, about: &str, more: &Value) -> Value {
    let mut result = json!({ "EvaluationResultIdentifier": { "EvaluationResultQualifier": {
        "ConfigRuleName": rule, "ResourceType": "AWS::::Account", "ResourceId": about,
    }}});
    let fields = more.as_object().unwrap().clone();
    result.as_object_mut().unwrap().extend(fields);
    json!({ "AggregateEvaluationResults": [result] })
}

/// What the aggregator says of each rule in an account.
fn compliance(rules: &[(String, &str)]) -> Value {
    let rules = rules.iter().map(|(rule, compliance_type)| {
        json!({
            "ConfigRuleName": rule, "Compliance": { "ComplianceType": compliance_type },
            "AccountId": WEB, "AwsRegion": HOME,
        })
    });
    json!({ "AggregateComplianceByConfigRules": rules.collect::<Vec<_>>() })
}

#[tokio::test]
async fn a_result_that_does_not_fit_the_account_is_never_compliant() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("a result about another account", ALL, |it| {
            let fresh =
                json!({"ComplianceType": "COMPLIANT", "ResultRecordedTime": 4_000_000_000_u32});
            let result = details(&pack_rule(WEB), "444444444444", &fresh);
            let operation = Operation::GetAggregateComplianceDetailsByConfigRule;
            it.responds(operation, &result);
        }),
        ("a result without a compliance type", ALL, |it| {
            let fresh = json!({ "ResultRecordedTime": it.now().timestamp() });
            let result = details(RULE_NAME, MANAGEMENT, &fresh);
            let operation = Operation::GetAggregateComplianceDetailsByConfigRule;
            it.responds(operation, &result);
        }),
        ("two responses that contradict each other", ALL, |it| {
            let rules = compliance(&[(pack_rule(WEB), "NON_COMPLIANT")]);
            let operation = Operation::DescribeAggregateComplianceByConfigRules;
            it.responds(operation, &rules);
        }),
        // The details of a rule that AWS Config does not know are empty.
        ("a finding without details beside a clean rule", ALL, |it| {
            let gone = format!("{RULE_NAME}-conformance-pack-gone12345");
            let rules = [(pack_rule(WEB), "COMPLIANT"), (gone, "NON_COMPLIANT")];
            let operation = Operation::DescribeAggregateComplianceByConfigRules;
            it.responds(operation, &compliance(&rules));
        }),
    ];
    shows("aggregator", cases).await;
}

/// The aggregator says of its sources that this one failed.
fn failing_source(rollout: &Rollout, id: &str, kind: &str, region: Option<&str>) {
    let operation = Operation::DescribeConfigurationAggregatorSourcesStatus;
    let source = json!({
        "SourceId": id, "SourceType": kind, "AwsRegion": region, "LastUpdateStatus": "FAILED",
        "LastErrorCode": "AccessDenied", "LastErrorMessage": "no access",
    });
    rollout.responds(
        operation,
        &json!({ "AggregatedSourceStatusList": [source] }),
    );
}

#[tokio::test]
async fn a_source_that_fails_hides_what_it_has_in_this_region() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("a source fails in another region", ALL, |it| {
            it.reach(OTHER, "new");
            failing_source(it, OTHER, "ACCOUNT", Some("eu-west-1"));
        }),
        ("a source fails in this region", ALL, |it| {
            it.reach(OTHER, "new");
            failing_source(it, OTHER, "ACCOUNT", Some(HOME));
        }),
        ("a source fails in an unknown region", ALL, |it| {
            it.reach(OTHER, "new");
            failing_source(it, OTHER, "ACCOUNT", None);
        }),
        ("the organization fails", ALL, |it| {
            failing_source(it, "Organization", "ORGANIZATION", None);
        }),
        // What the aggregator has not got, the account may have all the same.
        ("the organization fails and an account is new", ALL, |it| {
            it.reach(OTHER, "new");
            failing_source(it, "Organization", "ORGANIZATION", None);
        }),
        (
            "the organization fails in a preflight",
            &["--preflight"],
            |it| failing_source(it, "Organization", "ORGANIZATION", None),
        ),
    ];
    shows("aggregator", cases).await;
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
    for name in ["another-1", "another-2"] {
        rollout.put_rule(ConfigRule::new(WEB, name));
        rollout.evaluate(WEB, name, CLEAN, 1);
    }
    let ended = rollout.status(&["--output", "json"]).await;
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    let sources = found["sources"].as_array().unwrap();
    for (call, requests, items) in [
        ("config:DescribeAggregateComplianceByConfigRules", 1, 5),
        ("config:GetAggregateComplianceDetailsByConfigRule", 3, 3),
    ] {
        let source = sources.iter().find(|it| it["call"] == call).unwrap();
        let read = (&source["requests"], &source["items"]);
        assert_eq!(read, (&json!(requests), &json!(items)), "{call}");
    }
}
