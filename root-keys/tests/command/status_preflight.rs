//! `status --preflight` names what would make a rollout fail, before it does.

use crate::rollout::{Change, MANAGEMENT, NAME, PACKS, PAYMENTS, Rollout, STACK_SETS, WEB, shows};
use local_aws::{Account, Fault, Operation, OrganizationPack};

const PREFLIGHT: &[&str] = &["--preflight"];
const PACK: &[&str] = &["--preflight=organization-pack"];
const JSON: &[&str] = &["--preflight", "--output", "json"];
const OTHER: &str = "333333333333";
const ELSEWHERE: &str = "ou-loca-elsewhere";

/// AWS Config has recorded nothing in these.
fn bare(rollout: &Rollout, ids: &[&str]) {
    for id in ids {
        let mut bare = Account::new(id);
        bare.recorder = false;
        rollout.put_account(bare);
    }
}

#[tokio::test]
async fn an_account_that_the_rollout_reaches_needs_a_recorder() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("nothing is in the way", PREFLIGHT, |_| ()),
        ("nothing is recorded in an account", PREFLIGHT, |it| {
            bare(it, &[WEB]);
        }),
        (
            "an account that is not reached has no recorder",
            PREFLIGHT,
            |it| {
                it.join(OTHER, "outside");
                it.member(OTHER).unit = Some(ELSEWHERE.to_owned());
                bare(it, &[MANAGEMENT, OTHER]);
            },
        ),
        // Nobody says yet where a first one goes; never to the management account.
        ("a first rollout may reach every member", PREFLIGHT, |it| {
            it.join(OTHER, "outside");
            it.member(OTHER).unit = Some(ELSEWHERE.to_owned());
            bare(it, &[MANAGEMENT, OTHER]);
            it.organization.stack_sets.clear();
        }),
        ("the OUs of the rollout are not known", PREFLIGHT, |it| {
            it.organization.stack_sets[0].units = vec![ELSEWHERE.to_owned()];
            bare(it, &[WEB]);
            it.fails(Operation::DescribeStackSet, Fault::Denied);
        }),
        ("nothing is recorded in the region", PREFLIGHT, |it| {
            let mut elsewhere = it.organization.aggregators[0].clone();
            elsewhere.region = "eu-west-1".to_owned();
            elsewhere.regions = vec!["us-east-1".to_owned()];
            it.organization.aggregators.push(elsewhere);
            it.region = "eu-west-1";
        }),
        ("an account is suspended", PREFLIGHT, |it| {
            it.member(WEB).state = "SUSPENDED";
        }),
    ];
    shows("preflight", cases).await;
}

#[tokio::test]
async fn what_the_organization_does_not_allow_is_named_with_the_command_that_allows_it() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("trusted access is off", PREFLIGHT, |it| {
            it.organization.trusted_services.clear();
        }),
        ("trusted access is off as json", JSON, |it| {
            it.organization.trusted_services = vec![STACK_SETS];
        }),
        (
            "stack sets do not know of the trusted access",
            PREFLIGHT,
            |it| {
                let disabled = "<DescribeOrganizationsAccessResponse><DescribeOrganizationsAccessResult>\
                            <Status>DISABLED</Status></DescribeOrganizationsAccessResult>\
                            </DescribeOrganizationsAccessResponse>";
                it.fails(Operation::DescribeOrganizationsAccess, Fault::xml(disabled));
            },
        ),
        ("consolidated billing", PREFLIGHT, |it| {
            it.organization.all_features = false;
        }),
        ("registered for one service only", PREFLIGHT, |it| {
            it.ask_from(PAYMENTS, &[STACK_SETS]);
        }),
    ];
    shows("preflight", cases).await;
}

#[tokio::test]
async fn the_preflight_shows_the_administrators_of_each_service() {
    fn delegated(rollout: &mut Rollout) {
        rollout.organization.iam_administrators = vec![WEB.to_owned()];
        rollout.ask_from(PAYMENTS, &[STACK_SETS, "config.amazonaws.com"]);
    }
    let cases: &[(&str, &[&str], Change)] = &[
        ("delegations", PREFLIGHT, delegated),
        ("delegations as json", JSON, delegated),
        ("delegations that cannot be read", PREFLIGHT, |it| {
            delegated(it);
            let operation = Operation::ListDelegatedAdministrators;
            it.fault_always(PAYMENTS, operation, Fault::Denied);
        }),
    ];
    shows("preflight", cases).await;
}

#[tokio::test]
async fn what_is_not_visible_is_no_success() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("there is no aggregator", PREFLIGHT, |it| {
            it.organization.aggregators.clear();
        }),
        ("the aggregator leaves out an account", PREFLIGHT, |it| {
            let few = vec![MANAGEMENT.to_owned(), PAYMENTS.to_owned()];
            it.organization.aggregators[0].accounts = Some(few);
        }),
        ("trusted services are denied", PREFLIGHT, |it| {
            let operation = Operation::ListAWSServiceAccessForOrganization;
            it.fails(operation, Fault::Denied);
        }),
        ("the access of stack sets is denied", PREFLIGHT, |it| {
            it.fails(Operation::DescribeOrganizationsAccess, Fault::Denied);
        }),
        ("resource counts are denied", PREFLIGHT, |it| {
            let operation = Operation::GetAggregateDiscoveredResourceCounts;
            it.fails(operation, Fault::Denied);
        }),
    ];
    shows("preflight", cases).await;
}

/// A member without the function, and a suspended one.
fn two_without_function(rollout: &mut Rollout) {
    rollout.organization.trusted_services.push(PACKS);
    rollout.join(OTHER, "new");
    rollout.join("444444444444", "old");
    rollout.member("444444444444").state = "SUSPENDED";
}

/// Both are left out of the pack.
fn two_excluded(rollout: &mut Rollout) {
    two_without_function(rollout);
    let mut excluding = OrganizationPack::new(NAME, MANAGEMENT);
    excluding.excluded_accounts = vec![OTHER.to_owned(), "444444444444".to_owned()];
    rollout.organization.packs.push(excluding);
}

#[tokio::test]
async fn a_pack_would_fail_where_the_function_is_not() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("two accounts have no function", PACK, two_without_function),
        ("the pack excludes both", PACK, two_excluded),
        ("no stack set brings the functions", PACK, |it| {
            two_excluded(it);
            it.organization.stack_sets.clear();
        }),
    ];
    shows("preflight", cases).await;
}

#[tokio::test]
async fn a_thousand_accounts_without_a_recorder_are_one_issue() {
    let mut rollout = Rollout::new().await;
    for number in 1..=1000 {
        let id = format!("{number:0>12}");
        rollout.join(&id, "sandbox");
        bare(&rollout, &[&id]);
    }
    let brief = rollout.brief(PREFLIGHT).await;
    brief.is_screen("preflight/a thousand accounts without a recorder");
    let all = rollout.status(PREFLIGHT).await;
    all.shows("   000000001000  sandbox\n");
}

#[tokio::test]
async fn the_preflight_makes_only_calls_that_read() {
    let rollout = Rollout::of_two().await;
    rollout.brief(PREFLIGHT).await;
    rollout.brief(PACK).await;
    for operation in rollout.operations() {
        let name = operation.to_string();
        let mut verbs = ["List", "Describe", "Get"].iter();
        assert!(verbs.any(|verb| name.starts_with(verb)), "{name}");
    }
}
