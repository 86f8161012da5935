//! `apply`: exactly the keys of the plan that are as the plan saw them, whatever happens
//! in between, and a journal that says so.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use local_aws::{Fault, Operation, RootKey};
use serde_json::json;

use crate::plan::{id, two_hundred};
use crate::planned::{Planned, key, unused};
use crate::wire::{days_before_now, end};

const ONE: &str = "111111111111";
const FIRST: &str = "AKIA111111111111KEY1";

/// The keys that IAM was asked to delete.
fn deleted(planned: &Planned) -> BTreeSet<String> {
    let requests = planned.sent(Operation::DeleteAccessKey);
    let ids = requests
        .iter()
        .map(|it| it.parameters["AccessKeyId"].as_str().unwrap().to_owned());
    ids.collect()
}

/// Record and result of each line of the journal.
fn records(planned: &Planned) -> Vec<String> {
    let records = planned.journal().into_iter();
    records
        .map(|it| {
            let result = it["result"].as_str().unwrap_or_default();
            format!("{} {result}", it["record"].as_str().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn of_200_members_exactly_the_planned_keys_that_did_not_change_are_deleted() {
    let planned = two_hundred().await;
    let used = |key: &mut RootKey| {
        *key = key
            .clone()
            .last_used(days_before_now(0), "us-east-1", "ec2");
    };
    planned.change_key(&id(1), 0, used);
    planned.change_key(&id(2), 0, |key| {
        *key = key
            .clone()
            .last_used(days_before_now(300), "eu-west-1", "s3");
    });
    planned.change_key(&id(5), 1, used);
    planned.change(&id(9), |account| account.root_keys[1] = Some(key(0, None)));
    planned.change_key(&id(11), 0, |key| key.active = false);
    planned.change_key(&id(12), 0, |key| key.created = days_before_now(1000));
    planned.change(&id(19), |account| account.root_keys[0] = None);
    planned.change(&id(21), |account| account.root_keys[0] = None);
    let changed = [1, 2, 5, 9, 11, 12, 19, 21];

    let dry = planned.dry_run().await;
    assert_eq!(dry.code, Some(3), "{dry:?}");
    planned.assert_nothing_could_be_deleted();
    dry.shows("dry run: nothing was deleted: 6 skipped, 72 would delete, 2 not listed; to delete the keys, add --execute");
    assert!(!planned.path("plan.json.journal").exists());

    let ended = planned.apply("80").await;
    assert_eq!(ended.code, Some(3), "{ended:?}");
    let expected: BTreeSet<String> = (1..=200)
        .filter(|number| !changed.contains(number))
        .filter_map(|number| match number % 10 {
            1 | 2 | 9 => Some(format!("AKIA{}KEY1", id(number))),
            5 => Some(format!("AKIA{}KEY2", id(number))),
            _ => None,
        })
        .collect();
    assert_eq!(deleted(&planned), expected);
    assert_eq!(planned.sent(Operation::DeleteAccessKey).len(), 72);
    ended.shows("6 skipped, 72 deleted, 2 not listed; the records are in ");
    for words in [
        "since the plan was made, it was used on ",
        "since the plan was made, its status is Inactive, not Active",
        "since the plan was made, its creation date differs",
        "since the plan was made, the root user has another key, AKIA000000000009KEY2, that is not in the plan",
        "not listed    000000000019  AKIA000000000019KEY1  member: the key is no longer listed: some",
    ] {
        ended.shows(words);
    }
    let journal = records(&planned);
    let count = |of: &str| journal.iter().filter(|it| *it == of).count();
    assert_eq!(count("intent "), 72);
    assert_eq!(count("outcome deleted"), 72);
    assert_eq!(count("outcome skipped"), 6);
    assert_eq!(count("outcome not-listed"), 2);

    // A second application reads only what is left, and deletes nothing more.
    let reads = planned.sent(Operation::ListAccessKeys).len();
    let again = planned.apply("6").await;
    assert_eq!(again.code, Some(3), "{again:?}");
    again.shows("; 6 left to delete");
    again.shows("6 skipped, 74 already gone");
    assert_eq!(planned.sent(Operation::DeleteAccessKey).len(), 72);
    assert_eq!(planned.sent(Operation::ListAccessKeys).len(), reads + 6);
}

#[tokio::test]
async fn a_deletion_is_recorded_as_delete_records_it() {
    let planned = Planned::with([Some(key(900, Some(400))), None]).await;
    planned.prepare().await;
    let ended = planned.apply(" 1 ").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.shows(
        "deleted       111111111111  AKIA111111111111KEY1  member: deleted AKIA111111111111KEY1; ",
    );
    let [intent, outcome] = &planned.journal()[..] else {
        panic!("{:?}", planned.journal())
    };
    let digest = &planned.document()["sha256"];
    for record in [intent, outcome] {
        assert_eq!((&record["plan"], &record["account"]), (digest, &json!(ONE)));
        assert_eq!(record["accessKeyId"], FIRST);
        assert!(
            record["by"]
                .as_str()
                .unwrap()
                .starts_with("arn:aws:sts::999999999999:")
        );
    }
    assert_eq!(outcome["keyIsGone"], true);
    let deletion = &outcome["deletion"];
    assert_eq!(
        (&deletion["result"], &deletion["account"]),
        (&json!("deleted"), &json!(ONE))
    );
    assert_eq!(deletion["accountAccessKeysPresent"], 0);
    // The last use is read after both sessions are open, and nothing is between.
    let operations = planned.operations();
    let at = operations
        .iter()
        .position(|it| *it == Operation::DeleteAccessKey);
    let before = &operations[at.unwrap() - 4..at.unwrap()];
    assert_eq!(
        before,
        [
            Operation::AssumeRoot,
            Operation::AssumeRoot,
            Operation::ListAccessKeys,
            Operation::GetAccessKeyLastUsed
        ]
    );
}

#[tokio::test]
async fn without_the_right_number_nothing_is_deleted() {
    let planned = Planned::with([Some(unused()), Some(unused())]).await;
    planned.prepare().await;
    for typed in ["", "1", "02", "yes", ONE] {
        let ended = planned.apply(typed).await;
        assert_eq!(ended.code, Some(1), "{typed}: {ended:?}");
        let words = format!("nothing was deleted: you typed {typed:?} instead of 2, the number of");
        ended.says(&words);
    }
    planned.assert_nothing_could_be_deleted();
    assert_eq!(planned.apply("2").await.code, Some(0));
    // With nothing left it asks for nothing.
    let again = planned.apply("").await;
    assert_eq!(again.code, Some(0), "{again:?}");
    again.shows("2 already gone");
}

#[tokio::test]
async fn a_plan_that_was_changed_or_has_expired_is_not_applied() {
    let planned = Planned::with([Some(unused()), None]).await;
    planned.prepare().await;
    let path = planned.path("plan.json");
    let plan = fs::read_to_string(&path).unwrap();
    let calls = planned.operations().len();
    for changed in [
        plan.replace("KEY1", "KEY2"),
        plan.replace("\"expires\":\"20", "\"expires\":\"21"),
        format!("{plan}\n"),
    ] {
        fs::write(&path, changed).unwrap();
        let ended = planned.apply("1").await;
        ended.fails();
        ended.says(
            "plan.json: the plan was modified after `root-keys plan` wrote it; make a new plan",
        );
    }
    fs::remove_file(&path).unwrap();
    let ended = planned.apply("1").await;
    ended.fails();
    ended.says("plan.json: No such file or directory");
    assert_eq!(planned.operations().len(), calls);
}

#[tokio::test]
async fn after_three_failures_nothing_more_is_begun() {
    let mut planned = Planned::new().await;
    for number in 1..=6 {
        planned.join(&id(number), [Some(unused()), None]);
    }
    planned.prepare().await;
    for number in [2, 3, 5] {
        planned.fault_always(&id(number), Operation::DeleteAccessKey, Fault::Denied);
    }
    let ended = planned.apply("6").await;
    assert_eq!(ended.code, Some(3), "{ended:?}");
    ended.shows("2 deleted, 3 not deleted, 1 not started; stopped after 3 failures; the records");
    let last = format!("AKIA{}KEY1", id(6));
    assert!(!deleted(&planned).contains(&last));
    for number in [2, 3, 5] {
        planned.clear_faults(&id(number));
    }
    // It goes on where it stopped.
    let ended = planned.apply("4").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.shows("2 already gone, 4 deleted");
}

#[tokio::test]
async fn a_lost_response_is_not_taken_for_either_outcome() {
    let planned = Planned::with([Some(unused()), None]).await;
    planned.prepare().await;
    planned.fault(ONE, Operation::DeleteAccessKey, Fault::AcceptThenReset);
    let ended = planned.apply("1").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(records(&planned), ["intent ", "outcome gone"]);

    let planned = Planned::with([Some(unused()), None]).await;
    planned.prepare().await;
    planned.fault(ONE, Operation::DeleteAccessKey, Fault::ResetBeforeAnswer);
    let ended = planned.apply("1").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let expected = ["intent ", "outcome unknown", "intent ", "outcome deleted"];
    assert_eq!(records(&planned), expected);
    // Each attempt has its own reading of the last use.
    assert_eq!(planned.sent(Operation::GetAccessKeyLastUsed).len(), 3);
}

#[tokio::test]
async fn ctrl_c_ends_it_and_the_record_says_how_far_it_came() {
    let mut planned = Planned::new().await;
    for number in 1..=3 {
        planned.join(&id(number), [Some(unused()), None]);
    }
    planned.prepare().await;
    planned.fault(&id(2), Operation::DeleteAccessKey, Fault::Hang);
    let plan = planned.path("plan.json");
    let mut child = planned.start(&["apply", plan.to_str().unwrap(), "--execute"]);
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"3\n").unwrap();
    while planned.sent(Operation::DeleteAccessKey).len() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let process = child.id().to_string();
    let killed = Command::new("kill").args(["-INT", &process]).status();
    assert!(killed.unwrap().success());
    let ended = end(child).await;
    assert_eq!(ended.code, Some(130), "{ended:?}");
    ended.shows("1 deleted, 1 unknown, 1 not started; stopped by Ctrl-C");
    let expected = ["intent ", "outcome deleted", "intent ", "outcome unknown"];
    assert_eq!(records(&planned), expected);
    let ended = planned.apply("2").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test]
async fn two_applications_at_a_time_are_refused() {
    let planned = Planned::with([Some(unused()), None]).await;
    planned.prepare().await;
    planned.fault(ONE, Operation::DeleteAccessKey, Fault::Hang);
    let plan = planned.path("plan.json");
    let mut child = planned.start(&["apply", plan.to_str().unwrap(), "--execute"]);
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"1\n").unwrap();
    while planned.sent(Operation::DeleteAccessKey).is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let second = planned.apply("1").await;
    second.fails();
    second.says("another `root-keys apply` has locked the journal ");
    child.kill().unwrap();
    // A killed process leaves an intent, and the key as it was.
    let _ = end(child).await;
    assert_eq!(records(&planned), ["intent "]);
    let third = planned.apply("1").await;
    assert_eq!(third.code, Some(0), "{third:?}");
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_ends_it_before_the_deletion() {
    let planned = Planned::with([Some(unused()), None]).await;
    planned.prepare().await;
    // No file may grow, as on a full disk.
    let plan = planned.path("plan.json");
    let inner = planned.command(&["apply", plan.to_str().unwrap(), "--execute"]);
    let mut limited = Command::new("bash");
    limited
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 0; echo 1 | exec \"$@\"",
            "bash",
        ])
        .arg(inner.get_program())
        .args(inner.get_args())
        .env_clear()
        .envs(
            inner
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let ended = end(limited.spawn().unwrap()).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.says("cannot write the journal: ");
    ended.says("nothing more is deleted");
    assert_eq!(planned.sent(Operation::DeleteAccessKey).len(), 0);
    fs::write(planned.path("plan.json.journal"), "hello\n").unwrap();
    let ended = planned.apply("1").await;
    ended.fails();
    ended.says("line 1 is not a valid journal record");
    assert_eq!(planned.sent(Operation::DeleteAccessKey).len(), 0);
}
