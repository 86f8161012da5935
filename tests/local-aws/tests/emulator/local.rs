//! The command `local`: what it prints, and when it succeeds.
//!
//! It runs the function's real binary, which is beside it when the whole workspace is built.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::PathBuf,
    process::{self, Command, Output, Stdio},
};

use local_aws::{ConfigRule, default_time, scheduled_event};
use serde_json::{Value, json};

fn local(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A file of one test, removed when this is dropped.
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
fn every_run_evaluates_the_fleet_with_the_same_expected_results() {
    let (first, second) = (local(&[]), local(&[]));
    assert_eq!(first.status.code(), Some(0), "{}", text(&first));
    let table = text(&first);
    assert!(
        table.contains("\n333333333333  one active key, six years old            NON_COMPLIANT")
    );
    assert!(table.contains("All 9 accounts have the expected result."));
    assert!(!table.contains(['\x1b', '{']), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 80));
    assert_eq!(timeless(&table), timeless(&text(&second)));
}

#[test]
fn no_row_is_as_expected_when_the_function_evaluates_nothing() {
    let output = local(&["--bootstrap", "/bin/false"]);
    assert_eq!(output.status.code(), Some(1));
    let table = text(&output);
    assert_eq!(table.matches("NOT THE EXPECTED RESULT").count(), 9);
    assert!(table.contains("9 of 9 accounts do NOT have the expected result."));
}

#[test]
fn whatever_it_cannot_do_is_named_with_what_to_do_and_nothing_is_printed() {
    let rule = ConfigRule::new("121212121212", "my-own-rule");
    let event = scheduled_event(&rule, "a token", default_time());
    let file = File::new("unknown.json", &event.to_string());
    let known: Vec<_> = (1..10).map(|digit| digit.to_string().repeat(12)).collect();
    for (arguments, error) in [
        (
            ["--event", file.path()],
            format!(
                "the event {} is for account 121212121212, which is not emulated; set its \
                 accountId to one of {}",
                file.path(),
                known.join(", ")
            ),
        ),
        (
            ["--log", "--no-such-option"],
            "invalid option '--no-such-option'; `local --help` lists the options".to_owned(),
        ),
    ] {
        let output = local(&arguments);
        assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]));
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            format!("local: {error}\n")
        );
    }
    let output = local(&["--bootstrap", "/nowhere/bootstrap"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("local: cannot start the function's binary /nowhere/bootstrap: "));
}

#[test]
fn for_an_event_of_the_user_it_prints_what_would_be_sent_but_not_the_token() {
    let rule = ConfigRule::new("555555555555", "my-own-rule");
    let event = scheduled_event(&rule, "a token of my own", default_time());
    // With the byte order mark of some editors.
    let file = File::new("own.json", &format!("\u{feff}{event}"));
    let output = local(&["--event", file.path()]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let (before, sent) = text
        .split_once("Sent to AWS Config with PutEvaluations:\n")
        .unwrap();
    let lines: Vec<_> = before.lines().collect();
    let read = "an event of the rule my-own-rule for account 555555555555, notification of 2026-03-01 06:00 UTC.";
    assert_eq!(lines[0], format!("Read {}: {read}", file.path()));
    assert_eq!(
        lines[1],
        "Runs it with the emulated account 555555555555, set up as \"one key, only deactivated\"."
    );
    // Nothing before the evaluation looks like a result.
    assert!(!before.contains("COMPLIANT"), "{before}");
    let sent: Value = serde_json::from_str(sent).unwrap();
    assert_eq!(sent["ResultToken"], "(17 characters)");
    assert_eq!(sent["Evaluations"][0]["ComplianceType"], "NON_COMPLIANT");
    assert_eq!(
        sent["Evaluations"][0]["ComplianceResourceId"],
        "555555555555"
    );
}

#[test]
fn for_anything_else_it_prints_how_the_function_rejects_it() {
    let file = File::new("broken.json", "no event");
    let output = local(&["--event", file.path()]);
    assert_eq!(output.status.code(), Some(1));
    let text = text(&output);
    assert!(
        text.contains("not a JSON object with an accountId"),
        "{text}"
    );
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
    let requests = requests
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let first: Vec<_> = requests
        .take(2)
        .map(|it| json!([it["account"], it["operation"]]))
        .collect();
    let account = "111111111111";
    let expected = ["GetAccountSummary", "PutEvaluations"].map(|it| json!([account, it]));
    assert_eq!(first, expected);
}

#[test]
fn the_help_lists_every_option() {
    let help = text(&local(&["--help"]));
    let source = include_str!("../../src/bin/local/main.rs");
    let known = source.split("Long(\"").skip(1);
    let known: Vec<_> = known.map(|it| it.split('"').next().unwrap()).collect();
    assert!(known.len() > 7);
    for option in known {
        assert!(help.contains(&format!("--{option}")), "{option}");
    }
    assert!(help.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn the_function_s_log_lines_are_shown_on_request() {
    let with_log = text(&local(&["--log"]));
    let lines = with_log.lines().filter(|line| line.starts_with('{'));
    assert!(lines.count() >= 9, "{with_log}");
    assert!(
        with_log.contains("\"compliance_type\":\"NON_COMPLIANT\""),
        "{with_log}"
    );
}

/// What `local` prints up to that line, or all of it if it ends before; then it is stopped.
fn printed_until(arguments: &[&str], last: &str) -> (String, Output) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_local"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut printed = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    while !printed.ends_with(last) && out.read_line(&mut printed).unwrap() > 0 {}
    let _ = child.kill();
    (printed, child.wait_with_output().unwrap())
}

/// Six free ports in a row, below those that the system assigns by itself.
fn free_ports() -> u16 {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let mut firsts = (20_000..32_000).step_by(6);
    let first = firsts.find(|first| (*first..first + 6).all(is_free));
    first.unwrap()
}

#[test]
fn it_serves_on_the_given_ports_and_names_ports_in_use() {
    let port = free_ports();
    let option = port.to_string();
    let last = "root-keys list --account 333333333333\n";
    let (printed, _) = printed_until(&["--serve", "--port", &option], last);
    assert!(printed.contains(&format!("AWS_ENDPOINT_URL_IAM=http://127.0.0.1:{port}\n")));
    assert!(printed.contains(&format!("AWS_ENDPOINT_URL=http://127.0.0.1:{}\n", port + 6)));
    let (_, explained) = printed.split_once("The emulator keeps running").unwrap();
    assert!(explained.lines().count() <= 40, "{explained}");

    let _taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let arguments = ["--organization", "--port", &option];
    let (printed, refused) = printed_until(&arguments, "root-keys status\n");
    assert_eq!((printed.as_str(), refused.status.code()), ("", Some(2)));
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(
        error.contains(&format!("ports {port} to {}", port + 6)),
        "{error}"
    );
    assert!(error.contains("free ones with --port 0"), "{error}");
}
