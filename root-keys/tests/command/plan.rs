//! `plan`: exactly the keys that may be deleted, and a reason for each that stays.

use std::collections::BTreeMap;
use std::fs;

use local_aws::{Operation, RootKey, ServiceControlPolicy};
use serde_json::{Value, json};

use crate::planned::{Planned, key, unused};
use crate::wire::days_before_now;

const QUARANTINE: &str = include_str!("../../quarantine-root-user.json");
/// It denies root sessions, too.
const WITHOUT_EXEMPTION: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*",
    "Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:*:iam::*:root"}}}}"#;

pub fn id(number: usize) -> String {
    format!("{number:0>12}")
}

/// What each member is, by its number modulo 10.
fn keys_of(number: usize) -> [Option<RootKey>; 2] {
    match number % 10 {
        0 => [None, None],
        1 | 6 | 7 | 8 | 9 => [Some(unused()), None],
        2 => [Some(key(900, Some(400))), None],
        3 => [Some(key(900, Some(5))), None],
        4 => [Some(key(10, None)), None],
        _ => [
            Some(key(900, Some(5))),
            Some(RootKey::inactive(days_before_now(800))),
        ],
    }
}

/// 200 members: 6 under a policy that denies root sessions, 7 suspended, 8 exempt, 9 under
/// the quarantine policy.
pub async fn two_hundred() -> Planned {
    let mut planned = Planned::new().await;
    let numbers = || 1..=200;
    for number in numbers() {
        planned.join(&id(number), keys_of(number));
        if number % 10 == 7 {
            planned.organization.members[number - 1].state = "SUSPENDED";
        }
    }
    let ids = |of: usize| -> Vec<String> { numbers().filter(|it| it % 10 == of).map(id).collect() };
    let policy = |name: &str, content: &str, targets: Vec<String>| {
        let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
        ServiceControlPolicy::new(name, name, content, &targets)
    };
    planned.organization.policies = vec![
        policy("p-denies0001", WITHOUT_EXEMPTION, ids(6)),
        policy("p-trial00001", QUARANTINE, ids(9)),
    ];
    let exemption = |account: String| {
        json!({"account": account, "owner": "payments", "reason": "SES relay",
               "expires": days_before_now(-30).format("%Y-%m-%d").to_string()})
    };
    let exemptions: Vec<_> = ids(8).into_iter().map(exemption).collect();
    let file = json!({"exemptions": exemptions}).to_string();
    fs::write(planned.path("exemptions.json"), file).unwrap();
    let listed = planned.list().await;
    assert_eq!(listed.code, Some(3), "{}", listed.err);
    let exemptions = planned.path("exemptions.json");
    let made = planned
        .plan(&["--exemptions", exemptions.to_str().unwrap()])
        .await;
    assert_eq!((made.code, made.err.as_str()), (Some(3), ""));
    assert!(
        made.out
            .contains("201 accounts: delete 80 root access keys, keep 80; ")
    );
    planned
}

/// Account and key of each line of that part of the plan.
fn lines<'a>(
    document: &'a Value,
    part: &str,
    of: impl Fn(&'a Value) -> &'a str,
) -> BTreeMap<(String, String), &'a str> {
    let lines = document[part].as_array().unwrap().iter();
    lines
        .map(|line| {
            let account = line["account"].as_str().unwrap().to_owned();
            let key = line["key"]["accessKeyId"].as_str().unwrap_or("none");
            ((account, key.to_owned()), of(line))
        })
        .collect()
}

#[tokio::test]
async fn of_200_members_exactly_the_unused_keys_are_planned() {
    let planned = two_hundred().await;
    let document = planned.document();
    let (mut delete, mut keep) = (BTreeMap::new(), BTreeMap::new());
    for number in 1..=200 {
        let key = |slot| (id(number), format!("AKIA{}KEY{slot}", id(number)));
        let unknown = (id(number), "none".to_owned());
        let _ = match number % 10 {
            1 | 9 => delete.insert(key(1), "no use on record"),
            2 => delete.insert(key(1), "last used 400 days"),
            3 => keep.insert(key(1), "used-recently"),
            4 => keep.insert(key(1), "young"),
            5 => {
                keep.insert(key(1), "used-recently");
                delete.insert(key(2), "no use on record")
            }
            6 => keep.insert(unknown, "not-readable"),
            7 => keep.insert(unknown, "out-of-reach"),
            8 => keep.insert(key(1), "exempt"),
            _ => None,
        };
    }
    keep.insert(
        (crate::wire::MANAGEMENT.to_owned(), "none".to_owned()),
        "out-of-reach",
    );
    assert_eq!(
        lines(&document, "keep", |it| it["kind"].as_str().unwrap()),
        keep
    );
    let reasons = lines(&document, "delete", |it| it["reason"].as_str().unwrap());
    assert_eq!(reasons.len(), delete.len());
    for (line, reason) in reasons {
        assert!(reason.starts_with(delete[&line]), "{line:?}: {reason}");
    }
    for line in document["delete"].as_array().unwrap() {
        let quarantined = line["account"].as_str().unwrap().ends_with('9');
        let expected = if quarantined {
            json!({"by": ["p-trial00001"]})
        } else {
            json!("none")
        };
        assert_eq!(line["quarantine"], expected, "{line}");
    }
    let denied = document["keep"].as_array().unwrap().iter();
    let denied = denied.filter(|it| it["kind"] == "not-readable");
    for line in denied {
        let reason = line["reason"].as_str().unwrap();
        assert!(
            reason.contains("a service control policy denies this"),
            "{line}"
        );
    }
    assert_eq!(planned.sent(Operation::DeleteAccessKey).len(), 0);
}

#[tokio::test]
async fn a_plan_is_never_replaced_and_one_that_is_refused_writes_nothing() {
    let planned = Planned::with([Some(unused()), None]).await;
    planned.prepare().await;
    let before = fs::read(planned.path("plan.json")).unwrap();
    let again = planned.plan(&[]).await;
    again.fails();
    again.says("plan.json: File exists (os error 17); choose another file name for --out");
    assert_eq!(fs::read(planned.path("plan.json")).unwrap(), before);

    fs::remove_file(planned.path("plan.json")).unwrap();
    for (days, words) in [
        ("29d", "at least 30"),
        ("90", "a number of days"),
        ("-1d", "a number of days"),
    ] {
        let argument = format!("--unused-for={days}");
        let ended = planned.plan(&[&argument]).await;
        ended.fails();
        ended.says(words);
    }
    let missing = planned.path("missing.json");
    let ended = planned
        .plan(&["--exemptions", missing.to_str().unwrap()])
        .await;
    ended.fails();
    ended.says("no plan was made: cannot read ");
    fs::write(planned.path("wrong.json"), "{}").unwrap();
    let wrong = planned.path("wrong.json");
    let ended = planned
        .plan(&["--exemptions", wrong.to_str().unwrap()])
        .await;
    ended.fails();
    ended.says("wrong.json: missing field `exemptions`");
    fs::write(planned.path("list.json"), "{}").unwrap();
    let ended = planned.plan(&[]).await;
    ended.fails();
    ended.says("list.json: the file is not the output of `root-keys list --output json`");
    assert!(!planned.path("plan.json").exists());
}

#[tokio::test]
async fn a_listing_of_yesterday_makes_no_plan() {
    let planned = Planned::with([Some(unused()), None]).await;
    let listed = planned.list().await;
    let mut document: Value = serde_json::from_str(&listed.out).unwrap();
    document["at"] = days_before_now(1)
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
        .into();
    fs::write(planned.path("list.json"), document.to_string()).unwrap();
    let ended = planned.plan(&[]).await;
    ended.fails();
    ended.says("more than 24 hours ago; list them again");
}

#[tokio::test]
async fn the_number_of_days_decides_which_keys_stay() {
    let planned = Planned::with([Some(key(900, Some(60))), None]).await;
    planned.list().await;
    let ended = planned.plan(&["--unused-for", "30d"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.shows("delete  111111111111  member      AKIA111111111111KEY1  no           Active, last used 60 days before");
    fs::remove_file(planned.path("plan.json")).unwrap();
    let ended = planned.plan(&[]).await;
    ended.shows("keep    111111111111  member      AKIA111111111111KEY1  no           used on ");
    // Nothing of AWS is called.
    assert_eq!(planned.sent(Operation::GetCallerIdentity).len(), 1);
}
