//! What the administrator accounts of an organization can read, and who may read it.

use local_aws::{
    Account, Aggregator, ConfigRule, Operation, Organization, OrganizationPack, PackInstance,
    RULE_NAME, StackInstance, StackSet, default_time,
};
use serde_json::json;

use crate::client::{Caller, MANAGEMENT};

const SECURITY: &str = "888888888888";
const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";
const PACKS: &str = "config-multiaccountsetup.amazonaws.com";
const PACK_RULE: &str = "root-access-key-rule-conformance-pack-abc123def";
const NAME: &str = "root-access-key-rule-org";

fn member(number: usize) -> String {
    format!("{number:0>12}")
}

/// The management account of an organization with a delegated administrator and so many members,
/// each with a pack's rule that is compliant.
async fn organization(members: usize) -> (Caller, Organization) {
    let management = Caller::start(Account::new(MANAGEMENT)).await;
    management.put_account(Account::new(SECURITY));
    let mut organization = Organization::new(MANAGEMENT).with_member(SECURITY, "security");
    let mut stack_set = StackSet::new(NAME, "{}");
    let mut pack = OrganizationPack::new(NAME, MANAGEMENT);
    for id in (1..=members).map(member) {
        organization = organization.with_member(&id, "sandbox");
        management.put_account(Account::new(&id));
        management.delete_rule(&id, RULE_NAME);
        management.put_rule(ConfigRule::new(&id, PACK_RULE));
        management.put_evaluation(&id, PACK_RULE, ("COMPLIANT", "None."), default_time());
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
    management.put_organization(organization.clone());
    (management, organization)
}

#[tokio::test]
async fn accounts_and_stack_instances_are_listed_in_the_pages_of_their_service() {
    let (management, _) = organization(201).await;
    let (_, sizes) = management
        .pages(Operation::ListAccounts, json!({}), "Accounts")
        .await;
    assert_eq!(sizes, [vec![20; 10], vec![3]].concat());
    let mut request = json!({ "StackSetName": NAME });
    let mut sizes = Vec::new();
    loop {
        let page = management
            .call(Operation::ListStackInstances, request.clone())
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
    let (management, _) = organization(1).await;
    let [security, ordinary, other] =
        [SECURITY, &member(1), "777777777777"].map(|id| management.of(id));
    management.put_account(Account::new("777777777777"));
    for operation in [
        Operation::ListAccounts,
        Operation::ListAWSServiceAccessForOrganization,
        Operation::ListDelegatedAdministrators,
    ] {
        for (caller, expected) in [
            (&management, "ok"),
            (&security, "ok"),
            (&ordinary, "400 AccessDeniedException"),
            (&other, "400 AWSOrganizationsNotInUseException"),
        ] {
            assert_eq!(caller.result(operation, json!({})).await, expected);
        }
    }
    let described = ordinary
        .call(Operation::DescribeOrganization, json!({}))
        .await;
    assert_eq!(
        described.json()["Organization"]["MasterAccountId"],
        MANAGEMENT
    );
}

#[tokio::test]
async fn a_stack_set_and_a_pack_are_visible_to_their_administrators_only() {
    let (management, _) = organization(1).await;
    let [security, ordinary] = [SECURITY, &member(1)].map(|id| management.of(id));
    let instances = Operation::ListStackInstances;
    let status = Operation::GetOrganizationConformancePackDetailedStatus;
    let pack = json!({ "OrganizationConformancePackName": NAME });
    let own = json!({ "StackSetName": NAME });
    let delegated = json!({ "StackSetName": NAME, "CallAs": "DELEGATED_ADMIN" });
    let other = json!({ "StackSetName": "other" });
    let no_pack = "400 NoSuchOrganizationConformancePackException";
    let denied = "400 OrganizationAccessDeniedException";
    for (caller, operation, request, expected) in [
        (&management, instances, &own, "ok"),
        (&security, instances, &delegated, "ok"),
        (&security, instances, &own, "400 ValidationError"),
        (&management, instances, &delegated, "400 ValidationError"),
        (
            &management,
            instances,
            &other,
            "404 StackSetNotFoundException",
        ),
        (&management, status, &pack, "ok"),
        (&security, status, &pack, no_pack),
        (&ordinary, status, &pack, denied),
    ] {
        let result = caller.result(operation, request.clone()).await;
        assert_eq!(result, expected, "{request}");
    }
}

#[tokio::test]
async fn an_aggregator_leaves_out_rules_without_a_result_and_accounts_that_it_cannot_reach() {
    let (management, mut organization) = organization(3).await;
    management.delete_rule(&member(1), PACK_RULE);
    management.put_rule(ConfigRule::new(&member(1), "another"));
    let [code, message] = ["AuthorizationError", "Not authorized."].map(str::to_owned);
    organization.aggregators[0]
        .failing
        .push((member(2), code, message));
    management.put_organization(organization);
    for (operation, request, list, account, expected) in [
        (
            Operation::DescribeAggregateComplianceByConfigRules,
            json!({ "ConfigurationAggregatorName": "all", "Filters": { "AwsRegion": "us-east-1" } }),
            "AggregateComplianceByConfigRules",
            "AccountId",
            member(3),
        ),
        (
            Operation::DescribeConfigurationAggregatorSourcesStatus,
            json!({ "ConfigurationAggregatorName": "all", "UpdateStatus": ["FAILED"] }),
            "AggregatedSourceStatusList",
            "SourceId",
            member(2),
        ),
    ] {
        let (items, _) = management.pages(operation, request, list).await;
        let accounts: Vec<_> = items.iter().map(|it| &it[account]).collect();
        assert_eq!(accounts, [&expected]);
    }
}
