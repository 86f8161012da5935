//! What an organization's administrator accounts can read of its accounts, and who may read it.
#![allow(clippy::unwrap_used, reason = "a test")]

mod client;

use client::{Heard, config, post};
use local_aws::{
    Account, Aggregator, ConfigRule, Credentials, LocalAws, Organization, OrganizationPack,
    PackInstance, RULE_NAME, StackInstance, StackSet, default_time,
};
use serde_json::{Value, json};

const MANAGEMENT: &str = "999999999999";
const SECURITY: &str = "888888888888";
const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";
const PACKS: &str = "config-multiaccountsetup.amazonaws.com";
const PACK_RULE: &str = "root-access-key-rule-conformance-pack-abc123def";

struct World {
    aws: LocalAws,
    management: Credentials,
    security: Credentials,
}

fn member(number: usize) -> String {
    format!("{number:0>12}")
}

/// A management account, a delegated administrator, and so many members with a
/// pack's rule each that found nothing.
async fn organization(members: usize) -> World {
    let aws = LocalAws::start().await.unwrap();
    let mut organization = Organization::new(MANAGEMENT).with_member(SECURITY, "security");
    let mut stack_set = StackSet::new("root-access-key-rule-org", "{}");
    let mut pack = OrganizationPack::new("root-access-key-rule-org", MANAGEMENT);
    for id in (1..=members).map(member) {
        organization = organization.with_member(&id, "sandbox");
        aws.put_account(Account::new(&id));
        aws.delete_rule(&id, RULE_NAME);
        aws.put_rule(ConfigRule::new(&id, PACK_RULE));
        aws.put_evaluation(&id, PACK_RULE, ("COMPLIANT", "None."), default_time());
        stack_set.instances.push(StackInstance::current(&id));
        pack.instances.push(PackInstance::successful(&id));
    }
    organization.stack_sets.push(stack_set);
    organization.packs.push(pack);
    organization.trusted_services.push(STACK_SETS);
    let delegated = |service| (service, SECURITY.to_owned());
    organization.delegated = vec![delegated(STACK_SETS), delegated(PACKS)];
    for owner in [MANAGEMENT, SECURITY] {
        let aggregator = Aggregator::of_organization("all", owner);
        organization.aggregators.push(aggregator);
    }
    aws.put_organization(organization);
    let management = aws.put_account(Account::new(MANAGEMENT));
    let security = aws.put_account(Account::new(SECURITY));
    World {
        aws,
        management,
        security,
    }
}

impl World {
    async fn organizations(&self, by: &Credentials, operation: &str, body: &Value) -> Heard {
        let target = format!("x-amz-target: AWSOrganizationsV20161128.{operation}");
        post(
            &self.aws.organizations_url(),
            Some((by, "organizations")),
            &[&target],
            &body.to_string(),
        )
        .await
    }

    async fn cloudformation(&self, by: &Credentials, form: &str) -> Heard {
        let body = format!("Version=2010-05-15&Action={form}");
        let url = self.aws.cloudformation_url();
        post(&url, Some((by, "cloudformation")), &[], &body).await
    }

    /// All items of all pages, and how many pages it took.
    async fn aggregated(&self, operation: &str, body: Value, member: &str) -> (Vec<Value>, usize) {
        let mut body = body;
        body["ConfigurationAggregatorName"] = "all".into();
        let (mut items, mut pages) = (Vec::new(), 0);
        loop {
            let page = config(&self.aws, &self.management, operation, &body).await;
            assert_eq!(page.status(), 200, "{}", page.text);
            let page = page.json();
            items.extend(page[member].as_array().unwrap().clone());
            pages += 1;
            match page.get("NextToken") {
                Some(token) => body["NextToken"] = token.clone(),
                None => return (items, pages),
            }
        }
    }
}

#[tokio::test]
async fn accounts_come_twenty_a_page_with_state_and_path() {
    let world = organization(41).await;
    let mut body = json!({});
    let mut sizes = Vec::new();
    loop {
        let page = world.organizations(&world.management, "ListAccounts", &body);
        let page = page.await.json();
        let accounts = page["Accounts"].as_array().unwrap();
        sizes.push(accounts.len());
        if sizes.len() == 1 {
            assert_eq!(accounts[0]["Id"], MANAGEMENT);
            assert_eq!(accounts[2]["State"], "ACTIVE");
            let path = format!("o-localaws01/r-loca/{}/", member(1));
            assert_eq!(accounts[2]["Paths"], json!([path]));
        }
        match page.get("NextToken") {
            Some(token) => body["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(sizes, [20, 20, 3]);
}

#[tokio::test]
async fn only_the_management_account_and_delegated_administrators_read_the_organization() {
    let world = organization(1).await;
    let ordinary = world.aws.put_account(Account::new(&member(1)));
    let stranger = world.aws.put_account(Account::new("777777777777"));
    for operation in [
        "ListAccounts",
        "ListAWSServiceAccessForOrganization",
        "ListDelegatedAdministrators",
    ] {
        for by in [&world.management, &world.security] {
            let heard = world.organizations(by, operation, &json!({})).await;
            assert_eq!(heard.status(), 200, "{operation}: {}", heard.text);
        }
        let heard = world.organizations(&ordinary, operation, &json!({})).await;
        assert_eq!(heard.code(), "AccessDeniedException");
        let heard = world.organizations(&stranger, operation, &json!({})).await;
        assert_eq!(heard.code(), "AWSOrganizationsNotInUseException");
    }
    let nothing = json!({});
    let described = world.organizations(&ordinary, "DescribeOrganization", &nothing);
    let described = described.await.json();
    assert_eq!(described["Organization"]["MasterAccountId"], MANAGEMENT);
}

#[tokio::test]
async fn administrators_are_told_by_service() {
    let world = organization(0).await;
    for (service, expected) in [(PACKS, 1), ("config.amazonaws.com", 0)] {
        let asked = json!({ "ServicePrincipal": service });
        let heard = world.organizations(&world.management, "ListDelegatedAdministrators", &asked);
        let heard = heard.await.json();
        let found = heard["DelegatedAdministrators"].as_array().unwrap();
        assert_eq!(found.len(), expected, "{service}");
    }
}

#[tokio::test]
async fn a_stack_set_is_its_administrators_and_its_region_s() {
    let world = organization(1).await;
    let list = "ListStackInstances&StackSetName=root-access-key-rule-org";
    let heard = world.cloudformation(&world.management, list).await;
    assert_eq!(
        heard.element("Account"),
        Some(&*member(1)),
        "{}",
        heard.text
    );
    assert_eq!(heard.element("DetailedStatus"), Some("SUCCEEDED"));
    let delegated = format!("{list}&CallAs=DELEGATED_ADMIN");
    let heard = world.cloudformation(&world.security, &delegated).await;
    assert_eq!(heard.status(), 200, "{}", heard.text);
    for (by, form) in [(&world.security, list), (&world.management, &delegated)] {
        let heard = world.cloudformation(by, form).await;
        assert_eq!(
            (heard.status(), heard.code()),
            (400, "ValidationError".to_owned())
        );
    }
    let other = "DescribeStackSet&StackSetName=other";
    let heard = world.cloudformation(&world.management, other).await;
    assert_eq!(heard.code(), "StackSetNotFoundException");
    assert_eq!(heard.status(), 404);
}

#[tokio::test]
async fn stack_instances_come_a_hundred_a_page() {
    let world = organization(201).await;
    let list = "ListStackInstances&StackSetName=root-access-key-rule-org";
    let mut form = list.to_owned();
    let mut sizes = Vec::new();
    loop {
        let heard = world.cloudformation(&world.management, &form).await;
        sizes.push(heard.body().matches("<Account>").count());
        match heard.element("NextToken") {
            Some(token) => form = format!("{list}&NextToken={token}"),
            None => break,
        }
    }
    assert_eq!(sizes, [100, 100, 1]);
}

#[tokio::test]
async fn a_pack_is_its_owner_s_alone() {
    let world = organization(1).await;
    let operation = "GetOrganizationConformancePackDetailedStatus";
    let asked = json!({ "OrganizationConformancePackName": "root-access-key-rule-org" });
    let heard = config(&world.aws, &world.management, operation, &asked)
        .await
        .json();
    let statuses = &heard["OrganizationConformancePackDetailedStatuses"];
    assert_eq!(statuses[0]["Status"], "CREATE_SUCCESSFUL");
    let heard = config(&world.aws, &world.security, operation, &asked).await;
    assert_eq!(heard.code(), "NoSuchOrganizationConformancePackException");
    let ordinary = world.aws.put_account(Account::new(&member(1)));
    let heard = config(&world.aws, &ordinary, operation, &asked).await;
    assert_eq!(heard.code(), "OrganizationAccessDeniedException");
}

#[tokio::test]
async fn an_aggregator_tells_what_the_accounts_hold() {
    let world = organization(3).await;
    let by_rule = "DescribeAggregateComplianceByConfigRules";
    let member_name = "AggregateComplianceByConfigRules";
    world.aws.put_page_size(1);
    let (rules, pages) = world.aggregated(by_rule, json!({}), member_name).await;
    assert_eq!((rules.len(), pages), (3, 3));
    assert_eq!(rules[0]["Compliance"]["ComplianceType"], "COMPLIANT");

    let found = ("NON_COMPLIANT", "One.");
    world
        .aws
        .put_evaluation(&member(2), PACK_RULE, found, default_time());
    let asked = json!({
        "AccountId": member(2), "AwsRegion": "us-east-1", "ConfigRuleName": PACK_RULE,
    });
    let operation = "GetAggregateComplianceDetailsByConfigRule";
    let (details, _) = world
        .aggregated(operation, asked, "AggregateEvaluationResults")
        .await;
    assert_eq!(details.len(), 1);
    assert_eq!(details[0]["ComplianceType"], "NON_COMPLIANT");
    assert_eq!(details[0]["Annotation"], "One.");
    assert_eq!(details[0]["ResultRecordedTime"], 1_772_344_800.373);
}

#[tokio::test]
async fn an_aggregator_leaves_out_rules_without_a_result_and_accounts_that_it_cannot_reach() {
    let world = organization(3).await;
    world.aws.delete_rule(&member(1), PACK_RULE);
    world.aws.put_rule(ConfigRule::new(&member(1), "another"));
    let mut organization = Organization::new(MANAGEMENT);
    for id in (1..=3).map(member) {
        organization = organization.with_member(&id, "sandbox");
    }
    let mut aggregator = Aggregator::of_organization("all", MANAGEMENT);
    let refused = (
        member(2),
        "AuthorizationError".to_owned(),
        "Not authorized.".to_owned(),
    );
    aggregator.failing.push(refused);
    organization.aggregators.push(aggregator);
    world.aws.put_organization(organization);
    let (rules, _) = world
        .aggregated(
            "DescribeAggregateComplianceByConfigRules",
            json!({ "Filters": { "AwsRegion": "us-east-1" } }),
            "AggregateComplianceByConfigRules",
        )
        .await;
    let accounts: Vec<_> = rules.iter().map(|rule| &rule["AccountId"]).collect();
    assert_eq!(accounts, [&member(3)]);
    let (failed, _) = world
        .aggregated(
            "DescribeConfigurationAggregatorSourcesStatus",
            json!({ "UpdateStatus": ["FAILED"] }),
            "AggregatedSourceStatusList",
        )
        .await;
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["SourceId"], member(2));
}

#[tokio::test]
async fn an_account_without_a_recorder_has_no_resources() {
    let world = organization(2).await;
    let mut account = Account::new(&member(2));
    account.recorder = false;
    world.aws.put_account(account);
    let asked = json!({ "GroupByKey": "ACCOUNT_ID", "Filters": { "Region": "us-east-1" } });
    let operation = "GetAggregateDiscoveredResourceCounts";
    let (counts, _) = world
        .aggregated(operation, asked, "GroupedResourceCounts")
        .await;
    let accounts: Vec<_> = counts.iter().map(|count| &count["GroupName"]).collect();
    assert_eq!(accounts, [&member(1), SECURITY, MANAGEMENT]);
}
