//! What a person sees of `status`: at a terminal of any width, and in a pipe.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::Command;

use crate::rollout::{self, CLEAN, KEY, Rollout, WEB};
use crate::screen::timeless;
use crate::wire::{self, LIST, end};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use serde_json::Value;

const LINK: &str = "https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs";

/// A terminal of so many columns: the end that the command writes to, and the
/// one that its person reads from.
fn terminal(columns: u16) -> (OwnedFd, OwnedFd) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let path = ptsname(&person, Vec::new()).unwrap();
    let size = Winsize {
        ws_row: 50,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&person, size).unwrap();
    let command = File::options()
        .read(true)
        .write(true)
        .open(path.to_str().unwrap());
    (command.unwrap().into(), person)
}

/// Everything that comes until the command has ended.
fn seen(person: OwnedFd) -> String {
    let mut all = Vec::new();
    match File::from(person).read_to_end(&mut all) {
        Ok(_) => {}
        // What Linux says when the other end of a terminal is closed.
        Err(error) if error.raw_os_error() == Some(5) => {}
        Err(error) => panic!("{error}"),
    }
    String::from_utf8(all).unwrap().replace("\r\n", "\n")
}

/// What the command writes to a terminal as stdout, what to stderr, and its exit code.
async fn at_a_terminal(mut command: Command, columns: u16) -> (String, String, Option<i32>) {
    let (stdout, person) = terminal(columns);
    command.stdout(stdout);
    let mut child = command.spawn().unwrap();
    drop(command); // and with it our copy of the command's end
    let reading = tokio::task::spawn_blocking(move || seen(person));
    let mut err = child.stderr.take().unwrap();
    let waiting = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        err.read_to_string(&mut text).unwrap();
        (text, child.wait().unwrap().code())
    });
    let out = reading.await.unwrap();
    let (err, code) = waiting.await.unwrap();
    (out, err, code)
}

/// Six accounts, five of them with different problems.
async fn troubled() -> Rollout {
    let mut rollout = Rollout::of_two().await;
    rollout.report(WEB, KEY, 1);
    rollout.reach("333333333333", "silent");
    rollout.report("333333333333", CLEAN, 9 * 24);
    rollout.reach(
        "444444444444",
        "a-friendly-name-of-fifty-characters-which-is-most",
    );
    rollout.set_stack("444444444444", "OUTDATED", "FAILED");
    rollout.instance("444444444444").reason = Some(format!(
        "ResourceStatusReason:{}",
        "NoAvailableConfigurationRecorderException".repeat(4)
    ));
    rollout.join("555555555555", "会計システム本番環境");
    rollout.member("555555555555").unit = Some(rollout::UNIT.to_owned());
    rollout
}

fn without_colors(text: &str) -> String {
    let mut plain = String::new();
    let mut parts = text.split("\u{1b}[");
    plain.push_str(parts.next().unwrap());
    for part in parts {
        plain.push_str(part.split_once('m').unwrap().1);
    }
    plain
}

#[tokio::test]
async fn no_line_is_wider_than_the_terminal_or_a_hundred_columns_in_a_pipe() {
    let rollout = troubled().await;
    for arguments in [
        &[][..],
        &["--all"],
        &["--all", "--details"],
        &["--preflight"],
    ] {
        let mut longest = Vec::new();
        for columns in [60, 80, 160] {
            let mut command = rollout.command(arguments);
            command.env("TERM", "xterm");
            let (out, _, code) = at_a_terminal(command, columns).await;
            assert!([Some(2), Some(0)].contains(&code), "{out}");
            longest.push(longest_line(&without_colors(&out), columns.into()));
        }
        // A wide terminal is used, not only endured.
        assert!(longest[2] > 80, "{arguments:?} {longest:?}");
        let ended = rollout.brief(arguments).await;
        longest_line(&ended.out, 100);
    }
}

/// In columns, apart from a link, which cannot be broken.
fn longest_line(text: &str, most: usize) -> usize {
    let lines = text.lines().filter(|line| *line != LINK);
    let widths = lines.map(|line| {
        let width = textwrap::core::display_width(line);
        assert!(width <= most, "{width} columns in {most}: {line}\n{text}");
        width
    });
    widths.max().unwrap()
}

#[tokio::test]
async fn colors_appear_only_in_terminals_and_repeat_what_the_text_says() {
    let rollout = troubled().await;
    let in_a_pipe = rollout.brief(&[]).await;
    assert!(!in_a_pipe.out.contains('\u{1b}'), "{}", in_a_pipe.out);
    for (variable, value, colored) in [
        ("TERM", "xterm-256color", true),
        ("NO_COLOR", "", true), // https://no-color.org: "when present and not an empty string"
        ("NO_COLOR", "1", false),
        ("TERM", "dumb", false),
    ] {
        let mut command = rollout.command(&[]);
        command.env("TERM", "xterm").env(variable, value);
        let (out, err, code) = at_a_terminal(command, 100).await;
        assert_eq!((code, err.as_str()), (Some(2), ""));
        assert_eq!(
            out.contains("\u{1b}["),
            colored,
            "{variable}={value}: {out}"
        );
        let at = |text: &str| timeless(&without_colors(text));
        assert_eq!(at(&out), at(&in_a_pipe.out), "{variable}={value}");
    }
}

#[tokio::test]
async fn a_terminal_shows_progress_while_it_waits_and_a_pipe_does_not() {
    let rollout = troubled().await;
    for (term, shown) in [("xterm", true), ("dumb", false)] {
        let (stderr, person) = terminal(80);
        let mut command = rollout.command(&[]);
        command.env("TERM", term).stderr(stderr);
        let child = command.spawn().unwrap();
        drop(command);
        let reading = tokio::task::spawn_blocking(move || seen(person));
        let ended = end(child).await;
        assert_eq!(ended.code, Some(2));
        let progress = reading.await.unwrap();
        let words = "organizations:ListAccounts";
        assert_eq!(progress.contains(words), shown, "{progress:?}");
        // Nothing of it stays.
        let left = progress.rsplit("\u{1b}[2K").next().unwrap();
        assert_eq!(left.trim(), "", "{progress:?}");
    }
    let ended = rollout.brief(&[]).await;
    assert_eq!(ended.err, "");
}

#[tokio::test]
async fn a_reader_that_leaves_changes_no_exit_code() {
    let rollout = troubled().await;
    for (arguments, code) in [
        (&["status"][..], 2),
        (&["status", "--all"], 2),
        (&["status", "--output", "json"], 2),
        (&["status", "--preflight"], 0),
        (&["check"], 0),
    ] {
        rollout.put_organization(rollout.organization.clone());
        let mut command = rollout.wire.command(arguments);
        command.env("AWS_REGION", "us-east-1");
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take()); // as `| head -0` does
        let ended = end(child).await;
        assert_eq!(
            (ended.code, ended.err.as_str()),
            (Some(code), ""),
            "{arguments:?}"
        );
    }
    let wire = wire::Wire::new().await;
    let mut child = wire.start(&LIST);
    drop(child.stdout.take());
    let ended = end(child).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn a_result_that_cannot_be_written_is_a_failure() {
    let rollout = troubled().await;
    let mut command = rollout.command(&[]);
    command.stdout(File::options().write(true).open("/dev/full").unwrap());
    let ended = end(command.spawn().unwrap()).await;
    assert_eq!(ended.code, Some(1));
    ended.says("cannot write the result");
}

#[tokio::test]
async fn two_thousand_accounts_without_a_stack_set_are_one_issue_with_one_remedy() {
    let mut rollout = Rollout::new().await;
    for number in 1..=2000 {
        rollout.join(&format!("{number:0>12}"), "sandbox");
    }
    rollout.organization.stack_sets.clear();
    let ended = rollout.brief(&[]).await;
    ended.is_screen("status/two thousand accounts without a stack set");
    let all = rollout.status(&[]).await;
    all.shows("   000000002000  sandbox\n   Fix: ");
    all.shows("\n000000002000  no result   sandbox ");
    let json = rollout.brief(&["--output", "json"]).await;
    let found: Value = serde_json::from_str(&json.out).unwrap();
    let accounts = found["accounts"].as_array().unwrap();
    let kinds = accounts.iter().map(|it| &it["problems"][0]["kind"]);
    assert_eq!(kinds.filter(|kind| *kind == "no-stack-set").count(), 2000);
}

#[tokio::test]
async fn accounts_with_the_same_problem_share_one_command_that_a_shell_takes_as_it_is() {
    let mut rollout = Rollout::new().await;
    let ids: Vec<String> = (1..=25).map(|number| format!("{number:0>12}")).collect();
    for (number, id) in ids.iter().enumerate() {
        rollout.join(id, "sandbox");
        if number % 2 == 1 {
            let unit = "ou-loca-others";
            rollout.member(id).unit = Some(unit.to_owned());
        }
    }
    rollout.organization.stack_sets[0].units =
        vec![rollout::UNIT.to_owned(), "ou-loca-others".to_owned()];
    for (arguments, most) in [(&[][..], 10), (&["--all"], 25)] {
        let mut command = rollout.command(arguments);
        command.env("TERM", "dumb");
        let (out, _, _) = at_a_terminal(command, 60).await;
        let (_, command) = out.split_once("     aws ").unwrap();
        let (command, _) = command.split_once("\n\n").unwrap();
        // What `aws` would be given.
        let script = format!("aws() {{ printf '%s\\n' \"$@\"; }}\naws {command}\n");
        let ran = Command::new("bash").args(["-c", &script]).output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        let given = String::from_utf8(ran.stdout).unwrap();
        let accounts = ids[..most].join(",");
        let expected = format!(
            "cloudformation\ncreate-stack-instances\n--stack-set-name\n{}\n--call-as\nSELF\n\
             --regions\nus-east-1\n--deployment-targets\nOrganizationalUnitIds=ou-loca-accounts,\
             ou-loca-others,AccountFilterType=INTERSECTION,Accounts={accounts}\n",
            rollout::NAME
        );
        assert_eq!(given, expected, "{out}");
    }
}
