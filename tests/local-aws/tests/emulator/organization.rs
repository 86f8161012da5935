//! What the administrator accounts of an organization can read, and who may read it.

use local_aws::{
    Account, Aggregator, ConfigRule, Credentials, LocalAws, Operation, Organization,
    OrganizationPack, PackInstance, RULE_NAME, StackInstance, StackSet, default_time,
};
use serde_json::{Value, json};

use crate::client::{MANAGEMENT, call, pages};

const SECURITY: &str = "888888888888";
const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";
const PACKS: &str = "config-multiaccountsetup.amazonaws.com";
const PACK_RULE: &str = "root-access-key-rule-conformance-pack-abc123def";
const NAME: &str = "root-access-key-rule-org";

struct World {
    aws: LocalAws,
    organization: Organization,
    management: Credentials,
    security: Credentials,
}

fn member(number: usize) -> String {
    format!("{number:0>12}")
}

/// A management account, a delegated administrator, and so many members, each with a pack's rule
/// that is compliant.
async fn organization(members: usize) -> World {
    let aws = LocalAws::start().await.unwrap();
    let mut organization = Organization::new(MANAGEMENT).with_member(SECURITY, "security");
    let mut stack_set = StackSet::new(NAME, "{}");
    let mut pack = OrganizationPack::new(NAME, MANAGEMENT);
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
    organization.delegated = [STACK_SETS, PACKS]
        .map(|it| (it, SECURITY.to_owned()))
        .into();
    let aggregator = Aggregator::of_organization("all", MANAGEMENT);
    organization.aggregators.push(aggregator);
    aws.put_organization(organization.clone());
    let [management, security] = [MANAGEMENT, SECURITY].map(|id| aws.put_account(Account::new(id)));
    World {
        aws,
        organization,
        management,
        security,
    }
}

impl World {
    /// All items of all pages of the aggregator, and how many each page has.
    async fn aggregated(
        &self,
        operation: Operation,
        mut request: Value,
        member: &str,
    ) -> (Vec<Value>, Vec<usize>) {
        request["ConfigurationAggregatorName"] = "all".into();
        pages(&self.aws, &self.management, operation, request, member).await
    }

    /// What those credentials get: the status, or the error.
    async fn answer(&self, by: &Credentials, operation: Operation, request: &Value) -> String {
        let response = call(&self.aws, by, operation, request.clone()).await;
        match response.status() {
            200 => "200".to_owned(),
            _ => response.error(),
        }
    }
}

#[tokio::test]
async fn accounts_and_stack_instances_are_listed_in_the_pages_of_their_service() {
    let World {
        aws, management, ..
    } = organization(201).await;
    let list = Operation::ListAccounts;
    let (_, sizes) = pages(&aws, &management, list, json!({}), "Accounts").await;
    assert_eq!(sizes, [vec![20; 10], vec![3]].concat());
    let mut request = json!({ "StackSetName": NAME });
    let mut sizes = Vec::new();
    loop {
        let page = call(
            &aws,
            &management,
            Operation::ListStackInstances,
            request.clone(),
        )
        .await;
        sizes.push(page.body().matches("<Account>").count());
        match page.element("NextToken") {
            Some(token) => request["NextToken"] = token.into(),
            None => break,
        }
    }
    assert_eq!(sizes, [100, 100, 1]);
}

#[tokio::test]
async fn only_the_management_account_and_delegated_administrators_read_the_organization() {
    let world = organization(1).await;
    let ordinary = Account::new(&member(1)).credentials();
    let other = world.aws.put_account(Account::new("777777777777"));
    for operation in [
        Operation::ListAccounts,
        Operation::ListAWSServiceAccessForOrganization,
        Operation::ListDelegatedAdministrators,
    ] {
        for (by, expected) in [
            (&world.management, "200"),
            (&world.security, "200"),
            (&ordinary, "400 AccessDeniedException"),
            (&other, "400 AWSOrganizationsNotInUseException"),
        ] {
            assert_eq!(world.answer(by, operation, &json!({})).await, expected);
        }
    }
    let describe = Operation::DescribeOrganization;
    let described = call(&world.aws, &ordinary, describe, json!({}))
        .await
        .json();
    assert_eq!(described["Organization"]["MasterAccountId"], MANAGEMENT);
}

#[tokio::test]
async fn administrators_are_listed_by_service() {
    let World {
        aws, management, ..
    } = organization(0).await;
    for (service, expected) in [(PACKS, 1), ("config.amazonaws.com", 0)] {
        let request = json!({ "ServicePrincipal": service });
        let operation = Operation::ListDelegatedAdministrators;
        let (found, _) = pages(
            &aws,
            &management,
            operation,
            request,
            "DelegatedAdministrators",
        )
        .await;
        assert_eq!(found.len(), expected, "{service}");
    }
}

#[tokio::test]
async fn a_stack_set_and_a_pack_are_visible_to_their_administrators_only() {
    let world = organization(1).await;
    let ordinary = Account::new(&member(1)).credentials();
    let list = Operation::ListStackInstances;
    let status = Operation::GetOrganizationConformancePackDetailedStatus;
    let pack = json!({ "OrganizationConformancePackName": NAME });
    let own = json!({ "StackSetName": NAME });
    let delegated = json!({ "StackSetName": NAME, "CallAs": "DELEGATED_ADMIN" });
    let no_pack = "400 NoSuchOrganizationConformancePackException";
    let no_stack_set = "404 StackSetNotFoundException";
    for (by, operation, request, expected) in [
        (&world.management, list, &own, "200"),
        (&world.security, list, &delegated, "200"),
        (&world.security, list, &own, "400 ValidationError"),
        (&world.management, list, &delegated, "400 ValidationError"),
        (
            &world.management,
            list,
            &json!({ "StackSetName": "other" }),
            no_stack_set,
        ),
        (&world.management, status, &pack, "200"),
        (&world.security, status, &pack, no_pack),
        (
            &ordinary,
            status,
            &pack,
            "400 OrganizationAccessDeniedException",
        ),
    ] {
        assert_eq!(
            world.answer(by, operation, request).await,
            expected,
            "{request}"
        );
    }
}

#[tokio::test]
async fn an_aggregator_returns_the_results_of_the_accounts() {
    let world = organization(3).await;
    let by_rule = Operation::DescribeAggregateComplianceByConfigRules;
    world.aws.put_page_size(1);
    let rules = world.aggregated(by_rule, json!({}), "AggregateComplianceByConfigRules");
    let (rules, sizes) = rules.await;
    assert_eq!(sizes, [1, 1, 1]);
    assert_eq!(rules[0]["Compliance"]["ComplianceType"], "COMPLIANT");

    let found = ("NON_COMPLIANT", "One.");
    world
        .aws
        .put_evaluation(&member(2), PACK_RULE, found, default_time());
    let request = json!({
        "AccountId": member(2), "AwsRegion": "us-east-1", "ConfigRuleName": PACK_RULE,
    });
    let details = Operation::GetAggregateComplianceDetailsByConfigRule;
    let (details, _) = world
        .aggregated(details, request, "AggregateEvaluationResults")
        .await;
    let [detail] = &details[..] else {
        panic!("{details:?}")
    };
    assert_eq!(detail["ComplianceType"], "NON_COMPLIANT");
    assert_eq!(detail["Annotation"], "One.");
    assert_eq!(detail["ResultRecordedTime"], 1_772_344_800.373);
}

#[tokio::test]
async fn an_aggregator_leaves_out_rules_without_a_result_and_accounts_that_it_cannot_reach() {
    let mut world = organization(3).await;
    world.aws.delete_rule(&member(1), PACK_RULE);
    world.aws.put_rule(ConfigRule::new(&member(1), "another"));
    let text = str::to_owned;
    let failing = (
        member(2),
        text("AuthorizationError"),
        text("Not authorized."),
    );
    world.organization.aggregators[0].failing.push(failing);
    world.aws.put_organization(world.organization.clone());
    let by_rule = Operation::DescribeAggregateComplianceByConfigRules;
    let in_region = json!({ "Filters": { "AwsRegion": "us-east-1" } });
    let rules = world
        .aggregated(by_rule, in_region, "AggregateComplianceByConfigRules")
        .await
        .0;
    let accounts: Vec<_> = rules.iter().map(|rule| &rule["AccountId"]).collect();
    assert_eq!(accounts, [&member(3)]);
    let sources = Operation::DescribeConfigurationAggregatorSourcesStatus;
    let failed = json!({ "UpdateStatus": ["FAILED"] });
    let failed = world
        .aggregated(sources, failed, "AggregatedSourceStatusList")
        .await
        .0;
    let accounts: Vec<_> = failed.iter().map(|source| &source["SourceId"]).collect();
    assert_eq!(accounts, [&member(2)]);
}

#[tokio::test]
async fn an_account_without_a_recorder_has_no_resources() {
    let world = organization(2).await;
    let mut account = Account::new(&member(2));
    account.recorder = false;
    world.aws.put_account(account);
    let request = json!({ "GroupByKey": "ACCOUNT_ID", "Filters": { "Region": "us-east-1" } });
    let operation = Operation::GetAggregateDiscoveredResourceCounts;
    let (counts, _) = world
        .aggregated(operation, request, "GroupedResourceCounts")
        .await;
    let accounts: Vec<_> = counts.iter().map(|count| &count["GroupName"]).collect();
    assert_eq!(accounts, [&member(1), SECURITY, MANAGEMENT]);
}
