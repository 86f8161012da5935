//! `list` and `status` say for each account whether a service control policy is known
//! to prevent new root access keys, and never say "none".

use local_aws::{Account, Fault, LocalAws, Operation, Organization, ServiceControlPolicy};
use serde_json::{Value, json};

use crate::rollout::{Rollout, UNIT};
use crate::wire::{Ended, MANAGEMENT, Wire};

const OURS: &str = include_str!("../../../cdk/policies/deny-root-access-keys.json");
const QUARANTINE: &str = include_str!("../../quarantine-root-user.json");
const CONTROL_TOWER: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"First","Effect":"Deny","Action":["cloudtrail:StopLogging"],"Resource":["*"]},
    {"Sid":"Second","Effect":"Deny","Action":"iam:CreateAccessKey","Resource":["*"],
     "Condition":{"StringLike":{"aws:PrincipalArn":["arn:aws:iam::*:root"]}}}]}"#;
const ANOTHER: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:CreateAccessKey",
    "Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:root"}}}}"#;
const ABOVE: &str = "ou-loca-above001";
const BELOW: &str = "ou-loca-below001";
const BESIDE: &str = "ou-loca-beside01";

/// Members 1 and 2 in the unit below, 3 beside it, 4 in the root.
fn organization() -> Organization {
    let mut organization = Organization::new(MANAGEMENT);
    organization.nested_units = vec![(BELOW.to_owned(), ABOVE.to_owned())];
    for (number, unit) in (1..).zip([Some(BELOW), Some(BELOW), Some(BESIDE), None]) {
        organization = organization.with_member(&id(number), &format!("member-{number}"));
        organization.members[number - 1].unit = unit.map(str::to_owned);
    }
    organization.policies = vec![
        ServiceControlPolicy::new("p-ours00001", "any name", OURS, &[ABOVE]),
        ServiceControlPolicy::new("p-trial0001", "trial", QUARANTINE, &[&id(2)]),
        ServiceControlPolicy::new("p-guardrail", "aws-guardrails-x", CONTROL_TOWER, &[BESIDE]),
        ServiceControlPolicy::new("p-another01", "deny-root-access-keys", ANOTHER, &["r-loca"]),
        ServiceControlPolicy::new("p-unused001", "not attached", OURS, &[]),
    ];
    organization
}

fn id(number: usize) -> String {
    number.to_string().repeat(12)
}

async fn wire(organization: &Organization) -> Wire {
    let aws = LocalAws::start().await.unwrap();
    aws.run_clock();
    for member in &organization.members {
        aws.put_account(Account::new(&member.account));
    }
    aws.put_organization(organization.clone());
    let operator = aws.put_account(Account::new(MANAGEMENT));
    Wire { aws, operator }
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("no document: {ended:?}"))
}

/// Each account's result, and kind and target of each of its policies.
fn prevention(document: &Value) -> Vec<(String, Vec<(String, String)>)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let accounts = document["accounts"].as_array().unwrap().iter();
    accounts
        .map(|account| {
            let prevention = &account["prevention"];
            let policies = prevention["policies"].as_array().unwrap().iter();
            let policies = policies.map(|it| (text(&it["kind"]), text(&it["target"])));
            (text(&prevention["result"]), policies.collect())
        })
        .collect()
}

#[tokio::test]
async fn a_policy_is_recognized_by_its_content_wherever_it_is_attached() {
    let wire = wire(&organization()).await;
    let listed = wire.run(&["list", "--all", "--output", "json"]).await;
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let document = json(&listed);
    assert_eq!(document["policiesNotRead"], Value::Null);
    let of = |kind: &str, target: &str| (kind.to_owned(), target.to_owned());
    let ours = of("deny-root-access-keys", ABOVE);
    let expected = [
        ("in-force", vec![ours.clone()]),
        ("in-force", vec![ours, of("quarantine-root-user", &id(2))]),
        ("in-force", vec![of("control-tower", BESIDE)]),
        // It has a policy that has the same effect there, which nothing evaluates.
        ("cannot-tell", vec![]),
        ("not-covered", vec![]),
    ]
    .map(|(result, policies)| (result.to_owned(), policies));
    assert_eq!(prevention(&document), expected);
    assert_eq!(
        document["accounts"][1]["prevention"]["policies"][1],
        json!({"kind": "quarantine-root-user", "id": "p-trial0001", "name": "trial", "target": id(2)})
    );

    let table = wire.run(&["list", "--all"]).await;
    let words: Vec<_> = table.out.lines().skip(1).take(5).collect();
    for (line, words) in words.iter().zip([
        "prevented               no root access keys",
        "prevented (quarantine)  no root access keys",
        "prevented               no root access keys",
        "cannot tell             no root access keys",
        "not covered             not read: ",
    ]) {
        assert!(line.contains(words), "{words}: {}", table.out);
    }

    let csv = wire.run(&["list", "--all", "--output", "csv"]).await;
    let mut reader = csv::Reader::from_reader(csv.out.as_bytes());
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(&records[3][13], "cannot-tell");
    assert_eq!(
        (&records[1][13], &records[1][14]),
        (
            "in-force",
            "deny-root-access-keys p-ours00001 on ou-loca-above001; \
             quarantine-root-user p-trial0001 on 222222222222"
        )
    );
}

#[tokio::test]
async fn one_account_as_text_has_a_line_about_new_keys() {
    let wire = wire(&organization()).await;
    for (account, line) in [
        (
            id(3),
            "new keys: prevented by control-tower p-guardrail on ou-loca-beside01\n",
        ),
        (id(4), "new keys: cannot tell\n"),
    ] {
        let ended = wire.run(&["list", "--account", &account]).await;
        assert!(ended.out.ends_with(line), "{ended:?}");
    }
    wire.fault_always(MANAGEMENT, Operation::DescribePolicy, Fault::Denied);
    let ended = wire.run(&["list", "--account", &id(4)]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.shows("new keys: not read: organizations:DescribePolicy as arn:");
}

#[tokio::test]
async fn policies_that_cannot_be_read_are_not_read_and_never_absent() {
    for operation in [
        Operation::ListPolicies,
        Operation::DescribePolicy,
        Operation::ListTargetsForPolicy,
    ] {
        let wire = wire(&organization()).await;
        wire.fault_always(MANAGEMENT, operation, Fault::Denied);
        let listed = wire.run(&["list", "--all", "--output", "json"]).await;
        assert_eq!(listed.code, Some(0), "{listed:?}");
        let document = json(&listed);
        let why = document["policiesNotRead"].as_str().unwrap();
        let action = format!("organizations:{operation} as arn:");
        assert!(why.starts_with(&action), "{why}");
        assert!(
            why.contains("AccessDenied") && why.contains("operator-policy.json"),
            "{why}"
        );
        let mut results: Vec<_> = prevention(&document).into_iter().map(|it| it.0).collect();
        assert_eq!(results.pop().as_deref(), Some("not-covered"));
        assert_eq!(results, ["not-read"; 4]);
        let table = wire.run(&["list", "--all"]).await.out;
        assert_eq!(table.matches("  not read  ").count(), 4, "{table}");
        assert!(
            table.contains("whether new keys are prevented: organizations:"),
            "{table}"
        );
    }
}

#[tokio::test]
async fn the_calls_grow_with_the_policies_and_not_with_the_accounts() {
    let mut calls = Vec::new();
    for members in [4, 60] {
        let mut organization = organization();
        for number in 5..=members {
            organization = organization.with_member(&format!("{number:0>12}"), "more");
        }
        let unrecognized = |number| {
            let id = format!("p-more{number:0>4}");
            ServiceControlPolicy::new(&id, "more", ANOTHER, &["r-loca"])
        };
        organization.policies.extend((0..30).map(unrecognized));
        let wire = wire(&organization).await;
        let listed = wire.run(&["list", "--all", "--output", "json"]).await;
        let of = |operation| wire.sent(operation).len();
        calls.push([
            of(Operation::ListPolicies),
            of(Operation::DescribePolicy),
            of(Operation::ListTargetsForPolicy),
        ]);
        assert_eq!(prevention(&json(&listed)).len(), members + 1);
    }
    // 36 policies in pages of 20; FullAWSAccess is not read; 4 are recognized.
    assert_eq!(calls, [[2, 35, 4], [2, 35, 4]]);
}

#[tokio::test]
async fn status_shows_prevention_for_each_account_and_exits_1_if_policies_cannot_be_read() {
    let mut rollout = Rollout::of_two().await;
    let policy = ServiceControlPolicy::new("p-ours00001", "any name", OURS, &[UNIT]);
    rollout.organization.policies.push(policy);
    let document = json(&rollout.status(&["--output", "json"]).await);
    let results: Vec<_> = prevention(&document).into_iter().map(|it| it.0).collect();
    assert_eq!(results, ["in-force", "in-force", "not-covered"]);
    let table = rollout.status(&[]).await;
    let head = table.out.lines().find(|it| it.starts_with("ACCOUNT"));
    assert!(
        head.unwrap().ends_with("  RULE     NEW KEYS"),
        "{}",
        table.out
    );
    for (account, words) in [("111111111111", "prevented"), (MANAGEMENT, "not covered")] {
        let line = table.out.lines().find(|it| it.starts_with(account));
        assert!(line.unwrap().ends_with(words), "{}", table.out);
    }
    assert_eq!(table.code, Some(0));

    rollout.fault_always(MANAGEMENT, Operation::ListPolicies, Fault::Denied);
    let ended = rollout.status(&[]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.shows_unwrapped("whether new root access keys are prevented: organizations:ListPolicies");
    ended.shows_unwrapped("status-policy.json");
    ended.shows("not read");
}
