//! `list` of a large organization: how much it asks at a time, what it does when it is
//! throttled or interrupted, and what it costs.

use std::process::Command;
use std::time::Duration;

use crate::fleet::{CLOSED, Fleet, PAYMENTS, WEB, document, row};
use crate::wire::{MANAGEMENT, end, used_long_ago};
use local_aws::{Account, Fault, Operation, RootKey, days_ago};
use serde_json::{Value, json};

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
async fn eight_accounts_are_read_at_a_time() {
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
            let kinds = [PAYMENTS, WEB, CLOSED, MANAGEMENT].map(|id| &row(&document, id)["result"]);
            let expected = ["read", "interrupted", "not-active", "management-account"];
            assert_eq!(json!(kinds), json!(expected));
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
async fn all_pages_of_accounts_are_read() {
    let fleet = Fleet::of(45).await;
    fleet.put_page_size(7);
    let (document, code) = fleet.json(&["--all"]).await;
    assert_eq!(document["summary"]["accounts"], 46);
    assert_eq!((&document["summary"]["read"], code), (&json!(45), Some(0)));
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
