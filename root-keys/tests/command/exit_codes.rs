//! Each subcommand ends with the exit codes that docs/root-keys.md lists, and
//! its help and its manual page list the same.

use std::io::Write;
use std::process::Command;
use std::time::Duration;

use crate::exemptions_object;
use crate::planned::{Planned, unused};
use crate::rollout::{CLEAN, KEY, Rollout};
use crate::wire::{DELETE, EXECUTE, Ended, LIST, MANAGEMENT, MEMBER, Wire, end, organization};
use local_aws::{Account, Fault, Operation, RULE_NAME, RootKey, days_ago};

/// The rows of the table: subcommand, exit code and meaning.
fn documented() -> Vec<(String, i32, String)> {
    let document = include_str!("../../../docs/root-keys.md");
    let (_, section) = document.split_once("\n## Exit codes\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [command, code, meaning] = cells[..] else {
            panic!("not three cells: {row}");
        };
        (
            command.trim_matches('`').to_owned(),
            code.parse().unwrap(),
            meaning.to_owned(),
        )
    })
    .collect()
}

#[tokio::test]
async fn each_exit_code_in_the_documents_is_what_the_command_ends_with() {
    let rows = documented();
    assert!(rows.len() > 15, "{rows:?}");
    for (command, code, meaning) in rows {
        let ended = Box::pin(driven(&command, code)).await;
        assert_eq!(ended.code, Some(code), "{command}: {meaning}: {ended:?}");
        if code == 1 {
            assert!(!ended.err.is_empty() || !ended.out.is_empty(), "{command}");
        }
    }
}

/// Runs the subcommand in a situation in which it has to end with that code.
async fn driven(command: &str, code: i32) -> Ended {
    match (command, code) {
        ("check", _) => check(code).await,
        ("list", _) => list(code).await,
        ("delete", 0) => {
            let wire = Wire::new().await;
            let dry = wire.run(&DELETE).await;
            assert_eq!(dry.code, Some(0), "{dry:?}");
            wire.run(&EXECUTE).await
        }
        ("delete", 1) => denied(Operation::AssumeRoot).await.run(&EXECUTE).await,
        ("plan", _) => plan(code).await,
        ("apply", _) => Box::pin(apply(code)).await,
        ("status", _) => status(code, &[]).await,
        ("status --preflight", _) => preflight(code).await,
        ("exemptions", _) => exemptions_object::put(code).await,
        ("completions", 0) => Wire::new().await.run(&["completions", "bash"]).await,
        ("completions", 1) => full_disk(&["completions", "bash"]).await,
        ("man", 0) => Wire::new().await.run(&["man"]).await,
        ("man", 1) => full_disk(&["man"]).await,
        _ => panic!("docs/root-keys.md lists {code} of {command}, and nothing drives it"),
    }
}

async fn check(code: i32) -> Ended {
    let wire = if code == 1 {
        denied(Operation::GetAccountSummary).await
    } else {
        Wire::new().await
    };
    if code == 2 {
        let key = Some(RootKey::active(days_ago(1)));
        let account = Account::new(MANAGEMENT).with_root_keys(key, None);
        wire.put_account(account);
    }
    wire.run(&["check"]).await
}

/// Two members, one of which cannot be read with code 3.
async fn plan(code: i32) -> Ended {
    let mut planned = Planned::with([Some(unused()), None]).await;
    planned.join("222222222222", [None, None]);
    let fault = Fault::Denied;
    if code == 3 {
        planned.fault("222222222222", Operation::ListAccessKeys, fault);
    }
    planned.list().await;
    match code {
        1 => planned.plan(&["--exemptions", "missing.json"]).await,
        _ => planned.plan(&[]).await,
    }
}

/// Two keys in two members; the second deletion fails or hangs with code 3 and 130.
async fn apply(code: i32) -> Ended {
    let mut planned = Planned::with([Some(unused()), None]).await;
    planned.join("222222222222", [Some(unused()), None]);
    planned.prepare().await;
    let operation = Operation::DeleteAccessKey;
    match code {
        0 => {
            let dry = planned.dry_run().await;
            assert_eq!(dry.code, Some(0), "{dry:?}");
            planned.apply("2").await
        }
        1 => planned.apply("3").await,
        3 => {
            planned.fault_always("222222222222", operation, Fault::Denied);
            planned.apply("2").await
        }
        _ => {
            planned.fault("222222222222", operation, Fault::Hang);
            let plan = planned.path("plan.json");
            let mut child = planned.start(&["apply", plan.to_str().unwrap(), "--execute"]);
            child.stdin.take().unwrap().write_all(b"2\n").unwrap();
            while planned.sent(operation).len() < 2 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let process = child.id().to_string();
            let killed = Command::new("kill").args(["-INT", &process]).status();
            assert!(killed.unwrap().success());
            end(child).await
        }
    }
}

/// One account with code 0 or 1, the whole organization with the other codes.
async fn list(code: i32) -> Ended {
    let all = ["list", "--all"];
    match code {
        0 => {
            let wire = Wire::new().await;
            let one = wire.run(&LIST).await;
            assert_eq!(one.code, Some(0), "{one:?}");
            wire.run(&all).await
        }
        1 => {
            let wire = denied(Operation::AssumeRoot).await;
            let one = wire.run(&LIST).await;
            assert_eq!(one.code, Some(1), "{one:?}");
            wire.run(&all).await
        }
        _ => {
            let wire = Wire::new().await;
            let more = Account::new("222222222222");
            wire.put_account(more);
            let organization = organization().with_member("222222222222", "web");
            wire.put_organization(organization);
            let fault = if code == 3 {
                Fault::Denied
            } else {
                Fault::Hang
            };
            let operation = Operation::ListAccessKeys;
            wire.fault_always("222222222222", operation, fault);
            let child = wire.start(&all);
            if code == 130 {
                while wire.sent(operation).len() < 2 {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                let process = child.id().to_string();
                let killed = Command::new("kill").args(["-INT", &process]).status();
                assert!(killed.unwrap().success());
            }
            end(child).await
        }
    }
}

async fn denied(operation: Operation) -> Wire {
    let wire = Wire::new().await;
    wire.fault_always(MANAGEMENT, operation, Fault::Denied);
    wire
}

async fn status(code: i32, arguments: &[&str]) -> Ended {
    let mut rollout = Rollout::of_two().await;
    match code {
        1 => rollout.organization.aggregators.clear(),
        2 => rollout.evaluate(MANAGEMENT, RULE_NAME, KEY, 0),
        3 => rollout.evaluate(MANAGEMENT, RULE_NAME, CLEAN, -4),
        _ => {}
    }
    rollout.status(arguments).await
}

async fn preflight(code: i32) -> Ended {
    if code == 3 {
        let mut rollout = Rollout::of_two().await;
        rollout.organization.all_features = false;
        return rollout.status(&["--preflight"]).await;
    }
    status(code, &["--preflight"]).await
}

/// The command, writing to a disk that is full.
async fn full_disk(arguments: &[&str]) -> Ended {
    let wire = Wire::new().await;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let mut command = wire.command(arguments);
    end(command.stdout(full.unwrap()).spawn().unwrap()).await
}

#[tokio::test]
async fn help_and_manual_page_list_the_same_exit_codes() {
    let wire = Wire::new().await;
    for (command, code, meaning) in documented() {
        let name = command.split(' ').next().unwrap();
        let help = wire.run(&[name, "--help"]).await;
        let page = wire.run(&["man", name]).await;
        assert_eq!((help.code, page.code), (Some(0), Some(0)), "{command}");
        let line = format!("{code:>5}  {meaning}\n");
        assert!(help.out.contains(&line), "{command}: {}", help.out);
        let page = page.out.replace("\\-", "-").replace("\\*(Aq", "'");
        assert!(page.contains(&line), "{command}: {page}");
    }
}

#[tokio::test]
async fn the_documents_leave_out_no_exit_code() {
    let wire = Wire::new().await;
    let rows = documented();
    for name in [
        "check",
        "list",
        "delete",
        "status",
        "exemptions",
        "completions",
        "man",
    ] {
        let help = wire.run(&[name, "--help"]).await.out;
        let (_, codes) = help.split_once("\nExit codes:\n").unwrap();
        let is_code = |line: &&str| {
            line.trim_start()
                .starts_with(|it: char| it.is_ascii_digit())
        };
        let listed = codes.lines().filter(is_code);
        let is_its =
            |(command, ..): &&(String, i32, String)| command.split(' ').next() == Some(name);
        assert_eq!(listed.count(), rows.iter().filter(is_its).count(), "{name}");
    }
    let top = wire.run(&["--help"]).await.out;
    let (_, commands) = top.split_once("Commands:\n").unwrap();
    let commands = commands.split("\n\n").next().unwrap();
    for line in commands.lines().filter(|line| !line.starts_with("   ")) {
        let name = line.split_whitespace().next().unwrap();
        let known = rows.iter().any(|(command, ..)| command == name);
        assert!(known || name == "help", "{name} has no exit codes");
    }
}

#[tokio::test]
async fn wrong_arguments_end_with_1_and_help_with_0() {
    let wire = Wire::new().await;
    for arguments in [
        &["lists"][..],
        &["list"],
        &["list", "--account", "1"],
        &["delete", "--account", MEMBER],
        &["status", "--output", "xml"],
        &["completions", "csh"],
        &["man", "delte"],
        &[],
    ] {
        let ended = wire.run(arguments).await;
        assert_eq!(ended.code, Some(1), "{arguments:?}: {ended:?}");
        assert_eq!(ended.out, "", "{arguments:?}");
        ended.says("--help");
    }
    for arguments in [&["--help"][..], &["--version"], &["help"]] {
        let ended = wire.run(arguments).await;
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    }
    assert_eq!(wire.operations(), []);
}
