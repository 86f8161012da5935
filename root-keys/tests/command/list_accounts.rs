//! `list` over many accounts: a row for every requested account, with its root
//! keys or the reason why they are not known, and an exit code that says
//! whether all were read.

use std::ops::Deref;
use std::process::Command;
use std::time::Duration;

use crate::wire::{self, Ended, MANAGEMENT, Wire, end, used_long_ago};
use local_aws::{Account, Fault, LocalAws, Operation, Organization, RootKey, days_ago};
use serde_json::{Value, json};

const PAYMENTS: &str = "111111111111";
const WEB: &str = "222222222222";
const CLOSED: &str = "333333333333";
const ABOVE: &str = "ou-loca-above001";
const BELOW: &str = "ou-loca-below001";

/// A member with two keys, one without, and a suspended one.
pub struct Fleet {
    pub wire: Wire,
    pub organization: Organization,
}

impl Fleet {
    async fn new() -> Self {
        let mut fleet = Self::empty().await;
        let second = RootKey::inactive(days_ago(800));
        fleet.join(PAYMENTS, "payments", [Some(used_long_ago()), Some(second)]);
        fleet.join(WEB, "web", [None, None]);
        fleet.join(CLOSED, "closed", [None, None]);
        fleet.organization.members[2].state = "SUSPENDED";
        fleet
    }

    async fn empty() -> Self {
        let aws = LocalAws::start().await.unwrap();
        aws.run_clock();
        let operator = aws.put_account(Account::new(MANAGEMENT));
        let wire = Wire { aws, operator };
        let organization = Organization::new(MANAGEMENT);
        Self { wire, organization }
    }

    /// So many members without a key.
    pub async fn of(members: usize) -> Self {
        let mut fleet = Self::empty().await;
        for number in 1..=members {
            fleet.join(&format!("{number:0>12}"), "member", [None, None]);
        }
        fleet
    }

    fn join(&mut self, id: &str, name: &str, [first, second]: [Option<RootKey>; 2]) {
        let account = Account::new(id).with_root_keys(first, second);
        self.put_account(account);
        self.organization = self.organization.clone().with_member(id, name);
    }

    async fn list(&self, arguments: &[&str]) -> Ended {
        self.put_organization(self.organization.clone());
        self.wire.run(&[&["list"], arguments].concat()).await
    }

    /// The document, and the exit code.
    async fn json(&self, arguments: &[&str]) -> (Value, Option<i32>) {
        let output = ["--output", "json"];
        let ended = self.list(&[arguments, &output].concat()).await;
        (document(&ended), ended.code)
    }

    fn sent(&self, operation: Operation) -> usize {
        self.wire.sent(operation).len()
    }
}

impl Deref for Fleet {
    type Target = Wire;

    fn deref(&self) -> &Wire {
        &self.wire
    }
}

fn document(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("no document: {ended:?}"))
}

/// Account and result of each row.
fn results(document: &Value) -> Vec<(&str, &str)> {
    let rows = document["accounts"].as_array().unwrap().iter();
    rows.map(|row| {
        (
            row["account"].as_str().unwrap(),
            row["result"].as_str().unwrap(),
        )
    })
    .collect()
}

fn row<'a>(document: &'a Value, account: &str) -> &'a Value {
    let mut rows = document["accounts"].as_array().unwrap().iter();
    rows.find(|row| row["account"] == account).unwrap()
}

/// That the moment is this one, or less than a minute ago.
fn is_now(time: &Value) {
    let time: chrono::DateTime<chrono::Utc> = time.as_str().unwrap().parse().unwrap();
    let age = wire::days_before_now(0) - time;
    assert!(age.num_seconds() < 60, "{time}");
}

#[tokio::test]
async fn the_table_has_a_line_for_each_key_and_for_each_account_without_one() {
    let fleet = Fleet::new().await;
    let ended = fleet.list(&["--all"]).await;
    assert_eq!(
        ended.out,
        "\
ACCOUNT       NAME        NEW KEYS     KEY                   STATUS    CREATED               LAST USED
111111111111  payments    cannot tell  AKIA111111111111KEY1  Active    2023-09-13T06:00:00Z  2025-01-25T06:00:00Z (s3, eu-west-1)
111111111111  payments    cannot tell  AKIA111111111111KEY2  Inactive  2023-12-22T06:00:00Z  no use on record since 2015-04-22
222222222222  web         cannot tell  no root access keys
333333333333  closed      cannot tell  not active: SUSPENDED
999999999999  management  not covered  not read: account 999999999999 is the management account, and a root session cannot \
reach its root user; sign in as its root user: https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs/\
remediation.md#the-management-account

4 accounts: 2 read, 1 with 2 root access keys; 1 not active; 1 management account
"
    );
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    // Nobody tries what cannot be reached.
    assert_eq!(fleet.sent(Operation::AssumeRoot), 2);
    assert_eq!(
        fleet.task_policies(),
        ["IAMAuditRootUserCredentials", "IAMAuditRootUserCredentials"]
    );
}

#[tokio::test]
async fn the_json_document_has_all_that_is_known_of_each_account() {
    let mut fleet = Fleet::new().await;
    fleet.organization.members[0].unit = Some(format!("{ABOVE}/{BELOW}"));
    let (document, code) = fleet.json(&["--all"]).await;
    assert_eq!(code, Some(0));
    for (field, value) in [
        ("schema", json!(1)),
        ("command", json!("root-keys list")),
        ("version", json!(env!("CARGO_PKG_VERSION"))),
        ("region", json!("eu-west-1")),
        ("requested", json!("all")),
        ("exitCode", json!(0)),
    ] {
        assert_eq!(document[field], value, "{field}");
    }
    is_now(&document["at"]);
    let by = document["by"].as_str().unwrap();
    assert!(by.starts_with("arn:aws:sts::999999999999:assumed-role/"));
    assert_eq!(
        document["summary"],
        json!({"accounts": 4, "read": 2, "withKeys": 1, "keys": 2, "notActive": 1,
               "managementAccount": 1, "notRead": 0, "interrupted": 0})
    );
    let mut payments = row(&document, PAYMENTS).clone();
    is_now(&payments["readAt"].take());
    assert_eq!(
        payments,
        json!({
            "account": PAYMENTS, "accountName": "payments", "state": "ACTIVE",
            "organizationalUnit": BELOW,
            "path": format!("o-localaws01/r-loca/{ABOVE}/{BELOW}/{PAYMENTS}/"),
            "result": "read", "readAt": null, "reason": null,
            "prevention": {"result": "cannot-tell", "policies": []},
            "keys": [
                {"accessKeyId": "AKIA111111111111KEY1", "status": "Active",
                 "created": "2023-09-13T06:00:00Z",
                 "lastUsed": {"at": "2025-01-25T06:00:00Z", "service": "s3", "region": "eu-west-1"}},
                {"accessKeyId": "AKIA111111111111KEY2", "status": "Inactive",
                 "created": "2023-12-22T06:00:00Z", "lastUsed": null},
            ],
        })
    );
    assert_eq!(row(&document, WEB)["keys"], json!([]));
    assert_eq!(row(&document, WEB)["organizationalUnit"], "r-loca");
    let closed = row(&document, CLOSED);
    assert_eq!(closed["keys"], Value::Null);
    assert_eq!(
        (&closed["state"], &closed["result"]),
        (&json!("SUSPENDED"), &json!("not-active"))
    );
    assert!(closed["reason"].as_str().unwrap().contains("is SUSPENDED"));
    let management = row(&document, MANAGEMENT);
    assert_eq!(management["result"], "management-account");
    assert_eq!(management["keys"], Value::Null);
}

#[tokio::test]
async fn the_csv_has_a_record_for_each_key_and_for_each_account_without_one() {
    let fleet = Fleet::new().await;
    let ended = fleet.list(&["--all", "--output", "csv"]).await;
    let mut reader = csv::Reader::from_reader(ended.out.as_bytes());
    let head: Vec<_> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(
        head.join(" "),
        "account account_name state organizational_unit result access_key_id status created \
         last_used last_used_service last_used_region read_at reason prevention \
         prevention_policies"
    );
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    let short: Vec<_> = records
        .iter()
        .map(|it| it.iter().take(11).collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(
        short,
        [
            "111111111111,payments,ACTIVE,r-loca,read,AKIA111111111111KEY1,Active,\
             2023-09-13T06:00:00Z,2025-01-25T06:00:00Z,s3,eu-west-1",
            "111111111111,payments,ACTIVE,r-loca,read,AKIA111111111111KEY2,Inactive,\
             2023-12-22T06:00:00Z,,,",
            "222222222222,web,ACTIVE,r-loca,read,,,,,,",
            "333333333333,closed,SUSPENDED,r-loca,not-active,,,,,,",
            "999999999999,management,ACTIVE,r-loca,management-account,,,,,,",
        ]
    );
    is_now(&json!(records[2][11]));
    assert_eq!((&records[2][12], &records[3][11]), ("", ""));
    assert!(records[4][12].contains("the management account"));
    assert_eq!(ended.code, Some(0));
}

#[tokio::test]
async fn no_account_name_is_a_formula_a_line_or_a_color() {
    let mut fleet = Fleet::empty().await;
    let names = [
        "=HYPERLINK(\"http://example.com\")",
        "+1",
        "-1",
        "@SUM(A1)",
        " =1",
        "\t=1",
        "a\r\n444444444444,forged",
        "\u{1b}[31mred",
        "a\u{202e}b",
        "quote\",\"comma",
    ];
    for (number, name) in names.iter().enumerate() {
        fleet.join(&format!("{number:0>12}"), name, [None, None]);
    }
    let ended = fleet.list(&["--all", "--output", "csv"]).await;
    assert_eq!(ended.out.lines().count(), 1 + names.len() + 1);
    let mut reader = csv::Reader::from_reader(ended.out.as_bytes());
    let cells: Vec<_> = reader
        .records()
        .map(|it| it.unwrap()[1].to_owned())
        .collect();
    for (cell, name) in cells.iter().zip(names) {
        let first = cell.trim_start().chars().next().unwrap();
        assert!(!"=+-@".contains(first), "{name:?}: {cell:?}");
        assert!(
            !cell.contains(['\u{1b}', '\u{202e}', '\n', '\r', '\t']),
            "{cell:?}"
        );
    }
    assert_eq!(cells[0], "'=HYPERLINK(\"http://example.com\")");
    assert_eq!(cells[9], "quote\",\"comma");

    let table = fleet.list(&["--all"]).await.out;
    assert_eq!(table.lines().count(), 1 + names.len() + 1 + 2);
    assert!(!table.contains(['\u{1b}', '\u{202e}', '\r', '\t']));
    let (document, _) = fleet.json(&["--all"]).await;
    assert_eq!(row(&document, "000000000006")["accountName"], names[6]);
}

#[tokio::test]
async fn an_organizational_unit_is_listed_with_all_below_it() {
    let mut fleet = Fleet::new().await;
    fleet.organization.members[0].unit = Some(ABOVE.to_owned());
    fleet.organization.members[1].unit = Some(format!("{ABOVE}/{BELOW}"));
    for (units, expected) in [
        (ABOVE.to_owned(), vec![PAYMENTS, WEB]),
        (BELOW.to_owned(), vec![WEB]),
        (format!("{BELOW},{ABOVE}"), vec![PAYMENTS, WEB]),
        ("r-loca".to_owned(), vec![PAYMENTS, WEB, CLOSED, MANAGEMENT]),
    ] {
        let (document, code) = fleet.json(&["--ou", &units]).await;
        let listed: Vec<_> = results(&document)
            .iter()
            .map(|(account, _)| *account)
            .collect();
        assert_eq!((listed, code), (expected, Some(0)), "{units}");
        let requested: Vec<_> = units.split(',').collect();
        assert_eq!(
            document["requested"],
            json!({"organizationalUnits": requested})
        );
    }
}

#[tokio::test]
async fn an_organizational_unit_without_an_account_is_a_failure() {
    let fleet = Fleet::new().await;
    let ended = fleet.list(&["--ou", "ou-loca-mistyped"]).await;
    ended.fails();
    ended.says("no account of the organization is in ou-loca-mistyped; check the ID: `aws ");
    for wrong in [
        "Workloads",
        "ou-loca",
        "ou-LOCA-above001",
        "",
        "r-",
        "o-localaws01",
    ] {
        let ended = fleet.list(&["--ou", wrong]).await;
        assert_eq!(ended.code, Some(1), "{wrong}");
        ended.says("is ou-…-…");
    }
    assert_eq!(fleet.sent(Operation::AssumeRoot), 0);
}

#[tokio::test]
async fn an_account_whose_organizational_unit_is_not_known_is_not_left_out() {
    let fleet = Fleet::new().await;
    let accounts = json!({"Accounts": [
        {"Id": MANAGEMENT, "Paths": [format!("o-1/r-loca/{MANAGEMENT}/")]},
        {"Id": WEB, "Name": "web"},
    ]});
    let fault = Fault::json(accounts.to_string());
    fleet.fault(MANAGEMENT, Operation::ListAccounts, fault);
    let ended = fleet.list(&["--ou", ABOVE]).await;
    ended.fails();
    ended.says("did not return the organizational unit of account 222222222222");
}

#[tokio::test]
async fn only_the_accounts_that_are_requested_by_id_are_read() {
    let fleet = Fleet::new().await;
    let named = format!("{WEB},{PAYMENTS},{WEB}");
    let (document, code) = fleet.json(&["--accounts", &named]).await;
    assert_eq!(results(&document), [(PAYMENTS, "read"), (WEB, "read")]);
    assert_eq!(code, Some(0));
    assert_eq!(document["requested"], json!({"accounts": [PAYMENTS, WEB]}));
    assert_eq!(fleet.sent(Operation::ListAccounts), 0);
    assert_eq!(fleet.sent(Operation::DescribeAccount), 2);
    assert_eq!(fleet.sent(Operation::ListAccessKeys), 2);

    // One account alone can be had in these formats, too.
    let (document, code) = fleet.json(&["--account", WEB]).await;
    assert_eq!((results(&document), code), (vec![(WEB, "read")], Some(0)));
}

#[tokio::test]
async fn a_named_account_that_cannot_be_reached_changes_the_exit_code() {
    let fleet = Fleet::new().await;
    let strange = "444444444444";
    for (named, result, words) in [
        (
            strange,
            "not-read",
            "account 444444444444 is not in this organization",
        ),
        (CLOSED, "not-active", "account 333333333333 is SUSPENDED"),
        (
            MANAGEMENT,
            "management-account",
            "account 999999999999 is the management account",
        ),
    ] {
        let both = format!("{named},{WEB}");
        let (document, code) = fleet.json(&["--accounts", &both]).await;
        let found = row(&document, named);
        assert_eq!(found["result"], result);
        assert!(found["reason"].as_str().unwrap().contains(words), "{found}");
        assert_eq!(row(&document, WEB)["result"], "read");
        assert_eq!(
            (code, &document["exitCode"]),
            (Some(3), &json!(3)),
            "{named}"
        );

        let ended = fleet.list(&["--accounts", named]).await;
        assert_eq!(ended.code, Some(1), "{named}: {ended:?}");
        assert!(ended.out.contains(named), "{ended:?}");
    }
}

#[tokio::test]
async fn every_state_but_active_has_a_row_with_that_state() {
    for state in [
        "PENDING_ACTIVATION",
        "PENDING_CLOSURE",
        "CLOSED",
        "SUSPENDED",
    ] {
        let mut fleet = Fleet::new().await;
        fleet.organization.members[2].state = state;
        let ended = fleet.list(&["--all"]).await;
        let line = format!("333333333333  closed      cannot tell  not active: {state}\n");
        assert!(ended.out.contains(&line), "{ended:?}");
        assert_eq!(ended.code, Some(0), "{state}");
    }
}

#[tokio::test]
async fn an_account_that_cannot_be_read_is_a_row_with_its_reason() {
    let fleet = Fleet::new().await;
    let denied = Fault::aws_error(
        403,
        "AccessDenied",
        "User: arn:aws:iam::222222222222:root is not authorized to perform: iam:ListAccessKeys \
         with an explicit deny in a service control policy",
    );
    let operation = Operation::ListAccessKeys;
    fleet.fault_always(WEB, operation, denied);
    let (document, code) = fleet.json(&["--all"]).await;
    assert_eq!((code, &document["exitCode"]), (Some(3), &json!(3)));
    let web = row(&document, WEB);
    assert_eq!(
        (&web["result"], &web["keys"]),
        (&json!("not-read"), &Value::Null)
    );
    assert_eq!(web["readAt"], Value::Null);
    let reason = web["reason"].as_str().unwrap();
    for words in [
        "222222222222",
        "iam:ListAccessKeys",
        "AccessDenied",
        "AWS-GR_RESTRICT_ROOT_USER",
    ] {
        assert!(reason.contains(words), "{words}: {reason}");
    }
    assert_eq!(
        row(&document, PAYMENTS)["keys"].as_array().unwrap().len(),
        2
    );

    let ended = fleet.list(&["--all"]).await;
    assert_eq!(ended.code, Some(3));
    let line =
        "\n222222222222  web         cannot tell  not read: cannot read the root access keys";
    assert!(ended.out.contains(line), "{}", ended.out);
    assert_eq!(
        ended.err,
        "root-keys: not every account was read: 4 accounts: 1 read, 1 with 2 root access keys; \
         1 not active; 1 management account; 1 not read\n"
    );
}

#[tokio::test]
async fn keys_whose_last_use_cannot_be_read_do_not_count_as_read() {
    let fleet = Fleet::new().await;
    let operation = Operation::GetAccessKeyLastUsed;
    fleet.fault_always(PAYMENTS, operation, Fault::Denied);
    let (document, code) = fleet.json(&["--all"]).await;
    let payments = row(&document, PAYMENTS);
    assert_eq!(payments["result"], "not-read");
    assert_eq!((&payments["keys"], code), (&Value::Null, Some(3)));
}

#[tokio::test]
async fn if_no_account_could_be_read_the_exit_code_is_1() {
    let fleet = Fleet::new().await;
    fleet.fault_always(MANAGEMENT, Operation::AssumeRoot, Fault::Denied);
    let (document, code) = fleet.json(&["--all"]).await;
    assert_eq!(code, Some(1));
    assert_eq!(document["summary"]["notRead"], 2);
}

#[tokio::test]
async fn throttling_is_waited_out_at_every_call() {
    let fleet = Fleet::new().await;
    for (account, operation) in [
        (MANAGEMENT, Operation::ListOrganizationsFeatures),
        (MANAGEMENT, Operation::ListAccounts),
        (MANAGEMENT, Operation::AssumeRoot),
        (PAYMENTS, Operation::ListAccessKeys),
        (PAYMENTS, Operation::GetAccessKeyLastUsed),
    ] {
        for _ in 0..4 {
            fleet.fault(account, operation, Fault::Throttle);
        }
    }
    let (document, code) = fleet.json(&["--all"]).await;
    assert_eq!(code, Some(0), "{document}");
    assert_eq!(document["summary"]["read"], 2);
}

#[tokio::test]
async fn so_many_accounts_are_read_at_a_time_and_no_more() {
    let fleet = Fleet::of(30).await;
    for number in 1..=30 {
        let id = format!("{number:0>12}");
        let operation = Operation::ListAccessKeys;
        fleet.fault_always(&id, operation, Fault::Hang);
    }
    fleet.put_organization(fleet.organization.clone());
    let child = fleet.start(&["list", "--all"]);
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if fleet.sent(Operation::ListAccessKeys) >= 8 {
            break;
        }
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(fleet.sent(Operation::AssumeRoot), 8);
    assert_eq!(fleet.sent(Operation::ListAccessKeys), 8);
    interrupt(child.id());
    assert_eq!(end(child).await.code, Some(130));
}

#[tokio::test]
async fn ctrl_c_keeps_what_was_read() {
    let fleet = Fleet::new().await;
    let operation = Operation::ListAccessKeys;
    fleet.fault_always(WEB, operation, Fault::Hang);
    fleet.put_organization(fleet.organization.clone());
    for output in ["json", "table", "csv"] {
        let before = fleet.sent(Operation::GetAccessKeyLastUsed);
        let child = fleet.start(&["list", "--all", "--output", output]);
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if fleet.sent(Operation::GetAccessKeyLastUsed) == before + 2 {
                break;
            }
        }
        // The response to the last of them has to arrive.
        tokio::time::sleep(Duration::from_millis(500)).await;
        interrupt(child.id());
        let ended = end(child).await;
        assert_eq!(ended.code, Some(130), "{ended:?}");
        ended.shows("AKIA111111111111KEY2");
        let words = "1 not read before the interruption\n";
        assert!(ended.err.ends_with(words), "{ended:?}");
        if output == "json" {
            let document = document(&ended);
            assert_eq!(
                results(&document),
                [
                    (PAYMENTS, "read"),
                    (WEB, "interrupted"),
                    (CLOSED, "not-active"),
                    (MANAGEMENT, "management-account"),
                ]
            );
            assert_eq!(row(&document, WEB)["keys"], Value::Null);
            assert_eq!(document["exitCode"], 130);
        }
    }
}

fn interrupt(process: u32) {
    let process = process.to_string();
    let kill = Command::new("kill").args(["-INT", &process]).status();
    assert!(kill.unwrap().success());
}

#[tokio::test]
async fn all_pages_of_accounts_are_read_and_a_list_without_oneself_is_refused() {
    let fleet = Fleet::of(45).await;
    fleet.put_page_size(7);
    let (document, code) = fleet.json(&["--all"]).await;
    assert_eq!(document["summary"]["accounts"], 46);
    assert_eq!((&document["summary"]["read"], code), (&json!(45), Some(0)));

    let others = json!({"Accounts": [{"Id": WEB, "Name": "web"}]}).to_string();
    let operation = Operation::ListAccounts;
    fleet.fault(MANAGEMENT, operation, Fault::json(others));
    let ended = fleet.list(&["--all"]).await;
    ended.fails();
    ended.says("lacks account 999999999999");
}

#[tokio::test]
async fn without_the_preconditions_nothing_is_tried() {
    let mut fleet = Fleet::new().await;
    fleet.organization.enabled_features.clear();
    let ended = fleet.list(&["--all"]).await;
    ended.fails();
    ended.says("RootCredentialsManagement is off");
    assert_eq!(fleet.sent(Operation::ListAccounts), 0);
    assert_eq!(fleet.sent(Operation::AssumeRoot), 0);

    let fleet = Fleet::new().await;
    fleet.fault_always(MANAGEMENT, Operation::ListAccounts, Fault::Denied);
    let ended = fleet.list(&["--all"]).await;
    ended.fails();
    ended.says_all(&[
        "organizations:ListAccounts",
        "AccessDenied",
        "operator-policy.json",
    ]);
}

#[tokio::test]
async fn a_delegated_administrator_reads_all_but_the_management_account() {
    let mut fleet = Fleet::new().await;
    fleet.organization.iam_administrators.push(WEB.to_owned());
    fleet.wire.operator = Account::new(WEB).credentials();
    let (document, code) = fleet.json(&["--all"]).await;
    assert_eq!(
        results(&document),
        [
            (PAYMENTS, "read"),
            (WEB, "read"),
            (CLOSED, "not-active"),
            (MANAGEMENT, "management-account"),
        ]
    );
    assert_eq!(code, Some(0));
}

#[tokio::test]
async fn exactly_one_way_of_naming_accounts_is_given() {
    let fleet = Fleet::new().await;
    for arguments in [
        &["--all", "--ou", ABOVE][..],
        &["--all", "--account", WEB],
        &["--accounts", WEB, "--ou", ABOVE],
        &["--accounts", "1"],
        &["--output", "json"],
    ] {
        let ended = fleet.list(arguments).await;
        ended.fails();
    }
    assert_eq!(fleet.operations(), []);
}

/// The peak memory of a running process, in KiB; `None` once it has ended.
fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// `bench/trials.md` has the numbers that `--nocapture` prints.
#[tokio::test]
async fn a_thousand_accounts_cost_two_calls_each_and_little_memory() {
    let mut fleet = Fleet::of(1000).await;
    for number in 1..=20 {
        let keys = [Some(used_long_ago()), Some(RootKey::inactive(days_ago(9)))];
        let account = Account::new(&format!("{:0>12}", number * 50));
        let [first, second] = keys;
        fleet.put_account(account.with_root_keys(first, second));
    }
    fleet.organization.members[998].state = "SUSPENDED";
    fleet.put_organization(fleet.organization.clone());
    let started = std::time::Instant::now();
    let child = fleet.start(&["list", "--all", "--output", "json"]);
    let process = child.id();
    let ended = tokio::spawn(end(child));
    let mut peak = 0;
    while !ended.is_finished() {
        peak = peak_memory(process).map_or(peak, |now| now.max(peak));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let took = started.elapsed();
    let ended = ended.await.unwrap();
    let document = document(&ended);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(
        document["summary"],
        json!({"accounts": 1001, "read": 999, "withKeys": 20, "keys": 40, "notActive": 1,
               "managementAccount": 1, "notRead": 0, "interrupted": 0})
    );
    let calls = fleet.operations().len();
    println!("{took:?}, peak memory {peak} KiB, {calls} calls");
    for (operation, number) in [
        (Operation::GetCallerIdentity, 1),
        (Operation::ListOrganizationsFeatures, 1),
        (Operation::ListAccounts, 51),
        (Operation::ListPolicies, 1),
        (Operation::AssumeRoot, 999),
        (Operation::ListAccessKeys, 999),
        (Operation::GetAccessKeyLastUsed, 40),
    ] {
        assert_eq!(fleet.sent(operation), number, "{operation}");
    }
    assert_eq!(calls, 1 + 1 + 51 + 1 + 999 + 999 + 40);
    assert!((1..100 * 1024).contains(&peak), "{peak} KiB");
}
