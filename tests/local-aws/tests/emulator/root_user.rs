//! Who may do what with the access keys of a root user, and who may act as one.

use chrono::Duration;
use local_aws::{
    Account, Credentials, LocalAws, Operation, Organization, RootKey, days_ago, default_time,
};
use serde_json::{Value, json};

use crate::client::{
    ACCOUNT, ClientResponse, MANAGEMENT, assume_root, call, root_session, root_user,
};

const AUDIT: &str = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";
const DELETE: &str = "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials";
const FIRST: &str = "AKIA111122223333KEY1";
const DENIED: &str = "403 AccessDenied";

type Change = fn(&mut Organization);

/// A management account and a member with one key in use and one inactive.
async fn organization(change: impl FnOnce(&mut Organization)) -> (LocalAws, Credentials) {
    let aws = LocalAws::start().await.unwrap();
    let used = RootKey::active(days_ago(900)).last_used(days_ago(3), "us-east-1", "s3");
    let inactive = RootKey::inactive(days_ago(400));
    aws.put_account(Account::new(ACCOUNT).with_root_keys(Some(used), Some(inactive)));
    let mut organization = Organization::new(MANAGEMENT).with_member(ACCOUNT, "payments");
    change(&mut organization);
    aws.put_organization(organization);
    let management = aws.put_account(Account::new(MANAGEMENT));
    (aws, management)
}

async fn list(aws: &LocalAws, by: &Credentials, parameters: Value) -> ClientResponse {
    call(aws, by, Operation::ListAccessKeys, parameters).await
}

#[tokio::test]
async fn a_session_may_do_only_what_its_task_policy_allows() {
    let (aws, management) = organization(|_| ()).await;
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
        let session = root_session(&aws, &management, policy).await;
        let key = json!({ "AccessKeyId": FIRST, "Status": "Inactive" });
        for operation in [denied, Operation::UpdateAccessKey] {
            let response = call(&aws, &session, operation, key.clone()).await;
            assert_eq!(response.error(), DENIED, "{operation}");
        }
        for operation in [
            Operation::ListAccessKeys,
            Operation::GetAccessKeyLastUsed,
            allowed,
        ] {
            let response = call(&aws, &session, operation, key.clone()).await;
            assert_eq!(response.status(), 200, "{operation}: {}", response.text);
        }
    }
}

#[tokio::test]
async fn a_session_lists_the_keys_and_a_deleted_one_is_gone() {
    let (aws, management) = organization(|_| ()).await;
    let session = root_session(&aws, &management, DELETE).await;
    let key = json!({ "AccessKeyId": FIRST });
    let keys = list(&aws, &session, json!({})).await;
    assert_eq!(keys.body().matches("<member>").count(), 2);
    let shown = [keys.element("AccessKeyId"), keys.element("Status")];
    assert_eq!(shown, [Some(FIRST), Some("Active")]);
    let used = call(&aws, &session, Operation::GetAccessKeyLastUsed, key.clone()).await;
    let shown = [used.element("LastUsedDate"), used.element("ServiceName")];
    assert_eq!(shown, [Some("2026-02-26T06:00:00Z"), Some("s3")]);

    let delete = Operation::DeleteAccessKey;
    assert_eq!(
        call(&aws, &session, delete, key.clone()).await.status(),
        200
    );
    assert_eq!(
        call(&aws, &session, delete, key).await.error(),
        "404 NoSuchEntity"
    );
    let left = list(&aws, &session, json!({})).await;
    assert_eq!(left.body().matches("<member>").count(), 1);
    let shown = [left.element("AccessKeyId"), left.element("Status")];
    assert_eq!(shown, [Some("AKIA111122223333KEY2"), Some("Inactive")]);
}

#[tokio::test]
async fn a_session_ends_after_a_quarter_of_an_hour() {
    let (aws, management) = organization(|_| ()).await;
    let session = root_session(&aws, &management, AUDIT).await;
    for (seconds, status) in [(899, 200), (900, 403)] {
        aws.set_time(default_time() + Duration::seconds(seconds));
        assert_eq!(list(&aws, &session, json!({})).await.status(), status);
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
        let (aws, management) = organization(change).await;
        assert_eq!(
            assume_root(&aws, &management, target, AUDIT).await.error(),
            DENIED
        );
    }
}

#[tokio::test]
async fn only_roles_of_the_management_account_and_of_administrators_for_iam_assume_root() {
    let member = "222233334444";
    let (aws, management) = organization(|it| *it = it.clone().with_member(member, "tools")).await;
    let other = aws.put_account(Account::new(member));
    let session = root_session(&aws, &management, AUDIT).await;
    for by in [&other, &session] {
        assert_eq!(assume_root(&aws, by, ACCOUNT, AUDIT).await.error(), DENIED);
    }
    aws.put_organization(Organization {
        iam_administrators: vec![member.to_owned()],
        ..Organization::new(MANAGEMENT).with_member(ACCOUNT, "payments")
    });
    assert_eq!(
        assume_root(&aws, &other, ACCOUNT, AUDIT).await.status(),
        200
    );
}

#[tokio::test]
async fn an_unknown_policy_or_target_is_invalid() {
    let (aws, management) = organization(|_| ()).await;
    let administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
    for (target, policy) in [(ACCOUNT, administrator), ("payments", AUDIT)] {
        let response = assume_root(&aws, &management, target, policy).await;
        assert_eq!(response.error(), "400 ValidationError");
    }
}

#[tokio::test]
async fn a_role_has_no_access_keys_and_no_iam_user_is_named_root() {
    let (aws, management) = organization(|_| ()).await;
    let response = list(&aws, &management, json!({})).await;
    assert_eq!(response.error(), "400 ValidationError");
    let response = list(&aws, &management, json!({ "UserName": "root" })).await;
    assert_eq!(response.error(), "404 NoSuchEntity");
}

#[tokio::test]
async fn a_root_key_signs_until_it_is_inactive() {
    let (aws, _) = organization(|_| ()).await;
    let root = root_user(ACCOUNT);
    let keys = list(&aws, &root, json!({})).await;
    assert_eq!(keys.body().matches("<member>").count(), 2, "{}", keys.text);
    let off = json!({ "AccessKeyId": FIRST, "Status": "Inactive" });
    assert_eq!(
        call(&aws, &root, Operation::UpdateAccessKey, off)
            .await
            .status(),
        200
    );
    let after = list(&aws, &root, json!({})).await;
    assert_eq!(after.error(), "403 InvalidClientTokenId");
}

#[tokio::test]
async fn the_organization_s_features_are_listed_unless_a_condition_is_missing() {
    let features = Operation::ListOrganizationsFeatures;
    let cases: [(&str, Change); 4] = [
        ("400 ServiceAccessNotEnabledException", |it| {
            it.trusted_access = false
        }),
        ("400 OrganizationNotInAllFeaturesModeException", |it| {
            it.all_features = false
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
        let (aws, management) = organization(change).await;
        assert_eq!(
            call(&aws, &management, features, json!({})).await.error(),
            error
        );
    }
    let (aws, management) = organization(|it| it.enabled_features = vec!["RootSessions"]).await;
    let response = call(&aws, &management, features, json!({})).await;
    assert_eq!(response.body().matches("<member>").count(), 1);
    assert_eq!(response.element("member"), Some("RootSessions"));
}
