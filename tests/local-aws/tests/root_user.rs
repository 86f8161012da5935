//! Who may do what with the access keys of a root user, and become one.
#![allow(clippy::unwrap_used, reason = "a test")]

mod client;

use chrono::Duration;
use client::{Heard, post};
use local_aws::{Account, Credentials, LocalAws, Organization, RootKey, days_ago, default_time};

const MANAGEMENT: &str = "999999999999";
const MEMBER: &str = "111122223333";
const AUDIT: &str = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";
const DELETE: &str = "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials";
const FIRST: &str = "AKIA111122223333KEY1";

/// A management account and a member with one key used and one inactive.
async fn organization(change: impl FnOnce(&mut Organization)) -> (LocalAws, Credentials) {
    let aws = LocalAws::start().await.unwrap();
    let used = RootKey::active(days_ago(900)).last_used(days_ago(3), "us-east-1", "s3");
    let inactive = RootKey::inactive(days_ago(400));
    aws.put_account(Account::new(MEMBER).with_root_keys(Some(used), Some(inactive)));
    let mut organization = Organization::new(MANAGEMENT).with_member(MEMBER, "payments");
    change(&mut organization);
    aws.put_organization(organization);
    let management = aws.put_account(Account::new(MANAGEMENT));
    (aws, management)
}

async fn iam(aws: &LocalAws, credentials: &Credentials, form: &str) -> Heard {
    let body = format!("Version=2010-05-08&Action={form}");
    post(&aws.iam_url(), Some((credentials, "iam")), &[], &body).await
}

async fn assume_root(aws: &LocalAws, by: &Credentials, target: &str, policy: &str) -> Heard {
    let body = format!(
        "Version=2011-06-15&Action=AssumeRoot&TargetPrincipal={target}&TaskPolicyArn.arn={policy}"
    );
    post(&aws.sts_url(), Some((by, "sts")), &[], &body).await
}

async fn session(aws: &LocalAws, by: &Credentials, policy: &str) -> Credentials {
    let heard = assume_root(aws, by, MEMBER, policy).await;
    assert_eq!(heard.status(), 200, "{}", heard.text);
    let element = |name| heard.element(name).unwrap().to_owned();
    Credentials {
        access_key_id: element("AccessKeyId"),
        secret_access_key: element("SecretAccessKey"),
        session_token: element("SessionToken"),
    }
}

fn refusal(heard: &Heard) -> (u16, String) {
    (heard.status(), heard.code())
}

#[tokio::test]
async fn a_session_s_task_policy_is_all_that_it_may_do() {
    let (aws, management) = organization(|_| ()).await;
    let key = format!("&AccessKeyId={FIRST}");
    let list = "ListAccessKeys".to_owned();
    let summary = "GetAccountSummary".to_owned();
    let last_used = format!("GetAccessKeyLastUsed{key}");
    let update = format!("UpdateAccessKey&Status=Inactive{key}");
    let delete = format!("DeleteAccessKey{key}");
    for (policy, allowed, refused) in [
        (AUDIT, [&list, &last_used, &summary], [&update, &delete]),
        (DELETE, [&list, &last_used, &delete], [&update, &summary]),
    ] {
        let session = session(&aws, &management, policy).await;
        for form in refused {
            let heard = iam(&aws, &session, form).await;
            assert_eq!(refusal(&heard), (403, "AccessDenied".to_owned()), "{form}");
        }
        for form in allowed {
            let heard = iam(&aws, &session, form).await;
            assert_eq!(heard.status(), 200, "{form}: {}", heard.text);
        }
    }
}

#[tokio::test]
async fn a_session_sees_the_keys_and_a_deleted_one_is_gone() {
    let (aws, management) = organization(|_| ()).await;
    let session = session(&aws, &management, DELETE).await;
    let heard = iam(&aws, &session, "ListAccessKeys").await;
    assert_eq!(heard.body().matches("<member>").count(), 2);
    assert_eq!(heard.element("AccessKeyId"), Some(FIRST));
    assert_eq!(heard.element("Status"), Some("Active"));
    let used = iam(
        &aws,
        &session,
        &format!("GetAccessKeyLastUsed&AccessKeyId={FIRST}"),
    )
    .await;
    assert_eq!(used.element("LastUsedDate"), Some("2026-02-26T06:00:00Z"));
    assert_eq!(used.element("ServiceName"), Some("s3"));

    let delete = format!("DeleteAccessKey&AccessKeyId={FIRST}");
    assert_eq!(iam(&aws, &session, &delete).await.status(), 200);
    assert_eq!(
        refusal(&iam(&aws, &session, &delete).await),
        (404, "NoSuchEntity".to_owned())
    );
    let left = iam(&aws, &session, "ListAccessKeys").await;
    assert_eq!(left.body().matches("<member>").count(), 1);
    assert_eq!(left.element("AccessKeyId"), Some("AKIA111122223333KEY2"));
    assert_eq!(left.element("Status"), Some("Inactive"));
}

#[tokio::test]
async fn a_session_ends_after_a_quarter_of_an_hour() {
    let (aws, management) = organization(|_| ()).await;
    let session = session(&aws, &management, AUDIT).await;
    aws.set_time(default_time() + Duration::seconds(899));
    assert_eq!(iam(&aws, &session, "ListAccessKeys").await.status(), 200);
    aws.set_time(default_time() + Duration::seconds(900));
    assert_eq!(iam(&aws, &session, "ListAccessKeys").await.status(), 403);
}

#[tokio::test]
async fn nobody_becomes_a_root_user_whom_the_organization_does_not_let() {
    type Change = fn(&mut Organization);
    let changes: [(&str, Change); 6] = [
        (MEMBER, |org| org.trusted_access = false),
        (MEMBER, |org| org.all_features = false),
        (MEMBER, |org| org.enabled_features = vec!["RootSessions"]),
        (MEMBER, |org| org.members[0].state = "SUSPENDED"),
        (MEMBER, |org| org.members.clear()),
        (MANAGEMENT, |_| ()),
    ];
    for (target, change) in changes {
        let (aws, management) = organization(change).await;
        let heard = assume_root(&aws, &management, target, AUDIT).await;
        assert_eq!(refusal(&heard), (403, "AccessDenied".to_owned()));
    }
}

#[tokio::test]
async fn only_the_management_account_and_administrators_for_iam_become_root_users() {
    let (aws, _) = organization(|org| {
        org.members.push(org.members[0].clone());
        org.members[1].account = "222233334444".to_owned();
    })
    .await;
    let other = aws.put_account(Account::new("222233334444"));
    let refused = assume_root(&aws, &other, MEMBER, AUDIT).await;
    assert_eq!(refusal(&refused), (403, "AccessDenied".to_owned()));
    aws.put_organization(Organization {
        iam_administrators: vec!["222233334444".to_owned()],
        ..Organization::new(MANAGEMENT).with_member(MEMBER, "payments")
    });
    let allowed = assume_root(&aws, &other, MEMBER, AUDIT).await;
    assert_eq!(allowed.status(), 200, "{}", allowed.text);
}

#[tokio::test]
async fn a_root_user_cannot_assume_another() {
    let (aws, management) = organization(|_| ()).await;
    let session = session(&aws, &management, AUDIT).await;
    let heard = assume_root(&aws, &session, MEMBER, AUDIT).await;
    assert_eq!(refusal(&heard), (403, "AccessDenied".to_owned()));
}

#[tokio::test]
async fn an_unknown_policy_or_target_is_invalid() {
    let (aws, management) = organization(|_| ()).await;
    let administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
    for (target, policy) in [(MEMBER, administrator), ("payments", AUDIT)] {
        let heard = assume_root(&aws, &management, target, policy).await;
        assert_eq!(refusal(&heard), (400, "ValidationError".to_owned()));
    }
}

#[tokio::test]
async fn a_role_has_no_access_keys_and_no_user_is_named_root() {
    let (aws, management) = organization(|_| ()).await;
    let heard = iam(&aws, &management, "ListAccessKeys").await;
    assert_eq!(refusal(&heard), (400, "ValidationError".to_owned()));
    let heard = iam(&aws, &management, "ListAccessKeys&UserName=root").await;
    assert_eq!(refusal(&heard), (404, "NoSuchEntity".to_owned()));
}

#[tokio::test]
async fn a_root_key_signs_until_it_is_inactive() {
    let (aws, _) = organization(|_| ()).await;
    let signed = |form: String| {
        let url = aws.iam_url();
        async move {
            let header = format!(
                "authorization: AWS4-HMAC-SHA256 Credential={FIRST}/20260301/us-east-1/iam/aws4_request, \
                 SignedHeaders=host, Signature=0"
            );
            let body = format!("Version=2010-05-08&Action={form}");
            post(&url, None, &[&header], &body).await
        }
    };
    let list = signed("ListAccessKeys".to_owned()).await;
    assert_eq!(list.body().matches("<member>").count(), 2, "{}", list.text);
    let off = format!("UpdateAccessKey&Status=Inactive&AccessKeyId={FIRST}");
    assert_eq!(signed(off).await.status(), 200);
    let after = signed("ListAccessKeys".to_owned()).await;
    assert_eq!(refusal(&after), (403, "InvalidClientTokenId".to_owned()));
}

#[tokio::test]
async fn the_organization_says_what_is_missing() {
    type Change = fn(&mut Organization);
    let cases: [(&str, Change); 4] = [
        ("ServiceAccessNotEnabledException", |org| {
            org.trusted_access = false;
        }),
        ("OrganizationNotInAllFeaturesModeException", |org| {
            org.all_features = false;
        }),
        (
            "AccountNotManagementOrDelegatedAdministratorException",
            |org| {
                org.members[0].account = MANAGEMENT.to_owned();
                org.management_account = "222233334444".to_owned();
            },
        ),
        ("OrganizationNotFoundException", |org| {
            org.management_account = "222233334444".to_owned();
        }),
    ];
    for (code, change) in cases {
        let (aws, management) = organization(change).await;
        let heard = iam(&aws, &management, "ListOrganizationsFeatures").await;
        assert_eq!(refusal(&heard), (400, code.to_owned()));
    }
    let (aws, management) = organization(|org| org.enabled_features = vec!["RootSessions"]).await;
    let heard = iam(&aws, &management, "ListOrganizationsFeatures").await;
    assert_eq!(heard.body().matches("<member>").count(), 1);
    assert_eq!(heard.element("member"), Some("RootSessions"));
}
