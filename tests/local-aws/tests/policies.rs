//! Service control policies: who may read them, and whom they bind.
#![allow(clippy::unwrap_used, reason = "a test")]

mod client;

use client::{Heard, post};
use local_aws::{
    Account, Credentials, LocalAws, Organization, RootKey, Service, ServiceControlPolicy, days_ago,
};
use serde_json::{Value, json};

const MANAGEMENT: &str = "999999999999";
const MEMBER: &str = "111122223333";
const OUTER: &str = "ou-loca-outer000";
const INNER: &str = "ou-loca-inner000";
const AUDIT: &str = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";
/// As AWS's sample is, with the exemption of root sessions.
const DENY_ROOT: &str = r#"{"Version":"2012-10-17","Statement":{"Sid":"DenyRoot","Effect":"Deny",
    "Action":"*","Resource":"*","Condition":{
        "ArnLike":{"aws:PrincipalArn":["arn:*:iam::*:root"]},"Null":{"aws:AssumedRoot":"true"}}}}"#;
const DENY_ROOT_SESSIONS_TOO: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny",
    "NotAction":["iam:DeleteAccessKey"],"Resource":"*",
    "Condition":{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}}]}"#;

/// A member in an organizational unit inside another one, with a root key that can sign.
async fn organization(policies: &[ServiceControlPolicy]) -> (LocalAws, Credentials) {
    let aws = LocalAws::start().await.unwrap();
    let key = RootKey::active(days_ago(900));
    aws.put_account(Account::new(MEMBER).with_root_keys(Some(key), None));
    let mut organization = Organization::new(MANAGEMENT).with_member(MEMBER, "payments");
    organization.members[0].unit = Some(INNER.to_owned());
    organization.nested_units = vec![(INNER.to_owned(), OUTER.to_owned())];
    organization.policies = policies.to_vec();
    aws.put_organization(organization);
    let management = aws.put_account(Account::new(MANAGEMENT));
    (aws, management)
}

async fn organizations(aws: &LocalAws, by: &Credentials, operation: &str, body: &Value) -> Heard {
    let target = format!("x-amz-target: AWSOrganizationsV20161128.{operation}");
    let url = aws.organizations_url();
    let signer = Some((by, "organizations"));
    post(&url, signer, &[&target], &body.to_string()).await
}

/// What the member's root user gets, by its access key and by a session of `AssumeRoot`.
async fn as_root(aws: &LocalAws, management: &Credentials, action: &str) -> [u16; 2] {
    let own = Credentials {
        access_key_id: Account::new(MEMBER).root_key_id(0),
        ..management.clone()
    };
    let line = format!(
        "AWS4-HMAC-SHA256 Credential={}/20260301/us-east-1/iam/aws4_request",
        own.access_key_id
    );
    let authorization = format!("authorization: {line}, SignedHeaders=host, Signature=0");
    let body = format!("Version=2010-05-08&Action={action}");
    let by_key = post(&aws.iam_url(), None, &[&authorization], &body).await;
    let assume = format!(
        "Version=2011-06-15&Action=AssumeRoot&TargetPrincipal={MEMBER}&TaskPolicyArn.arn={AUDIT}"
    );
    let session = post(&aws.sts_url(), Some((management, "sts")), &[], &assume).await;
    let element = |name| session.element(name).unwrap().to_owned();
    let session = Credentials {
        access_key_id: element("AccessKeyId"),
        secret_access_key: element("SecretAccessKey"),
        session_token: element("SessionToken"),
    };
    let by_session = post(&aws.iam_url(), Some((&session, "iam")), &[], &body).await;
    [by_key.status(), by_session.status()]
}

#[tokio::test]
async fn a_policy_binds_root_users_below_what_it_is_attached_to() {
    let policy =
        |content, target| ServiceControlPolicy::new("p-deny-root", "deny", content, &[target]);
    for (content, target, expected) in [
        (DENY_ROOT, "r-loca", [403, 200]),
        (DENY_ROOT, OUTER, [403, 200]),
        (DENY_ROOT, INNER, [403, 200]),
        (DENY_ROOT, MEMBER, [403, 200]),
        (DENY_ROOT_SESSIONS_TOO, OUTER, [403, 403]),
        (DENY_ROOT, "ou-loca-other000", [200, 200]),
        (DENY_ROOT, MANAGEMENT, [200, 200]),
        ("{}", "r-loca", [200, 200]),
    ] {
        let (aws, management) = organization(&[policy(content, target)]).await;
        let got = as_root(&aws, &management, "ListAccessKeys").await;
        assert_eq!(got, expected, "{content} at {target}");
    }
}

#[tokio::test]
async fn no_policy_binds_the_management_account() {
    let everything = r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    let policy = ServiceControlPolicy::new("p-deny-all", "deny", everything, &["r-loca"]);
    let (aws, management) = organization(&[policy]).await;
    let heard = organizations(&aws, &management, "ListRoots", &json!({})).await;
    assert_eq!(heard.status(), 200);
    let types = &heard.json()["Roots"][0]["PolicyTypes"];
    assert_eq!(
        types[0],
        json!({ "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" })
    );
    // A member's role is bound like its root user.
    let member = Account::new(MEMBER).credentials();
    let body = "Version=2010-05-08&Action=GetAccountSummary";
    let heard = post(&aws.iam_url(), Some((&member, "iam")), &[], body).await;
    assert_eq!(
        (heard.status(), heard.code().as_str()),
        (403, "AccessDenied")
    );
    assert!(
        heard
            .text
            .contains("with an explicit deny in a service control policy")
    );
}

#[tokio::test]
async fn policies_are_listed_page_by_page_with_their_content_and_targets() {
    let policy = |number: usize| {
        let id = format!("p-deny{number:0>4}");
        ServiceControlPolicy::new(&id, "deny", DENY_ROOT, &["r-loca", OUTER, MEMBER])
    };
    let policies: Vec<_> = (0..3).map(policy).collect();
    let (aws, management) = organization(&policies).await;
    aws.put_page_size(2);
    let mut ids = Vec::new();
    let mut request = json!({ "Filter": "SERVICE_CONTROL_POLICY" });
    loop {
        let page = organizations(&aws, &management, "ListPolicies", &request)
            .await
            .json();
        let listed = page["Policies"].as_array().unwrap();
        ids.extend(
            listed
                .iter()
                .map(|it| it["Id"].as_str().unwrap().to_owned()),
        );
        match page.get("NextToken") {
            Some(token) => request["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(
        ids,
        ["p-FullAWSAccess", "p-deny0000", "p-deny0001", "p-deny0002"]
    );
    aws.put_page_size(9);
    let id = json!({ "PolicyId": "p-deny0001" });
    let policy = organizations(&aws, &management, "DescribePolicy", &id)
        .await
        .json();
    assert_eq!(policy["Policy"]["Content"], DENY_ROOT);
    let targets = organizations(&aws, &management, "ListTargetsForPolicy", &id)
        .await
        .json();
    let targets = targets["Targets"].as_array().unwrap().clone();
    let shown: Vec<_> = targets
        .iter()
        .map(|it| (&it["TargetId"], &it["Type"]))
        .collect();
    assert_eq!(
        json!(shown),
        json!([
            ["r-loca", "ROOT"],
            [OUTER, "ORGANIZATIONAL_UNIT"],
            [MEMBER, "ACCOUNT"],
        ])
    );
    let unknown = json!({ "PolicyId": "p-nowhere0" });
    let heard = organizations(&aws, &management, "DescribePolicy", &unknown).await;
    assert_eq!(heard.code(), "PolicyNotFoundException");
    let member = Account::new(MEMBER).credentials();
    let heard = organizations(&aws, &member, "ListPolicies", &request).await;
    assert_eq!(heard.code(), "AccessDeniedException");
}

#[tokio::test]
async fn a_path_holds_every_unit_from_the_root_inward() {
    let (aws, management) = organization(&[]).await;
    let account = json!({ "AccountId": MEMBER });
    let heard = organizations(&aws, &management, "DescribeAccount", &account).await;
    let path = format!("o-localaws01/r-loca/{OUTER}/{INNER}/{MEMBER}/");
    assert_eq!(heard.json()["Account"]["Paths"], json!([path]));
}

#[tokio::test]
async fn a_request_can_be_answered_without_a_socket() {
    let (aws, management) = organization(&[]).await;
    let credential = format!(
        "Credential={}/20260301/us-east-1/iam/aws4_request",
        management.access_key_id
    );
    let request = hyper::Request::post("/")
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"),
        )
        .header("x-amz-security-token", management.session_token)
        .body("Action=GetAccountSummary&Version=2010-05-08".into())
        .unwrap();
    let response = aws.answer(Service::Iam, request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.body().starts_with(b"<GetAccountSummaryResponse"));
    assert_eq!(aws.connections().iam, 0);
}
