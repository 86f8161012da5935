//! Service control policies: who may read them, and whom they bind.

use hyper::Request;
use local_aws::{
    Account, Operation, Organization, RootKey, Service, ServiceControlPolicy, days_ago,
};
use serde_json::json;

use crate::client::{ACCOUNT, Caller, MANAGEMENT, authorization};

const OUTER: &str = "ou-loca-outer000";
const INNER: &str = "ou-loca-inner000";
const AUDIT: &str = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";
/// Like AWS's sample, with the exemption of root sessions.
const DENY_ROOT: &str = r#"{"Version":"2012-10-17","Statement":{"Sid":"DenyRoot","Effect":"Deny",
    "Action":"*","Resource":"*","Condition":{
        "ArnLike":{"aws:PrincipalArn":["arn:*:iam::*:root"]},"Null":{"aws:AssumedRoot":"true"}}}}"#;
const DENY_ROOT_SESSIONS_TOO: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny",
    "NotAction":["iam:DeleteAccessKey"],"Resource":"*",
    "Condition":{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}}]}"#;

/// The management account of an organization whose member, with a root key that can sign, is in an
/// organizational unit inside another one.
async fn organization(policies: &[ServiceControlPolicy]) -> Caller {
    let management = Caller::start(Account::new(MANAGEMENT)).await;
    let key = RootKey::active(days_ago(900));
    management.put_account(Account::new(ACCOUNT).with_root_keys(Some(key), None));
    let mut organization = Organization::new(MANAGEMENT).with_member(ACCOUNT, "payments");
    organization.members[0].unit = Some(INNER.to_owned());
    organization.nested_units = vec![(INNER.to_owned(), OUTER.to_owned())];
    organization.policies = policies.to_vec();
    management.put_organization(organization);
    management
}

#[tokio::test]
async fn a_policy_binds_root_users_below_what_it_is_attached_to() {
    for (content, target, expected) in [
        (DENY_ROOT, "r-loca", [403, 200]),
        (DENY_ROOT, OUTER, [403, 200]),
        (DENY_ROOT, INNER, [403, 200]),
        (DENY_ROOT, ACCOUNT, [403, 200]),
        (DENY_ROOT_SESSIONS_TOO, OUTER, [403, 403]),
        (DENY_ROOT, "ou-loca-other000", [200, 200]),
        (DENY_ROOT, MANAGEMENT, [200, 200]),
        ("{}", "r-loca", [200, 200]),
    ] {
        let policy = ServiceControlPolicy::new("p-deny-root", "deny", content, &[target]);
        let management = organization(&[policy]).await;
        let session = management.root_session(AUDIT).await;
        let mut statuses = Vec::new();
        for by in [management.root_user(ACCOUNT), session] {
            let response = by.call(Operation::ListAccessKeys, json!({})).await;
            statuses.push(response.status());
        }
        assert_eq!(statuses, expected, "{content} at {target}");
    }
}

#[tokio::test]
async fn a_policy_binds_the_roles_of_members_but_not_the_management_account() {
    let everything = r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    let policy = ServiceControlPolicy::new("p-deny-all", "deny", everything, &["r-loca"]);
    let management = organization(&[policy]).await;
    let roots = management
        .call(Operation::ListRoots, json!({}))
        .await
        .json();
    let enabled = json!({ "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" });
    assert_eq!(roots["Roots"][0]["PolicyTypes"], json!([enabled]));
    let role = management.of(ACCOUNT);
    let response = role.call(Operation::GetAccountSummary, json!({})).await;
    assert_eq!(response.error(), "403 AccessDenied");
    let why = "with an explicit deny in a service control policy";
    assert!(response.text.contains(why), "{}", response.text);
}

#[tokio::test]
async fn policies_are_listed_in_pages_with_their_content_and_targets() {
    let policy = |number: usize| {
        let id = format!("p-deny{number:0>4}");
        ServiceControlPolicy::new(&id, "deny", DENY_ROOT, &["r-loca", OUTER, ACCOUNT])
    };
    let management = organization(&[0, 1, 2].map(policy)).await;
    management.put_page_size(2);
    let filter = json!({ "Filter": "SERVICE_CONTROL_POLICY" });
    let list = Operation::ListPolicies;
    let (policies, sizes) = management.pages(list, filter.clone(), "Policies").await;
    let ids: Vec<_> = policies.iter().map(|it| &it["Id"]).collect();
    assert_eq!(
        ids,
        ["p-FullAWSAccess", "p-deny0000", "p-deny0001", "p-deny0002"]
    );
    assert_eq!(sizes, [2, 2]);
    let id = json!({ "PolicyId": "p-deny0001" });
    let policy = management
        .call(Operation::DescribePolicy, id.clone())
        .await
        .json();
    assert_eq!(policy["Policy"]["Content"], DENY_ROOT);
    let list = Operation::ListTargetsForPolicy;
    let (targets, _) = management.pages(list, id, "Targets").await;
    let shown: Vec<_> = targets
        .iter()
        .map(|it| [&it["TargetId"], &it["Type"]])
        .collect();
    let unit = [OUTER, "ORGANIZATIONAL_UNIT"];
    assert_eq!(shown, [["r-loca", "ROOT"], unit, [ACCOUNT, "ACCOUNT"]]);
    let member = management.of(ACCOUNT);
    let unknown = json!({ "PolicyId": "p-nowhere0" });
    for (by, operation, request, error) in [
        (
            &management,
            Operation::DescribePolicy,
            unknown,
            "400 PolicyNotFoundException",
        ),
        (
            &member,
            Operation::ListPolicies,
            filter,
            "400 AccessDeniedException",
        ),
    ] {
        assert_eq!(by.result(operation, request).await, error);
    }
}

#[tokio::test]
async fn a_path_contains_every_unit_from_the_root_inward() {
    let management = organization(&[]).await;
    let account = json!({ "AccountId": ACCOUNT });
    let described = management
        .call(Operation::DescribeAccount, account)
        .await
        .json();
    let path = format!("o-localaws01/r-loca/{OUTER}/{INNER}/{ACCOUNT}/");
    assert_eq!(described["Account"]["Paths"], json!([path]));
}

#[tokio::test]
async fn a_request_can_be_answered_without_a_socket() {
    let management = organization(&[]).await;
    let signature = authorization(&management.credentials, Service::Iam);
    let (name, value) = signature.split_once(": ").unwrap();
    let request = Request::post("/")
        .header(name, value)
        .header(
            "x-amz-security-token",
            &management.credentials.session_token,
        )
        .body("Action=GetAccountSummary&Version=2010-05-08".into());
    let response = management
        .answer(Service::Iam, request.unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.body().starts_with(b"<GetAccountSummaryResponse"));
    assert_eq!(management.connections().iam, 0);
}
