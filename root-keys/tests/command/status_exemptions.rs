//! `status --exemptions`: an exemption changes no verdict. While it is in force, it takes
//! the account off the list of what to fix, unless the account's results are not known.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::Duration;
use local_aws::{Fault, Operation, RULE_NAME};
use serde_json::{Value, json};

use crate::rollout::{ALL, CLEAN, KEY, MANAGEMENT, PAYMENTS, Rollout, WEB};
use crate::screen::timeless;
use crate::wire::Ended;

const OTHER: &str = "333333333333";

/// An exemption of the account, and in how many days it ends.
type Exempt<'a> = (&'a str, i64);

/// What is different from [`Rollout::of_two`].
type Change = fn(&mut Rollout);

fn file(text: &str) -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("root-keys-exempt-{}-{number}.json", std::process::id());
    let path = std::env::temp_dir().join(name);
    fs::write(&path, text).unwrap();
    path
}

/// Runs `status` with these exemptions; the days that they end on are `DAY+` so many days.
async fn status(rollout: &Rollout, exemptions: &[Exempt<'_>], arguments: &[&str]) -> Ended {
    let day = |days: i64| (rollout.now().date_naive() + Duration::days(days)).to_string();
    let each = exemptions.iter().map(|(account, days)| {
        json!({
            "account": account, "owner": "payments team", "reason": "SES relay",
            "ticket": "SEC-12", "expires": day(*days),
        })
    });
    let each: Vec<Value> = each.collect();
    let file = file(&json!({ "exemptions": each }).to_string());
    let given = ["--exemptions", file.to_str().unwrap()];
    let mut ended = rollout.brief(&[&given, arguments].concat()).await;
    fs::remove_file(file).unwrap();
    ended.out = timeless(&ended.out);
    for (_, days) in exemptions {
        ended.out = ended.out.replace(&day(*days), &format!("DAY{days:+}"));
    }
    ended
}

async fn shows(cases: &[(&str, &[Exempt<'_>], &[&str], Change)]) {
    for (case, exemptions, arguments, change) in cases {
        let mut rollout = Rollout::of_two().await;
        change(&mut rollout);
        let ended = status(&rollout, exemptions, arguments).await;
        ended.is_screen(&format!("exemptions/{case}"));
    }
}

#[tokio::test]
async fn an_account_with_an_exemption_in_force_is_shown_and_is_not_open() {
    shows(&[
        ("a root key is covered", &[(WEB, 100)], ALL, |it| {
            it.report(WEB, KEY, 1);
        }),
        (
            "one root key is covered and another is open",
            &[(WEB, 100)],
            &[],
            |it| {
                it.report(WEB, KEY, 1);
                it.report(PAYMENTS, KEY, 1);
                it.reach(OTHER, "silent");
                it.report(OTHER, CLEAN, 9 * 24);
            },
        ),
        (
            "a root key is covered and another account has issues",
            &[(WEB, 100)],
            &[],
            |it| {
                it.report(WEB, KEY, 1);
                it.reach(OTHER, "silent");
                it.report(OTHER, CLEAN, 9 * 24);
            },
        ),
        ("an exemption covers nothing", &[(WEB, 100)], &[], |_| ()),
        ("json", &[(WEB, 100)], &["--output", "json"], |it| {
            it.report(WEB, KEY, 1);
        }),
    ])
    .await;
}

#[tokio::test]
async fn an_exemption_that_ends_soon_or_has_expired_is_named_and_an_expired_one_covers_nothing() {
    shows(&[
        ("it has expired", &[(WEB, -1), (PAYMENTS, -3)], &[], |it| {
            it.report(WEB, KEY, 1);
        }),
        (
            "it ends soon",
            &[(MANAGEMENT, 15), (OTHER, 14), (WEB, 1), (PAYMENTS, 0)],
            &[],
            |it| {
                it.reach(OTHER, "other");
                it.report(OTHER, CLEAN, 2);
                it.report(WEB, KEY, 1);
                it.report(PAYMENTS, KEY, 1);
                it.evaluate(MANAGEMENT, RULE_NAME, KEY, 1);
            },
        ),
        (
            "its account is not in the organization",
            &[("777777777777", 100)],
            &[],
            |_| (),
        ),
    ])
    .await;
}

/// A result that was not read may be a finding, and no exemption is for that.
#[tokio::test]
async fn an_exempt_account_whose_results_are_not_known_is_open() {
    shows(&[
        (
            "the results could not be read",
            &[(WEB, 100), (PAYMENTS, 100), (MANAGEMENT, 100)],
            &[],
            |it| {
                let operation = Operation::GetAggregateComplianceDetailsByConfigRule;
                it.fails(operation, Fault::Denied);
            },
        ),
        (
            "the aggregator could not be read",
            &[(WEB, 100), (PAYMENTS, 100), (MANAGEMENT, 100)],
            &[],
            |it| it.fails(Operation::DescribeConfigurationAggregators, Fault::Denied),
        ),
    ])
    .await;
}

/// One of two rules reports a root key, which the exemption covers; the other was not read.
#[tokio::test]
async fn a_covered_finding_does_not_hide_that_another_result_was_not_read() {
    let rollout = Rollout::of_two().await;
    rollout.own_rule(WEB, crate::rollout::HOME, KEY, 2);
    let operation = Operation::GetAggregateComplianceDetailsByConfigRule;
    let fails = Fault::Denied;
    rollout.fails(operation, fails);
    let ended = status(&rollout, &[(WEB, 100)], &["--output", "json"]).await;
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    let accounts = document["accounts"].as_array().unwrap();
    let web = accounts.iter().find(|it| it["account"] == WEB).unwrap();
    assert_eq!(web["open"], true);
    assert_eq!(document["open"], 3);
    assert_eq!(ended.code, Some(1));
}

#[tokio::test]
async fn the_compliance_and_the_summary_are_the_same_with_and_without_exemptions() {
    let mut rollout = Rollout::of_two().await;
    rollout.report(WEB, KEY, 1);
    rollout.reach(OTHER, "silent");
    rollout.report(OTHER, CLEAN, 9 * 24);
    let json = &["--output", "json"];
    let mut without = rollout.brief(json).await;
    without.out = timeless(&without.out);
    let with = status(&rollout, &[(WEB, 100), (OTHER, 2)], json).await;
    assert_eq!((without.code, with.code), (Some(2), Some(0)));
    let parse = |ended: &Ended| serde_json::from_str::<Value>(&ended.out).unwrap();
    let (mut without, mut with) = (parse(&without), parse(&with));
    assert_eq!(
        (&without["exempt"], &without["open"]),
        (&json!(0), &json!(2))
    );
    assert_eq!((&with["exempt"], &with["open"]), (&json!(2), &json!(0)));
    for document in [&mut without, &mut with] {
        let document = document.as_object_mut().unwrap();
        for own in ["at", "sources", "exempt", "open", "exitCode"] {
            document.remove(own).unwrap();
        }
        for account in document["accounts"].as_array_mut().unwrap() {
            let account = account.as_object_mut().unwrap();
            account.remove("exemption").unwrap();
            account.remove("open").unwrap();
            // It says how many hours ago.
            account.remove("problems").unwrap();
        }
    }
    assert_eq!(with, without);
}

#[tokio::test]
async fn without_valid_exemptions_nothing_is_read() {
    let rollout = Rollout::of_two().await;
    for (text, words) in [
        ("{}", "missing field `exemptions`"),
        (
            r#"{"exemptions": [{"account": "222222222222", "owner": "web", "expires": "2027-01-31"}]}"#,
            "account \"222222222222\": missing field `reason`",
        ),
    ] {
        let file = file(text);
        let ended = rollout
            .brief(&["--exemptions", file.to_str().unwrap()])
            .await;
        fs::remove_file(file).unwrap();
        ended.fails();
        ended.says("root-keys: the status was not read: ");
        ended.says(words);
    }
    let ended = rollout.brief(&["--exemptions", "missing.json"]).await;
    ended.fails();
    ended.says("the status was not read: cannot read missing.json: ");
    assert_eq!(rollout.wire.operations(), []);
}
