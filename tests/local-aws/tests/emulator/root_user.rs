//! Who may do what with the access keys of a root user, and who may act as one.

use chrono::Duration;
use local_aws::{Account, Operation, Organization, RootKey, days_ago, default_time};
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Caller, ClientResponse, MANAGEMENT};

const AUDIT: &str = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";
const DELETE: &str = "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials";
const FIRST: &str = "AKIA111122223333KEY1";
const DENIED: &str = "403 AccessDenied";

type Change = fn(&mut Organization);

/// The management account of an organization whose member has one key in use and one inactive.
async fn organization(change: impl FnOnce(&mut Organization)) -> Caller {
    let management = Caller::start(Account::new(MANAGEMENT)).await;
    let used = RootKey::active(days_ago(900)).last_used(days_ago(3), "us-east-1", "s3");
    let inactive = RootKey::inactive(days_ago(400));
    let member = Account::new(ACCOUNT).with_root_keys(Some(used), Some(inactive));
    management.put_account(member);
    let mut organization = Organization::new(MANAGEMENT).with_member(ACCOUNT, "payments");
    change(&mut organization);
    management.put_organization(organization);
    management
}

async fn list(caller: &Caller, parameters: Value) -> ClientResponse {
    caller.call(Operation::ListAccessKeys, parameters).await
}

#[tokio::test]
async fn a_session_may_do_only_what_its_task_policy_allows() {
    let management = organization(|_| ()).await;
    for (policy, allowed, denied) in [
        (
            AUDIT,
            Operation::GetAccountSummary,
            Operation::DeleteAccessKey,
        ),
        (
            DELETE,
            Operation::DeleteAccessKey,
            Operation::GetAccountSummary,
        ),
    ] {
        let session = management.root_session(policy).await;
        let key = json!({ "AccessKeyId": FIRST, "Status": "Inactive" });
        for operation in [denied, Operation::UpdateAccessKey] {
            let response = session.call(operation, key.clone()).await;
            assert_eq!(response.error(), DENIED, "{operation}");
        }
        for operation in [
            Operation::ListAccessKeys,
            Operation::GetAccessKeyLastUsed,
            allowed,
        ] {
            let response = session.call(operation, key.clone()).await;
            assert_eq!(response.status(), 200, "{operation}: {}", response.text);
        }
    }
}

#[tokio::test]
async fn a_session_ends_after_a_quarter_of_an_hour() {
    let management = organization(|_| ()).await;
    let session = management.root_session(AUDIT).await;
    for (seconds, status) in [(899, 200), (900, 403)] {
        management.set_time(default_time() + Duration::seconds(seconds));
        assert_eq!(list(&session, json!({})).await.status(), status);
    }
}

#[tokio::test]
async fn assume_root_is_denied_without_the_organization_s_features() {
    let changes: [(&str, Change); 6] = [
        (ACCOUNT, |it| it.trusted_access = false),
        (ACCOUNT, |it| it.all_features = false),
        (ACCOUNT, |it| it.enabled_features = vec!["RootSessions"]),
        (ACCOUNT, |it| it.members[0].state = "SUSPENDED"),
        (ACCOUNT, |it| it.members.clear()),
        (MANAGEMENT, |_| ()),
    ];
    for (target, change) in changes {
        let management = organization(change).await;
        assert_eq!(management.assume_root(target, AUDIT).await.error(), DENIED);
    }
}

#[tokio::test]
async fn only_roles_of_the_management_account_and_of_administrators_for_iam_assume_root() {
    let member = "222233334444";
    let management = organization(|it| *it = it.clone().with_member(member, "tools")).await;
    management.put_account(Account::new(member));
    let other = management.of(member);
    let session = management.root_session(AUDIT).await;
    for by in [&other, &session] {
        assert_eq!(by.assume_root(ACCOUNT, AUDIT).await.error(), DENIED);
    }
    management.put_organization(Organization {
        iam_administrators: vec![member.to_owned()],
        ..Organization::new(MANAGEMENT).with_member(ACCOUNT, "payments")
    });
    assert_eq!(other.assume_root(ACCOUNT, AUDIT).await.status(), 200);
}

#[tokio::test]
async fn an_unknown_policy_or_target_is_invalid() {
    let management = organization(|_| ()).await;
    let administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
    for (target, policy) in [(ACCOUNT, administrator), ("payments", AUDIT)] {
        let response = management.assume_root(target, policy).await;
        assert_eq!(response.error(), "400 ValidationError");
    }
}

#[tokio::test]
async fn a_role_has_no_access_keys_and_no_iam_user_is_named_root() {
    let management = organization(|_| ()).await;
    let response = list(&management, json!({})).await;
    assert_eq!(response.error(), "400 ValidationError");
    let response = list(&management, json!({ "UserName": "root" })).await;
    assert_eq!(response.error(), "404 NoSuchEntity");
}

#[tokio::test]
async fn a_root_key_signs_until_it_is_inactive() {
    let management = organization(|_| ()).await;
    let root = management.root_user(ACCOUNT);
    let keys = list(&root, json!({})).await;
    assert_eq!(keys.body().matches("<member>").count(), 2, "{}", keys.text);
    let off = json!({ "AccessKeyId": FIRST, "Status": "Inactive" });
    assert_eq!(
        root.call(Operation::UpdateAccessKey, off).await.status(),
        200
    );
    let after = list(&root, json!({})).await;
    assert_eq!(after.error(), "403 InvalidClientTokenId");
}

#[tokio::test]
async fn the_organization_s_features_are_listed_unless_a_condition_is_missing() {
    let features = Operation::ListOrganizationsFeatures;
    let cases: [(&str, Change); 4] = [
        ("400 ServiceAccessNotEnabledException", |it| {
            it.trusted_access = false;
        }),
        ("400 OrganizationNotInAllFeaturesModeException", |it| {
            it.all_features = false;
        }),
        (
            "400 AccountNotManagementOrDelegatedAdministratorException",
            |it| {
                it.members[0].account = MANAGEMENT.to_owned();
                it.management_account = "222233334444".to_owned();
            },
        ),
        ("400 OrganizationNotFoundException", |it| {
            it.management_account = "222233334444".to_owned();
        }),
    ];
    for (error, change) in cases {
        let management = organization(change).await;
        assert_eq!(management.call(features, json!({})).await.error(), error);
    }
    let management = organization(|it| it.enabled_features = vec!["RootSessions"]).await;
    let response = management.call(features, json!({})).await;
    assert_eq!(response.body().matches("<member>").count(), 1);
    assert_eq!(response.element("member"), Some("RootSessions"));
}
