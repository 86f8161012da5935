//! What is missing before a root user can be reached is said in a sentence, with
//! what to do about it, and nothing more is tried.

use crate::wire::{self, DELETE, EXECUTE, Ended, LIST, MANAGEMENT, MEMBER, Wire, organization};
use local_aws::{Account, Fault, Framing, Operation, Organization};
use serde_json::json;

/// `list` and `delete` fail alike before a session is opened; the words.
async fn refused(change: impl FnOnce(&mut Organization)) -> String {
    let wire = Wire::new().await;
    let mut organization = organization();
    change(&mut organization);
    wire.put_organization(organization);
    refused_by(&wire, MEMBER).await
}

async fn refused_by(wire: &Wire, account: &str) -> String {
    let list = wire.run(&["list", "--account", account]).await;
    let mut delete = DELETE;
    delete[2] = account;
    let delete = wire
        .run(&[&delete[..], &["--execute", "--yes"]].concat())
        .await;
    for Ended { code, out, .. } in [&list, &delete] {
        assert_eq!((*code, out.as_str()), (Some(1), ""));
    }
    assert_eq!(
        without_request_ids(&list.err),
        without_request_ids(&delete.err)
    );
    assert_eq!(wire.sent(Operation::AssumeRoot).len(), 0);
    list.err
}

fn without_request_ids(text: &str) -> String {
    let parts = text.split("00000000-0000-4000-8000-");
    let (first, others) = (parts.clone().next(), parts.skip(1));
    let others = others.map(|part| &part[12..]);
    first.into_iter().chain(others).collect()
}

fn says(err: &str, words: &[&str]) {
    for words in words {
        assert!(err.contains(words), "{words}: {err}");
    }
    assert_eq!(err.lines().count(), 1, "{err}");
}

#[tokio::test]
async fn no_trusted_access() {
    let err = refused(|org| org.trusted_access = false).await;
    says(
        &err,
        &[
            "trusted access for IAM is off",
            "`aws organizations enable-aws-service-access --service-principal iam.amazonaws.com`",
        ],
    );
}

#[tokio::test]
async fn not_all_features() {
    let err = refused(|org| org.all_features = false).await;
    says(&err, &["`aws organizations enable-all-features`"]);
}

#[tokio::test]
async fn no_root_credentials_management() {
    let err = refused(|org| org.enabled_features = vec!["RootSessions"]).await;
    says(
        &err,
        &[
            "RootCredentialsManagement is off",
            "`aws iam enable-organizations-root-credentials-management`",
        ],
    );
}

#[tokio::test]
async fn without_any_feature_only_the_one_that_root_keys_need_is_missing() {
    let err = refused(|org| org.enabled_features.clear()).await;
    says(&err, &["RootCredentialsManagement is off"]);
    assert!(!err.contains("sessions"), "{err}");
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

const SECURITY: &str = "222233334444";
const AUDITORS: &str = "333344445555";

/// An operator of a member account that is no administrator for IAM.
async fn from_a_member(change: impl FnOnce(&mut Organization)) -> Wire {
    let wire = Wire::new().await;
    let operator = wire.put_account(Account::new(SECURITY));
    let mut organization = organization()
        .with_member(SECURITY, "security")
        .with_member(AUDITORS, "audit");
    change(&mut organization);
    wire.put_organization(organization);
    Wire { operator, ..wire }
}

/// The caller's own account must not be made an administrator on this advice.
fn registers_nobody(err: &str) {
    for words in [
        "register-delegated-administrator",
        "--account-id 222233334444",
    ] {
        assert!(!err.contains(words), "{words}: {err}");
    }
}

#[tokio::test]
async fn an_ordinary_member_learns_where_to_sign_in() {
    let wire = from_a_member(|org| org.iam_administrators = vec![AUDITORS.to_owned()]).await;
    let err = refused_by(&wire, MEMBER).await;
    says(
        &err,
        &[
            "account 222233334444 is neither the organization's management account nor",
            "sign in to the management account 999999999999",
            // Which one that is an ordinary member may not see.
            "or to the delegated administrator for iam.amazonaws.com, which `aws organizations \
             list-delegated-administrators --service-principal iam.amazonaws.com` shows there",
        ],
    );
    registers_nobody(&err);
}

#[tokio::test]
async fn a_delegated_administrator_of_another_service_learns_the_one_for_iam() {
    for (administrators, words) in [
        (
            vec![AUDITORS.to_owned()],
            "sign in to the management account 999999999999, or to 333344445555, delegated \
             administrator for iam.amazonaws.com",
        ),
        (
            vec![],
            "sign in to the management account 999999999999 (no account is a delegated \
             administrator for iam.amazonaws.com)",
        ),
    ] {
        let wire = from_a_member(|org| {
            org.iam_administrators = administrators;
            org.delegated
                .push(("config.amazonaws.com", SECURITY.to_owned()));
        })
        .await;
        let err = refused_by(&wire, MEMBER).await;
        says(&err, &[words]);
        registers_nobody(&err);
    }
}

#[tokio::test]
async fn a_member_that_may_not_describe_its_organization_learns_how_to_find_the_account() {
    let wire = from_a_member(|_| ()).await;
    let operation = Operation::DescribeOrganization;
    wire.fault_always(SECURITY, operation, Fault::Denied);
    let err = refused_by(&wire, MEMBER).await;
    says(
        &err,
        &["`aws organizations describe-organization --query Organization.MasterAccountId`"],
    );
    registers_nobody(&err);
}

#[tokio::test]
async fn a_member_that_is_denied_gains_nothing_from_a_permission() {
    for operation in [
        Operation::ListOrganizationsFeatures,
        Operation::DescribeAccount,
    ] {
        let wire = from_a_member(|org| {
            org.iam_administrators = vec![AUDITORS.to_owned()];
            org.delegated
                .push(("config.amazonaws.com", SECURITY.to_owned()));
        })
        .await;
        let features = "<ListOrganizationsFeaturesResponse><ListOrganizationsFeaturesResult>\
             <EnabledFeatures><member>RootCredentialsManagement</member></EnabledFeatures>\
             </ListOrganizationsFeaturesResult></ListOrganizationsFeaturesResponse>";
        let answer = Fault::xml(features);
        let all = Operation::ListOrganizationsFeatures;
        wire.fault_always(SECURITY, all, answer);
        wire.fault_always(SECURITY, operation, Fault::Denied);
        let err = refused_by(&wire, MEMBER).await;
        says(&err, &["AccessDenied", "999999999999, or to 333344445555"]);
        assert!(!err.contains("operator-policy"), "{err}");
        registers_nobody(&err);
    }
}

#[tokio::test]
async fn in_no_organization() {
    let err = refused(|org| org.management_account = "222233334444".to_owned()).await;
    says(
        &err,
        &[
            "account 999999999999 is not in an organization",
            "remediation.md#your-own-account",
        ],
    );
}

#[tokio::test]
async fn the_management_account_is_out_of_reach() {
    let wire = Wire::new().await;
    says(
        &refused_by(&wire, MANAGEMENT).await,
        &[
            "account 999999999999 is the management account",
            "remediation.md#the-management-account",
        ],
    );
}

#[tokio::test]
async fn an_account_of_somebody_else() {
    let wire = Wire::new().await;
    says(
        &refused_by(&wire, "222233334444").await,
        &[
            "account 222233334444 is not in this organization",
            "`aws organizations list-accounts`",
        ],
    );
}

const INACTIVE: [&str; 4] = [
    "PENDING_ACTIVATION",
    "SUSPENDED",
    "PENDING_CLOSURE",
    "CLOSED",
];

#[tokio::test]
async fn an_account_that_is_not_active() {
    for state in INACTIVE {
        let err = refused(|org| org.members[0].state = state).await;
        let words = format!("account 111122223333 is {state}, and only an active account");
        says(&err, &[&words]);
    }
}

/// What AWS Organizations says of the member, with these fields of its state.
fn described(state: &serde_json::Value) -> Fault {
    let mut account = json!({
        "Id": MEMBER,
        "Arn": format!("arn:aws:organizations::{MANAGEMENT}:account/o-localaws01/{MEMBER}"),
        "Name": "payments",
    });
    account
        .as_object_mut()
        .unwrap()
        .extend(state.as_object().unwrap().clone());
    Fault::json(json!({ "Account": account }).to_string())
}

#[tokio::test]
async fn the_status_counts_where_there_is_no_state() {
    for status in INACTIVE {
        let wire = Wire::new().await;
        let answer = described(&json!({ "Status": status }));
        let operation = Operation::DescribeAccount;
        wire.fault_always(MANAGEMENT, operation, answer);
        let words = format!("account 111122223333 is {status}, and only an active account");
        says(&refused_by(&wire, MEMBER).await, &[&words]);
    }
    for known in [
        json!({ "Status": "ACTIVE" }),
        json!({ "State": "ACTIVE", "Status": "SUSPENDED" }),
        json!({}),
    ] {
        let wire = Wire::new().await;
        let operation = Operation::DescribeAccount;
        wire.fault_always(MANAGEMENT, operation, described(&known));
        assert_eq!(wire.run(&LIST).await.code, Some(0), "{known}");
    }
}

/// AWS's words where a policy denies.
fn explicit_deny() -> Fault {
    let message = "User: arn:aws:sts::111122223333:assumed-root/x is not authorized to perform: \
                   iam:Call on resource: user root with an explicit deny in a service control \
                   policy";
    Fault::aws_error(403, "AccessDenied", message)
}

#[tokio::test]
async fn an_explicit_deny_at_any_call_names_the_policy_that_can_be_behind_it() {
    for (account, operation, named) in [
        (MANAGEMENT, Operation::ListOrganizationsFeatures, MANAGEMENT),
        (MANAGEMENT, Operation::DescribeAccount, MANAGEMENT),
        (MANAGEMENT, Operation::AssumeRoot, MANAGEMENT),
        (MEMBER, Operation::ListAccessKeys, MEMBER),
        (MEMBER, Operation::GetAccessKeyLastUsed, MEMBER),
        (MEMBER, Operation::DeleteAccessKey, MEMBER),
    ] {
        let wire = Wire::new().await;
        wire.fault_always(account, operation, explicit_deny());
        let ended = wire.run(&EXECUTE).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let said = format!("{}{}", ended.out, ended.err);
        let as_root = account == MEMBER || operation == Operation::AssumeRoot;
        let control = said.contains("AWS-GR_RESTRICT_ROOT_USER");
        assert_eq!(control, as_root, "{operation}: {said}");
        let exempt = if as_root {
            "exempt root sessions from it"
        } else {
            "exempt arn:aws:sts::999999999999:assumed-role/"
        };
        for words in [
            "a service control policy denies this",
            exempt,
            &format!("--target-id {named} "),
        ] {
            assert!(said.contains(words), "{operation}: {words}: {said}");
        }
        assert!(!said.contains("try again"), "{operation}: {said}");
    }
}

#[tokio::test]
async fn another_kind_of_policy_that_aws_blames_is_the_one_to_change() {
    let message = "User: x is not authorized to perform: a:B on resource: * with an explicit deny \
                   in an identity-based policy";
    for (account, operation, by) in [
        (
            MANAGEMENT,
            Operation::AssumeRoot,
            "denies sts:AssumeRoot: exempt arn:aws:sts::999999999999:",
        ),
        (
            MEMBER,
            Operation::ListAccessKeys,
            "denies iam:ListAccessKeys: exempt the root user of account 111122223333",
        ),
        (
            MEMBER,
            Operation::DeleteAccessKey,
            "denies iam:DeleteAccessKey: exempt the root user of account 111122223333",
        ),
    ] {
        let wire = Wire::new().await;
        let denied = Fault::aws_error(403, "AccessDenied", message);
        wire.fault_always(account, operation, denied);
        let ended = wire.run(&EXECUTE).await;
        let said = format!("{}{}", ended.out, ended.err);
        assert!(said.contains(by), "{operation}: {said}");
        assert!(!said.contains("service control"), "{operation}: {said}");
    }
}

#[tokio::test]
async fn a_response_that_was_cut_short_says_nothing() {
    let cut = |bytes| Fault::Cut {
        bytes,
        framing: Framing::MatchingLength,
    };
    for (account, operation) in [
        (MANAGEMENT, Operation::ListOrganizationsFeatures),
        (MEMBER, Operation::ListAccessKeys),
        (MEMBER, Operation::GetAccessKeyLastUsed),
    ] {
        for bytes in [150, 250] {
            let wire = Wire::new().await;
            wire.fault_always(account, operation, cut(bytes));
            let ended = wire.run(&EXECUTE).await;
            ended.fails();
            ended.says("incomplete or malformed");
            wire.assert_nothing_could_be_deleted();
        }
    }
}

#[tokio::test]
async fn a_permission_is_missing() {
    for (operation, action) in [
        (
            Operation::ListOrganizationsFeatures,
            "iam:ListOrganizationsFeatures",
        ),
        (Operation::DescribeAccount, "organizations:DescribeAccount"),
    ] {
        let wire = Wire::new().await;
        wire.fault_always(MANAGEMENT, operation, Fault::Denied);
        says(
            &refused_by(&wire, MEMBER).await,
            &[
                action,
                "AccessDenied",
                "arn:aws:sts::999999999999:assumed-role/",
                "file://root-keys/operator-policy.json",
            ],
        );
    }
}

#[tokio::test]
async fn the_task_policy_is_not_allowed() {
    let wire = Wire::new().await;
    wire.fault_always(MANAGEMENT, Operation::AssumeRoot, Fault::Denied);
    let ended = wire.run(&LIST).await;
    assert_eq!(ended.code, Some(1));
    says(
        &ended.err,
        &[
            "cannot open a root session in account 111122223333",
            "IAMAuditRootUserCredentials",
            "AccessDenied",
            "file://root-keys/operator-policy.json",
            "aws:AssumedRoot",
        ],
    );
}

#[tokio::test]
async fn sts_is_not_active_in_the_region() {
    let wire = Wire::new().await;
    let disabled = "STS is not activated in this region for account:999999999999.";
    wire.fault_always(
        MANAGEMENT,
        Operation::AssumeRoot,
        Fault::aws_error(403, "RegionDisabledException", disabled),
    );
    let ended = wire.run(&LIST).await;
    assert_eq!(ended.code, Some(1));
    says(
        &ended.err,
        &[
            "STS is not active in eu-west-1",
            "`export AWS_REGION=us-east-1`",
        ],
    );
}

#[tokio::test]
async fn credentials_that_sts_does_not_know() {
    let wire = Wire::new().await;
    let mut operator = wire.operator.clone();
    operator.session_token.push('x');
    let wire = Wire { operator, ..wire };
    let ended = wire.run(&LIST).await;
    assert_eq!(ended.code, Some(1));
    says(
        &ended.err,
        &["InvalidClientTokenId", "`aws sts get-caller-identity`"],
    );
}
