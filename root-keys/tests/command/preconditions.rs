//! What is missing before a root user can be reached is said in a sentence, with
//! what to do about it, and nothing more is tried.

use crate::screen::without_request_ids;
use crate::wire::{
    self, DELETE, EXECUTE, Ended, LIST, MANAGEMENT, MEMBER, Setup, Wire, denied, organization,
    shows,
};
use local_aws::{Account, Fault, Framing, Operation, Organization};
use serde_json::json;

const SECURITY: &str = "222233334444";
const AUDITORS: &str = "333344445555";

/// What is different from the organization of [`Wire::new`].
type Change = fn(&mut Organization);
type Faults<'a> = &'a [(Operation, Fault)];

/// `list` and `delete` fail alike before a session is opened: the screen has the name of
/// the case.
async fn refused(case: &str, wire: &Wire, account: &str) {
    let list = wire.run(&["list", "--account", account]).await;
    let mut delete = EXECUTE;
    delete[2] = account;
    let delete = wire.run(&delete).await;
    for Ended { code, out, .. } in [&list, &delete] {
        assert_eq!((*code, out.as_str()), (Some(1), ""));
    }
    let [of_list, of_delete] = [&list, &delete].map(|it| without_request_ids(&it.err));
    assert_eq!(of_list, of_delete);
    assert_eq!(of_list.lines().count(), 1, "{of_list}");
    assert_eq!(wire.sent(Operation::AssumeRoot).len(), 0);
    list.is_screen(&format!("preconditions/{case}"));
}

#[tokio::test]
async fn what_is_off_in_the_organization_is_named_with_the_command_that_turns_it_on() {
    let cases: &[(&str, Change)] = &[
        ("trusted access is off", |it| it.trusted_access = false),
        ("consolidated billing", |it| it.all_features = false),
        ("root credentials management is off", |it| {
            it.enabled_features = vec!["RootSessions"];
        }),
        // Root sessions are not needed.
        ("every feature is off", |it| it.enabled_features.clear()),
        ("no organization", |it| {
            SECURITY.clone_into(&mut it.management_account);
        }),
        ("pending activation", |it| {
            it.members[0].state = "PENDING_ACTIVATION";
        }),
        ("suspended", |it| it.members[0].state = "SUSPENDED"),
        ("closed", |it| it.members[0].state = "CLOSED"),
    ];
    for (case, change) in cases {
        let wire = Wire::new().await;
        let mut organization = organization();
        change(&mut organization);
        wire.put_organization(organization);
        refused(case, &wire, MEMBER).await;
    }
}

#[tokio::test]
async fn root_sessions_are_not_needed() {
    let wire = Wire::with(Some(wire::used_long_ago()), None).await;
    let mut organization = organization();
    organization.enabled_features = vec!["RootCredentialsManagement"];
    wire.put_organization(organization);
    for arguments in [&LIST[..], &DELETE, &EXECUTE] {
        let ended = wire.run(arguments).await;
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    }
}

#[tokio::test]
async fn an_account_out_of_reach_is_named() {
    let wire = Wire::new().await;
    refused("the management account", &wire, MANAGEMENT).await;
    refused("an account of somebody else", &wire, SECURITY).await;
}

fn registered(organization: &mut Organization, administrators: &[&str]) {
    organization.iam_administrators = administrators.iter().map(ToString::to_string).collect();
    let config = ("config.amazonaws.com", SECURITY.to_owned());
    organization.delegated.push(config);
}

/// The caller's own account must not be made an administrator on this advice.
#[tokio::test]
async fn a_member_that_is_no_administrator_for_iam_learns_where_to_sign_in() {
    let features = "<ListOrganizationsFeaturesResponse><ListOrganizationsFeaturesResult>\
         <EnabledFeatures><member>RootCredentialsManagement</member></EnabledFeatures>\
         </ListOrganizationsFeaturesResult></ListOrganizationsFeaturesResponse>";
    let cases: &[(&str, Change, Faults<'_>)] = &[
        // Who the administrator is, an ordinary member may not see.
        (
            "an ordinary member",
            |it| it.iam_administrators = vec![AUDITORS.to_owned()],
            &[],
        ),
        (
            "an administrator of another service",
            |it| registered(it, &[AUDITORS]),
            &[],
        ),
        (
            "nobody is registered for IAM",
            |it| registered(it, &[]),
            &[],
        ),
        (
            "a member that may not describe its organization",
            |_| (),
            &[(Operation::DescribeOrganization, Fault::Denied)],
        ),
        // It gains nothing from a permission.
        (
            "a member that is denied its features",
            |it| registered(it, &[AUDITORS]),
            &[(Operation::ListOrganizationsFeatures, Fault::Denied)],
        ),
        (
            "a member that may not describe an account",
            |it| registered(it, &[AUDITORS]),
            &[
                (Operation::ListOrganizationsFeatures, Fault::xml(features)),
                (Operation::DescribeAccount, Fault::Denied),
            ],
        ),
    ];
    for (case, change, faults) in cases {
        let wire = Wire::new().await;
        let operator = wire.put_account(Account::new(SECURITY));
        let organization = organization().with_member(SECURITY, "security");
        let mut organization = organization.with_member(AUDITORS, "audit");
        change(&mut organization);
        wire.put_organization(organization);
        for (operation, fault) in *faults {
            wire.fault_always(SECURITY, *operation, fault.clone());
        }
        let wire = Wire { operator, ..wire };
        refused(case, &wire, MEMBER).await;
    }
}

/// What AWS Organizations says of the member, with these fields of its state.
fn described(state: &serde_json::Value) -> Fault {
    let mut account = json!({
        "Id": MEMBER,
        "Arn": format!("arn:aws:organizations::{MANAGEMENT}:account/o-localaws01/{MEMBER}"),
        "Name": "payments",
    });
    let fields = state.as_object().unwrap().clone();
    account.as_object_mut().unwrap().extend(fields);
    Fault::json(json!({ "Account": account }).to_string())
}

#[tokio::test]
async fn the_status_counts_where_there_is_no_state() {
    for (state, code) in [
        (json!({ "Status": "PENDING_CLOSURE" }), 1),
        (json!({ "Status": "ACTIVE" }), 0),
        (json!({ "State": "ACTIVE", "Status": "SUSPENDED" }), 0),
        (json!({}), 0),
    ] {
        let wire = Wire::new().await;
        wire.fault_always(MANAGEMENT, Operation::DescribeAccount, described(&state));
        assert_eq!(wire.run(&LIST).await.code, Some(code), "{state}");
    }
}

#[tokio::test]
async fn an_explicit_deny_at_any_call_names_the_policy_that_can_be_behind_it() {
    let cases: &[(&str, &str, Operation)] = &[
        (
            "features are denied",
            MANAGEMENT,
            Operation::ListOrganizationsFeatures,
        ),
        (
            "the account is denied",
            MANAGEMENT,
            Operation::DescribeAccount,
        ),
        ("the session is denied", MANAGEMENT, Operation::AssumeRoot),
        ("the keys are denied", MEMBER, Operation::ListAccessKeys),
        (
            "the last use is denied",
            MEMBER,
            Operation::GetAccessKeyLastUsed,
        ),
        ("the deletion is denied", MEMBER, Operation::DeleteAccessKey),
    ];
    for policy in ["a service control policy", "an identity-based policy"] {
        for (case, account, operation) in cases {
            let wire = Wire::new().await;
            let why = format!("with an explicit deny in {policy}");
            wire.fault_always(account, *operation, denied(&why));
            let ended = wire.run(&EXECUTE).await;
            ended.is_screen(&format!("denied/{case} by {policy}"));
        }
    }
}

#[tokio::test]
async fn a_response_that_was_cut_short_says_nothing() {
    for (account, operation) in [
        (MANAGEMENT, Operation::ListOrganizationsFeatures),
        (MEMBER, Operation::ListAccessKeys),
        (MEMBER, Operation::GetAccessKeyLastUsed),
    ] {
        for bytes in [150, 250] {
            let wire = Wire::new().await;
            let framing = Framing::MatchingLength;
            wire.fault_always(account, operation, Fault::Cut { bytes, framing });
            let ended = wire.run(&EXECUTE).await;
            ended.fails();
            ended.says("incomplete or malformed");
            wire.assert_nothing_could_be_deleted();
        }
    }
}

#[tokio::test]
async fn a_permission_that_is_missing_is_named_with_the_policy_that_has_it() {
    for (case, operation) in [
        (
            "features need a permission",
            Operation::ListOrganizationsFeatures,
        ),
        ("the account needs a permission", Operation::DescribeAccount),
    ] {
        let wire = Wire::new().await;
        wire.fault_always(MANAGEMENT, operation, Fault::Denied);
        refused(case, &wire, MEMBER).await;
    }
    let cases: &[(&str, &[&str], Setup)] = &[
        ("the task policy is not allowed", &LIST, |it| {
            it.fault_always(MANAGEMENT, Operation::AssumeRoot, Fault::Denied);
        }),
        ("sts is not active in the region", &LIST, |it| {
            let words = "STS is not activated in this region for account:999999999999.";
            let disabled = Fault::aws_error(403, "RegionDisabledException", words);
            it.fault_always(MANAGEMENT, Operation::AssumeRoot, disabled);
        }),
    ];
    shows("preconditions", cases).await;
}
