//! `status --preflight` names what would make a rollout fail, before it does.

use crate::rollout::{MANAGEMENT, NAME, PACKS, PAYMENTS, Rollout, STACK_SETS, WEB, body, verdict};
use crate::wire::{Ended, unwrapped};
use local_aws::{Fault, Operation, OrganizationPack};
use serde_json::{Value, json};

/// Exit code, verdict and issues; each issue on one line.
fn is(ended: &Ended, code: i32, issues: &[&str], expected: &str) {
    assert_eq!(verdict(ended), expected, "{ended:?}");
    assert_eq!(issues_of(ended), issues, "{ended:?}");
    assert_eq!(ended.code, Some(code));
}

/// The numbered issues and what could not be checked.
fn issues_of(ended: &Ended) -> Vec<String> {
    let body = unwrapped(&body(ended));
    let issues = body.lines();
    let issues =
        issues.filter(|it| it.starts_with(char::is_numeric) || it.starts_with("Not checked"));
    issues.map(str::to_owned).collect()
}

async fn preflight(rollout: &Rollout) -> Ended {
    rollout.brief(&["--preflight"]).await
}

#[tokio::test]
async fn nothing_in_the_way_is_exit_code_0() {
    let ended = preflight(&Rollout::of_two().await).await;
    is(&ended, 0, &[], "Nothing to fix before you roll out.");
    let expected = "Not visible from here: a recorder that was stopped after it had recorded; a \
                    region that a landing zone does not govern or a service control policy denies; \
                    quotas of the accounts.";
    assert!(unwrapped(&ended.out).ends_with(expected), "{}", ended.out);
}

#[tokio::test]
async fn it_changes_and_evaluates_nothing() {
    let rollout = Rollout::of_two().await;
    preflight(&rollout).await;
    rollout.status(&["--preflight=organization-pack"]).await;
    for operation in rollout.operations() {
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
        &[
            "1. AWS Config has recorded nothing (no recorder, or none yet) (1 account) 222222222222 web: \
           in us-east-1 Fix: ask the landing zone's owner to create a configuration recorder in us-east-1 (a stopped one is enough); \
           check in the account: aws configservice describe-configuration-recorder-status",
        ],
        "1 issue to fix before you roll out.",
    );
}

/// AWS Config has recorded nothing in these.
fn bare(rollout: &Rollout, ids: &[&str]) {
    for id in ids {
        let mut bare = local_aws::Account::new(id);
        bare.recorder = false;
        rollout.put_account(bare);
    }
}

#[tokio::test]
async fn an_account_that_no_rollout_reaches_needs_no_recorder() {
    let mut rollout = Rollout::of_two().await;
    rollout.join("333333333333", "outside");
    rollout.member("333333333333").unit = Some("ou-loca-elsewhere".to_owned());
    bare(&rollout, &[MANAGEMENT, "333333333333"]);
    let ended = preflight(&rollout).await;
    is(&ended, 0, &[], "Nothing to fix before you roll out.");

    // Nobody says yet where a first one goes; never to the management account.
    rollout.organization.stack_sets.clear();
    let ended = preflight(&rollout).await;
    assert_eq!(ended.code, Some(3));
    let named = ended.out.matches("AWS Config has recorded nothing").count();
    assert!(
        named == 1
            && ended
                .out
                .contains("\n   333333333333  outside: in us-east-1\n"),
        "{}",
        ended.out
    );
}

#[tokio::test]
async fn if_the_organizational_units_are_unknown_an_account_without_a_recorder_is_named() {
    let mut rollout = Rollout::of_two().await;
    rollout.organization.stack_sets[0].units = vec!["ou-loca-elsewhere".to_owned()];
    bare(&rollout, &[WEB]);
    let operation = Operation::DescribeStackSet;
    rollout.fault_always(MANAGEMENT, operation, Fault::Denied);
    let ended = preflight(&rollout).await;
    assert_eq!(ended.code, Some(3));
    ended.shows("\n   222222222222  web: in us-east-1\n");
    let expected = "1 issue to fix before you roll out. 1 check could not be completed.";
    assert_eq!(verdict(&ended), expected, "{}", ended.out);
}

#[tokio::test]
async fn a_region_in_which_no_account_records() {
    let mut rollout = Rollout::of_two().await;
    let mut elsewhere = rollout.organization.aggregators[0].clone();
    elsewhere.region = "eu-west-1".to_owned();
    elsewhere.regions = vec!["us-east-1".to_owned()];
    rollout.organization.aggregators.push(elsewhere);
    let ended = rollout.status_in("eu-west-1", &["--preflight"]).await;
    assert_eq!(ended.code, Some(3));
    ended.shows_unwrapped(
        "has no aggregator in eu-west-1 that collects from eu-west-1 (its aggregators \
                 collect from us-east-1)",
    );
    ended.shows("The StackSet is already deployed from another region: us-east-1, not eu-west-1");
}

#[tokio::test]
async fn trusted_access_that_is_off() {
    let mut rollout = Rollout::of_two().await;
    rollout.organization.trusted_services.clear();
    is(
        &preflight(&rollout).await,
        3,
        &[
            "1. Trusted access for a service is off: member.org.stacksets.cloudformation.amazonaws.com \
             Fix: from the management account: aws cloudformation activate-organizations-access",
            "2. Trusted access for a service is off: config.amazonaws.com (needed by the aggregator, \
             not by the rollout) Fix: from the management account: aws organizations \
             enable-aws-service-access --service-principal config.amazonaws.com",
        ],
        "2 issues to fix before you roll out.",
    );
}

#[tokio::test]
async fn trusted_access_that_organizations_has_and_stack_sets_do_not_know() {
    let rollout = Rollout::of_two().await;
    let disabled = "<DescribeOrganizationsAccessResponse><DescribeOrganizationsAccessResult>\
                    <Status>DISABLED</Status></DescribeOrganizationsAccessResult>\
                    </DescribeOrganizationsAccessResponse>";
    let operation = Operation::DescribeOrganizationsAccess;
    rollout.fault_always(MANAGEMENT, operation, Fault::xml(disabled));
    let ended = preflight(&rollout).await;
    assert_eq!(ended.code, Some(3));
    ended.shows("1. CloudFormation does not allow StackSets to deploy");
}

#[tokio::test]
async fn consolidated_billing() {
    let mut rollout = Rollout::of_two().await;
    rollout.organization.all_features = false;
    let ended = preflight(&rollout).await;
    assert_eq!(ended.code, Some(3));
    ended.shows("\n     aws organizations enable-all-features\n");
}

#[tokio::test]
async fn a_delegated_administrator_that_is_registered_for_one_service_only() {
    let mut rollout = Rollout::of_two().await;
    rollout.ask_from(PAYMENTS, &[STACK_SETS]);
    is(
        &preflight(&rollout).await,
        3,
        &[
            "1. This account is not registered as a delegated administrator: account 111111111111, \
             for config.amazonaws.com (needed by the aggregator, not by the rollout) Fix: sign in to the \
             management account 999999999999 (no account is a delegated administrator for \
             config.amazonaws.com); delegated administrators are registered there: \
             docs/organization.md#before-you-start",
        ],
        "1 issue to fix before you roll out.",
    );
}

#[tokio::test]
async fn an_account_that_is_not_active_is_named_and_blocks_nothing() {
    for state in [
        "PENDING_ACTIVATION",
        "SUSPENDED",
        "PENDING_CLOSURE",
        "CLOSED",
    ] {
        let mut rollout = Rollout::of_two().await;
        rollout.member(WEB).state = state;
        let ended = preflight(&rollout).await;
        is(&ended, 0, &[], "Nothing to fix before you roll out.");
        let expected =
            format!("\nStackSets skip 1 account (not active):\n  222222222222  web: {state}\n");
        assert!(ended.out.contains(&expected), "{}", ended.out);
    }
}

#[tokio::test]
async fn it_says_which_account_holds_each_delegation_and_what_it_runs() {
    let mut rollout = Rollout::of_two().await;
    rollout.organization.iam_administrators = vec![WEB.to_owned()];
    rollout.ask_from(PAYMENTS, &[STACK_SETS, "config.amazonaws.com"]);
    let ended = preflight(&rollout).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let said = unwrapped(&ended.out);
    let line = said
        .lines()
        .find(|line| line.starts_with("Delegated administrators:"));
    assert_eq!(
        line.unwrap(),
        "Delegated administrators: StackSets (member.org.stacksets.cloudformation.amazonaws.com): \
         delegated to 111111111111 (payments) run `make deploy` and `root-keys status` there or in \
         the management account 999999999999; this account can run it AWS Config aggregator \
         (config.amazonaws.com): delegated to 111111111111 (payments) run `root-keys status` there \
         or in the management account 999999999999; this account can run it AWS Config packs \
         (config-multiaccountsetup.amazonaws.com): no delegated administrator run `make deploy` in \
         mode organization-pack only in the management account 999999999999; this account cannot \
         run it IAM root access (iam.amazonaws.com): delegated to 222222222222 (web) run \
         `root-keys list` and `root-keys delete` there or in the management account 999999999999; \
         this account cannot run it"
    );
    let ended = rollout.brief(&["--preflight", "--output", "json"]).await;
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    let held: Vec<_> = found["delegations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                &it["service"],
                &it["administrators"][0]["account"],
                &it["thisAccount"],
            )
        })
        .map(|(service, account, this)| json!([service, account, this]))
        .collect();
    let expected = json!([
        [STACK_SETS, PAYMENTS, true],
        ["config.amazonaws.com", PAYMENTS, true],
        [PACKS, null, false],
        ["iam.amazonaws.com", WEB, false],
    ]);
    assert_eq!(Value::from(held), expected);

    let denied = Operation::ListDelegatedAdministrators;
    rollout.fault_always(PAYMENTS, denied, Fault::Denied);
    let ended = preflight(&rollout).await;
    ended.ends(1, "No issue found, but: 1 check could not be completed.");
    let words = "its delegated administrators could not be read";
    assert_eq!(
        unwrapped(&ended.out).matches(words).count(),
        4,
        "{}",
        ended.out
    );
}

#[tokio::test]
async fn a_thousand_accounts_without_a_recorder_are_one_issue() {
    let mut rollout = Rollout::new().await;
    for number in 1..=1000 {
        let id = format!("{number:0>12}");
        rollout.join(&id, "sandbox");
        bare(&rollout, &[&id]);
    }
    let ended = preflight(&rollout).await;
    assert_eq!(verdict(&ended), "1 issue to fix before you roll out.");
    let title = "1. AWS Config has recorded nothing (no recorder, or none yet) (1,000 accounts)";
    assert!(ended.out.contains(title), "{}", ended.out);
    ended.shows("   … and 990 more (");
    assert!(ended.out.lines().count() < 50, "{}", ended.out);
    let ended = rollout.status(&["--preflight"]).await;
    ended.shows("   000000001000  sandbox\n");
}

#[tokio::test]
async fn what_is_not_visible_is_no_success() {
    let mut rollout = Rollout::of_two().await;
    rollout.organization.aggregators.clear();
    let ended = preflight(&rollout).await;
    ended.ends(1, "No issue found, but: 1 check could not be completed.");

    let mut rollout = Rollout::of_two().await;
    let mut some = rollout.organization.aggregators[0].clone();
    some.accounts = Some(vec![MANAGEMENT.to_owned(), PAYMENTS.to_owned()]);
    rollout.organization.aggregators = vec![some];
    let ended = preflight(&rollout).await;
    assert_eq!(ended.code, Some(1));
    ended.shows_unwrapped(
        "Not checked: The aggregator does not collect the account's results (1 account) \
                 222222222222 web: aggregator organization does not collect from it",
    );
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
        rollout.fault_always(MANAGEMENT, operation, Fault::Denied);
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
        &[
            "1. The account has no function, so the pack would fail (1 account) 333333333333 new \
             Fix: see why with root-keys status or add the account to `excludedAccounts`",
            "2. The account is not active, so the pack would fail (1 account) 444444444444 old: \
             SUSPENDED Fix: see why with root-keys status or add the account to \
             `excludedAccounts`",
        ],
        "2 issues to fix before you roll out.",
    );
    let mut excluding = OrganizationPack::new(NAME, MANAGEMENT);
    excluding.excluded_accounts = vec!["333333333333".to_owned(), "444444444444".to_owned()];
    rollout.organization.packs.push(excluding);
    assert_eq!(rollout.status(&pack).await.code, Some(0));

    rollout.organization.stack_sets.clear();
    let ended = rollout.status(&pack).await;
    assert_eq!(ended.code, Some(3));
    ended.shows_unwrapped(
        "StackSet root-access-key-rule-org, which deploys the functions, does not exist",
    );
}

#[tokio::test]
async fn as_json_it_is_one_document() {
    let mut rollout = Rollout::of_two().await;
    rollout.organization.trusted_services = vec![STACK_SETS];
    let ended = rollout.status(&["--preflight", "--output", "json"]).await;
    assert_eq!((ended.code, ended.out.lines().count()), (Some(3), 1));
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(found["schema"], 2);
    assert_eq!(found["command"], "root-keys status --preflight=stack-set");
    assert_eq!(found["exitCode"], 3);
    assert_eq!(found["findings"].as_array().unwrap().len(), 1);
    assert_eq!(found["findings"][0]["account"], Value::Null);
    assert_eq!(found["findings"][0]["kind"], "trusted-access-off");
    assert_eq!(found["sources"].as_array().unwrap().len(), 12);
}
