//! `list` over many accounts: a row for every requested account, with its root
//! keys or the reason why they are not known, and an exit code that says
//! whether all were read.

use crate::fleet::{Fleet, PAYMENTS, WEB, row};
use crate::wire::{MANAGEMENT, days_before_now, denied};
use local_aws::{Account, Fault, Operation};
use serde_json::{Value, json};

const ABOVE: &str = "ou-loca-above001";
const BELOW: &str = "ou-loca-below001";
const ALL: &[&str] = &["--all"];

/// That the moment is this one, or less than a minute ago.
fn is_now(time: &Value) {
    let time: chrono::DateTime<chrono::Utc> = time.as_str().unwrap().parse().unwrap();
    let age = days_before_now(0) - time;
    assert!(age.num_seconds() < 60, "{time}");
}

/// What is different from [`Fleet::new`].
type Change = fn(&mut Fleet);

/// Runs `list` with these arguments after each change: the screen has the name of the
/// case.
async fn shows(cases: &[(&str, &[&str], Change)]) {
    for (case, arguments, change) in cases {
        let mut fleet = Fleet::new().await;
        change(&mut fleet);
        let ended = fleet.list(arguments).await;
        ended.is_screen(&format!("list/{case}"));
    }
}

fn nested_units(fleet: &mut Fleet) {
    fleet.organization.members[0].unit = Some(ABOVE.to_owned());
    fleet.organization.members[1].unit = Some(format!("{ABOVE}/{BELOW}"));
}

#[tokio::test]
async fn each_format_has_every_key_and_every_account_without_one() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("table", ALL, |_| ()),
        ("json", &["--all", "--output", "json"], nested_units),
        ("csv", &["--all", "--output", "csv"], |_| ()),
        ("a delegated administrator lists", ALL, |it| {
            it.organization.iam_administrators.push(WEB.to_owned());
            it.wire.operator = Account::new(WEB).credentials();
        }),
    ];
    shows(cases).await;
}

#[tokio::test]
async fn the_times_are_those_of_this_reading_and_only_members_are_tried() {
    let fleet = Fleet::new().await;
    let (document, _) = fleet.json(ALL).await;
    is_now(&document["at"]);
    is_now(&row(&document, PAYMENTS)["readAt"]);
    assert_eq!(fleet.task_policies(), ["IAMAuditRootUserCredentials"; 2]);
}

#[tokio::test]
async fn account_names_cannot_inject_formulas_line_breaks_or_colors() {
    fn names(fleet: &mut Fleet) {
        let names = [
            "=HYPERLINK(\"http://example.com\")",
            " =1",
            "a\r\n444444444444,forged",
            "\u{1b}[31mred",
            "a\u{202e}b",
            "quote\",\"comma",
        ];
        for (number, name) in names.iter().enumerate() {
            fleet.join(&format!("{number:0>12}"), name, [None, None]);
        }
    }
    let cases: &[(&str, &[&str], Change)] = &[
        ("names in a table", ALL, names),
        ("names as csv", &["--all", "--output", "csv"], names),
    ];
    shows(cases).await;
    let mut fleet = Fleet::new().await;
    names(&mut fleet);
    let (document, _) = fleet.json(ALL).await;
    let forged = "a\r\n444444444444,forged";
    assert_eq!(row(&document, "000000000002")["accountName"], forged);
}

#[tokio::test]
async fn an_organizational_unit_is_listed_with_all_below_it() {
    let cases: &[(&str, &[&str], Change)] = &[
        ("an OU and those below it", &["--ou", ABOVE], nested_units),
        ("an OU below", &["--ou", BELOW], nested_units),
        (
            "two OUs as json",
            &[
                "--ou",
                "ou-loca-below001,ou-loca-above001",
                "--output",
                "json",
            ],
            nested_units,
        ),
        ("the root", &["--ou", "r-loca"], nested_units),
        (
            "an OU without an account",
            &["--ou", "ou-loca-mistyped"],
            |_| (),
        ),
        // An account whose OU is not known is not left out.
        ("an account without a path", &["--ou", ABOVE], |it| {
            let accounts = json!({"Accounts": [
                {"Id": MANAGEMENT, "Paths": [format!("o-1/r-loca/{MANAGEMENT}/")]},
                {"Id": WEB, "Name": "web"},
            ]});
            let fault = Fault::json(accounts.to_string());
            it.fault(MANAGEMENT, Operation::ListAccounts, fault);
        }),
    ];
    shows(cases).await;
}

#[tokio::test]
async fn the_accounts_are_named_in_exactly_one_way() {
    let fleet = Fleet::new().await;
    for arguments in [
        &["--all", "--ou", ABOVE][..],
        &["--all", "--account", WEB],
        &["--accounts", WEB, "--ou", ABOVE],
        &["--accounts", "1"],
        &["--output", "json"],
    ] {
        fleet.list(arguments).await.fails();
    }
    for wrong in [
        "Workloads",
        "ou-loca",
        "ou-LOCA-above001",
        "",
        "r-",
        "o-localaws01",
    ] {
        let ended = fleet.list(&["--ou", wrong]).await;
        ended.fails();
        ended.says("is ou-…-…");
    }
    assert_eq!(fleet.operations(), []);
}

#[tokio::test]
async fn only_the_accounts_that_are_requested_by_id_are_read() {
    let fleet = Fleet::new().await;
    let named = format!("{WEB},{PAYMENTS},{WEB}");
    let (document, code) = fleet.json(&["--accounts", &named]).await;
    assert_eq!(document["requested"], json!({"accounts": [PAYMENTS, WEB]}));
    assert_eq!((&document["summary"]["read"], code), (&json!(2), Some(0)));
    assert_eq!(fleet.sent(Operation::ListAccounts), 0);
    assert_eq!(fleet.sent(Operation::DescribeAccount), 2);
    assert_eq!(fleet.sent(Operation::ListAccessKeys), 2);

    // One account alone can be had in these formats, too.
    let (document, code) = fleet.json(&["--account", WEB]).await;
    assert_eq!(
        (&row(&document, WEB)["result"], code),
        (&json!("read"), Some(0))
    );
}

#[tokio::test]
async fn an_account_that_is_not_read_is_a_row_with_its_reason() {
    let cases: &[(&str, &[&str], Change)] = &[
        (
            "a stranger beside a member",
            &["--accounts", "444444444444,222222222222"],
            |_| (),
        ),
        ("only a stranger", &["--accounts", "444444444444"], |_| ()),
        (
            "a named suspended account",
            &["--accounts", "333333333333,222222222222"],
            |_| (),
        ),
        (
            "a named management account",
            &["--accounts", "999999999999,222222222222"],
            |_| (),
        ),
        ("an account denies", ALL, |it| {
            let denied = denied("with an explicit deny in a service control policy");
            it.fault_always(WEB, Operation::ListAccessKeys, denied);
        }),
        ("the last use of a key is denied", ALL, |it| {
            it.fault_always(PAYMENTS, Operation::GetAccessKeyLastUsed, Fault::Denied);
        }),
        ("no account can be read", ALL, |it| {
            it.fault_always(MANAGEMENT, Operation::AssumeRoot, Fault::Denied);
        }),
        ("the accounts cannot be listed", ALL, |it| {
            it.fault_always(MANAGEMENT, Operation::ListAccounts, Fault::Denied);
        }),
        ("a list of accounts without that of the caller", ALL, |it| {
            let others = json!({"Accounts": [{"Id": WEB, "Name": "web"}]}).to_string();
            it.fault(MANAGEMENT, Operation::ListAccounts, Fault::json(others));
        }),
    ];
    shows(cases).await;
}

#[tokio::test]
async fn keys_that_are_not_known_are_null_and_not_none() {
    let fleet = Fleet::new().await;
    fleet.fault_always(WEB, Operation::ListAccessKeys, Fault::Denied);
    let (document, code) = fleet.json(ALL).await;
    let web = row(&document, WEB);
    let fields = [
        &web["result"],
        &web["keys"],
        &web["readAt"],
        &document["exitCode"],
    ];
    assert_eq!(json!(fields), json!(["not-read", null, null, 3]));
    assert_eq!(code, Some(3));
}

#[tokio::test]
async fn without_the_feature_nothing_is_tried() {
    let mut fleet = Fleet::new().await;
    fleet.organization.enabled_features.clear();
    let ended = fleet.list(ALL).await;
    ended.fails();
    ended.says("RootCredentialsManagement is off");
    assert_eq!(fleet.sent(Operation::ListAccounts), 0);
    assert_eq!(fleet.sent(Operation::AssumeRoot), 0);
}
