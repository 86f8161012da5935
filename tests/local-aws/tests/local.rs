//! The command `local`: what it prints, and when it succeeds.
//!
//! It runs the function's own binary, which stands beside it when the whole
//! workspace is built.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::{
    env, fs,
    path::PathBuf,
    process::{self, Command, Output},
};

use local_aws::{Account, ConfigRule, default_time, scheduled_event};
use serde_json::Value;

fn local(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A file of this test's own, gone when it is dropped.
struct File(PathBuf);

impl File {
    fn new(name: &str, content: &str) -> Self {
        let path = env::temp_dir().join(format!("local-{}-{name}", process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// The table with the milliseconds left out.
fn timeless(table: &str) -> String {
    let is_row = |line: &str| line.starts_with(|first: char| first.is_ascii_digit());
    let lines = table.lines().map(|line| match line.rsplit_once(' ') {
        Some((row, milliseconds)) if is_row(line) => {
            assert!(milliseconds.parse::<u64>().is_ok(), "{line}");
            row.trim_end().to_owned() + "\n"
        }
        _ => line.to_owned() + "\n",
    });
    lines.collect()
}

#[test]
fn the_fleet_is_judged_as_it_should_be_and_the_same_each_time() {
    let (first, second) = (local(&[]), local(&[]));
    assert_eq!(first.status.code(), Some(0), "{}", text(&first));
    let table = text(&first);
    assert!(
        table.contains("\n333333333333  one active key, six years old            NON_COMPLIANT")
    );
    assert!(table.contains("All 9 accounts are judged as they should be."));
    assert!(!table.contains('\x1b'), "in a pipe there is no colour");
    assert!(table.lines().all(|line| line.chars().count() <= 100));
    assert_eq!(timeless(&table), timeless(&text(&second)));
}

#[test]
fn a_function_that_judges_nothing_makes_every_row_wrong() {
    let output = local(&["--bootstrap", "/bin/false"]);
    assert_eq!(output.status.code(), Some(1));
    let table = text(&output);
    assert_eq!(table.matches("NOT AS IT SHOULD BE").count(), 9);
    assert!(table.contains("9 of 9 accounts are NOT judged as they should be."));
}

#[test]
fn a_function_that_is_not_there_is_said_to_be_missing() {
    let output = local(&["--bootstrap", "/nowhere/bootstrap"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("local: cannot start the function's binary /nowhere/bootstrap: "));
}

#[test]
fn an_event_of_one_s_own_shows_what_would_be_sent_but_not_its_token() {
    let rule = ConfigRule::new(&Account::new("555555555555").id, "my-own-rule");
    let event = scheduled_event(&rule, "a token of my own", default_time());
    // With the byte order mark of some editors.
    let file = File::new("own.json", &format!("\u{feff}{event}"));
    let output = local(&["--event", file.path()]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let (before, sent) = text
        .split_once("Sent to AWS Config with PutEvaluations:\n")
        .unwrap();
    assert_eq!(before, "Account 555555555555: one key, only deactivated.\n");
    let sent: Value = serde_json::from_str(sent).unwrap();
    assert_eq!(sent["ResultToken"], "(17 characters)");
    assert_eq!(sent["Evaluations"][0]["ComplianceType"], "NON_COMPLIANT");
    assert_eq!(
        sent["Evaluations"][0]["ComplianceResourceId"],
        "555555555555"
    );
}

#[test]
fn what_is_no_event_shows_how_the_function_refuses_it() {
    let file = File::new("broken.json", "no event");
    let output = local(&["--event", file.path()]);
    assert_eq!(output.status.code(), Some(1));
    let text = text(&output);
    assert!(text.contains("The run failed. InvalidEvent: "), "{text}");
    assert!(!text.contains("Sent to"), "{text}");
}

#[test]
fn the_requests_are_written_as_they_were_sent() {
    let file = File::new("requests.jsonl", "");
    local(&["--bootstrap", "/bin/false", "--requests", file.path()]);
    assert_eq!(fs::read_to_string(file.path()).unwrap(), "");
    local(&["--requests", file.path()]);
    let requests = fs::read_to_string(file.path()).unwrap();
    let requests: Vec<Value> = requests
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(requests[0]["operation"], "GetAccountSummary");
    assert_eq!(requests[1]["operation"], "PutEvaluations");
    assert_eq!(requests[1]["account"], "111111111111");
}

#[test]
fn an_account_is_followed_from_clean_over_a_new_root_key_to_clean() {
    let output = local(&["--chain"]);
    let table = text(&output);
    assert_eq!(output.status.code(), Some(0), "{table}");
    let compliance: Vec<&str> = table
        .split_whitespace()
        .filter(|word| word.ends_with("COMPLIANT"))
        .collect();
    assert_eq!(compliance, ["COMPLIANT", "NON_COMPLIANT", "COMPLIANT"]);
    assert!(table.contains("All 3 steps are judged as they should be."));
}

#[test]
fn a_chain_that_judges_nothing_is_wrong_at_each_step() {
    let output = local(&["--chain", "--bootstrap", "/bin/false"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("3 of 3 steps are NOT judged as they should be."));
}
