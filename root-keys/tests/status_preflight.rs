//! `status --preflight` names what would make a rollout fail, before it does.

mod rollout;
mod wire;

use local_aws::{Fault, Operation, OrganizationPack};
use rollout::{MANAGEMENT, NAME, PACKS, PAYMENTS, Rollout, STACK_SETS, WEB, body};
use serde_json::Value;
use wire::Ended;

const OUT_OF_SIGHT: &str = "Cannot be seen from here: a recorder that was stopped after it had \
    recorded; a region that a landing zone does not govern or a service control policy denies; \
    quotas of the accounts.\n";

fn is(ended: &Ended, code: i32, findings: &str, sum: &str) {
    let expected = format!("{findings}\n{sum}\n{OUT_OF_SIGHT}");
    assert_eq!(body(ended), expected, "{}", ended.err);
    assert_eq!(ended.code, Some(code));
}

async fn preflight(rollout: &Rollout) -> Ended {
    rollout.status(&["--preflight"]).await
}

#[tokio::test]
async fn nothing_in_the_way_is_exit_code_0() {
    let ended = preflight(&Rollout::of_two().await).await;
    is(&ended, 0, "", "Nothing found to mend before the rollout.");
}

#[tokio::test]
async fn it_changes_and_evaluates_nothing() {
    let rollout = Rollout::of_two().await;
    preflight(&rollout).await;
    rollout.status(&["--preflight=organization-pack"]).await;
    for operation in rollout.wire.operations() {
        let name = operation.to_string();
        let reads = ["List", "Describe", "Get"]
            .iter()
            .any(|verb| name.starts_with(verb));
        assert!(reads, "{name}");
    }
}

#[tokio::test]
async fn an_account_in_which_nothing_is_recorded() {
    let rollout = Rollout::of_two().await;
    bare(&rollout, &[WEB]);
    is(
        &preflight(&rollout).await,
        3,
        "\
- 222222222222 (web): AWS Config has recorded nothing in us-east-1: no recorder, or none yet
  whoever runs the landing zone switches it on; there `aws configservice describe-configuration-recorder-status`
",
        "1 found to mend before the rollout.",
    );
}

/// AWS Config has recorded nothing in these.
fn bare(rollout: &Rollout, ids: &[&str]) {
    for id in ids {
        let mut bare = local_aws::Account::new(id);
        bare.recorder = false;
        rollout.wire.aws.put_account(bare);
    }
}

#[tokio::test]
async fn an_account_that_no_rollout_reaches_needs_no_recorder() {
    let mut rollout = Rollout::of_two().await;
    rollout.join("333333333333", "outside");
    rollout.member("333333333333").unit = Some("ou-loca-elsewhere".to_owned());
    bare(&rollout, &[MANAGEMENT, "333333333333"]);
    let ended = preflight(&rollout).await;
    let sum = "Nothing found to mend before the rollout.";
    is(&ended, 0, "", sum);

    // Nobody says yet where a first one goes; never to the management account.
    rollout.organization.stack_sets.clear();
    let ended = preflight(&rollout).await;
    assert_eq!(ended.code, Some(3));
    let named = ended.out.matches("AWS Config has recorded nothing").count();
    assert!(
        named == 1 && ended.out.contains("- 333333333333 (outside): "),
        "{}",
        ended.out
    );
}

#[tokio::test]
async fn where_the_units_cannot_be_told_an_account_without_a_recorder_is_named() {
    let mut rollout = Rollout::of_two().await;
    rollout.organization.stack_sets[0].units = vec!["ou-loca-elsewhere".to_owned()];
    bare(&rollout, &[WEB]);
    let operation = Operation::DescribeStackSet;
    rollout
        .wire
        .aws
        .fault_always(MANAGEMENT, operation, Fault::Denied);
    let ended = preflight(&rollout).await;
    assert_eq!(ended.code, Some(3));
    assert!(
        ended.out.contains("- 222222222222 (web): AWS Config has"),
        "{}",
        ended.out
    );
    assert!(ended.out.contains("1 could not be seen."), "{}", ended.out);
}

#[tokio::test]
async fn a_region_in_which_no_account_records() {
    let mut rollout = Rollout::of_two().await;
    let mut elsewhere = rollout.organization.aggregators[0].clone();
    elsewhere.region = "eu-west-1".to_owned();
    elsewhere.regions = vec!["us-east-1".to_owned()];
    rollout.organization.aggregators.push(elsewhere);
    let ended = rollout.status_in("eu-west-1", &["--preflight"]).await;
    assert_eq!(ended.code, Some(1));
    let words = "has in eu-west-1 no aggregator that collects from eu-west-1";
    assert!(ended.out.contains(words), "{}", ended.out);
}

#[tokio::test]
async fn trusted_access_that_is_off() {
    let mut rollout = Rollout::of_two().await;
    rollout.organization.trusted_services.clear();
    is(
        &preflight(&rollout).await,
        3,
        "\
- trusted access of member.org.stacksets.cloudformation.amazonaws.com is off
  from the management account `aws cloudformation activate-organizations-access`
- trusted access of config.amazonaws.com is off, which stops the aggregator, not the rollout
  from the management account `aws organizations enable-aws-service-access --service-principal config.amazonaws.com`
",
        "2 found to mend before the rollout.",
    );
}

#[tokio::test]
async fn trusted_access_that_organizations_has_and_stack_sets_do_not_know() {
    let rollout = Rollout::of_two().await;
    let disabled = "<DescribeOrganizationsAccessResponse><DescribeOrganizationsAccessResult>\
                    <Status>DISABLED</Status></DescribeOrganizationsAccessResult>\
                    </DescribeOrganizationsAccessResponse>";
    let operation = Operation::DescribeOrganizationsAccess;
    rollout
        .wire
        .aws
        .fault_always(MANAGEMENT, operation, Fault::xml(disabled));
    let ended = preflight(&rollout).await;
    assert_eq!(ended.code, Some(3));
    assert!(
        ended
            .out
            .contains("- CloudFormation says that StackSets may not deploy")
    );
}

#[tokio::test]
async fn consolidated_billing() {
    let mut rollout = Rollout::of_two().await;
    rollout.organization.all_features = false;
    let ended = preflight(&rollout).await;
    assert_eq!(ended.code, Some(3));
    assert!(
        ended
            .out
            .contains("`aws organizations enable-all-features`"),
        "{}",
        ended.out
    );
}

#[tokio::test]
async fn a_delegated_administrator_that_is_registered_for_one_service_only() {
    let mut rollout = Rollout::of_two().await;
    rollout.ask_from(PAYMENTS, &[STACK_SETS]);
    is(
        &preflight(&rollout).await,
        3,
        "\
- account 111111111111 is not registered as delegated administrator for config.amazonaws.com, which stops the aggregator, not the rollout
  sign in to the management account 999999999999 (no account is a delegated administrator for config.amazonaws.com); who becomes one is decided there: https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs/organization.md#before-you-start
",
        "1 found to mend before the rollout.",
    );
}

#[tokio::test]
async fn an_account_that_is_not_active_is_named_and_hinders_nothing() {
    for state in [
        "PENDING_ACTIVATION",
        "SUSPENDED",
        "PENDING_CLOSURE",
        "CLOSED",
    ] {
        let mut rollout = Rollout::of_two().await;
        rollout.member(WEB).state = state;
        is(
            &preflight(&rollout).await,
            0,
            &format!("- 222222222222 (web) is {state}: StackSets skip it\n"),
            "Nothing found to mend before the rollout.",
        );
    }
}

#[tokio::test]
async fn what_cannot_be_seen_is_no_success() {
    let mut rollout = Rollout::of_two().await;
    rollout.organization.aggregators.clear();
    let ended = preflight(&rollout).await;
    assert_eq!(ended.code, Some(1));
    let sum = "0 found to mend before the rollout, 1 could not be seen.";
    assert!(ended.out.contains(sum), "{}", ended.out);

    let mut rollout = Rollout::of_two().await;
    let mut some = rollout.organization.aggregators[0].clone();
    some.accounts = Some(vec![MANAGEMENT.to_owned(), PAYMENTS.to_owned()]);
    rollout.organization.aggregators = vec![some];
    let ended = preflight(&rollout).await;
    assert_eq!(ended.code, Some(1));
    let words = "whether account 222222222222 (web) has a recorder cannot be seen: aggregator \
                 organization does not collect from it";
    assert!(ended.out.contains(words), "{}", ended.out);
}

#[tokio::test]
async fn a_call_that_is_denied_is_named_and_is_no_success() {
    for (operation, action) in [
        (
            Operation::ListAWSServiceAccessForOrganization,
            "organizations:ListAWSServiceAccessForOrganization",
        ),
        (
            Operation::DescribeOrganizationsAccess,
            "cloudformation:DescribeOrganizationsAccess",
        ),
        (
            Operation::GetAggregateDiscoveredResourceCounts,
            "config:GetAggregateDiscoveredResourceCounts",
        ),
    ] {
        let rollout = Rollout::of_two().await;
        rollout
            .wire
            .aws
            .fault_always(MANAGEMENT, operation, Fault::Denied);
        let ended = preflight(&rollout).await;
        assert_eq!(ended.code, Some(1), "{action}");
        assert!(ended.out.contains(action), "{}", ended.out);
    }
}

#[tokio::test]
async fn a_pack_would_fail_where_the_function_is_not() {
    let mut rollout = Rollout::of_two().await;
    rollout.organization.trusted_services.push(PACKS);
    rollout.join("333333333333", "new");
    rollout.join("444444444444", "old");
    rollout.member("444444444444").state = "SUSPENDED";
    let pack = ["--preflight=organization-pack"];
    is(
        &rollout.status(&pack).await,
        3,
        "\
- 333333333333 (new): the function is not there, and the pack would fail for it
  `root-keys status` says why; or put it into `excludedAccounts`
- 444444444444 (old): the account is SUSPENDED, and the pack would fail for it
  `root-keys status` says why; or put it into `excludedAccounts`
- 444444444444 (old) is SUSPENDED: StackSets skip it
",
        "2 found to mend before the rollout.",
    );
    let mut excluding = OrganizationPack::new(NAME, MANAGEMENT);
    excluding.excluded_accounts = vec!["333333333333".to_owned(), "444444444444".to_owned()];
    rollout.organization.packs.push(excluding);
    assert_eq!(rollout.status(&pack).await.code, Some(0));

    rollout.organization.stack_sets.clear();
    let ended = rollout.status(&pack).await;
    assert_eq!(ended.code, Some(3));
    assert!(
        ended
            .out
            .contains("- no StackSet root-access-key-rule-org is there")
    );
}

#[tokio::test]
async fn as_json_it_is_one_document() {
    let mut rollout = Rollout::of_two().await;
    rollout.organization.trusted_services = vec![STACK_SETS];
    let ended = rollout.status(&["--preflight", "--output", "json"]).await;
    assert_eq!((ended.code, ended.out.lines().count()), (Some(3), 1));
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(found["schema"], 1);
    assert_eq!(found["command"], "root-keys status --preflight=stack-set");
    assert_eq!(found["exitCode"], 3);
    assert_eq!(found["findings"].as_array().unwrap().len(), 1);
    assert_eq!(found["findings"][0]["account"], Value::Null);
    assert_eq!(found["sources"].as_array().unwrap().len(), 8);
}
