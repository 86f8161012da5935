//! `delete` deletes the requested key after a confirmation, and its record says exactly
//! what happened to the key.

use std::process::Command;
use std::time::Duration;

use crate::delete_outcomes::listing;
use crate::wire::{
    self, DELETE, EXECUTE, FIRST, LIST, MANAGEMENT, MEMBER, SECOND, Wire, days_before_now, end,
    used_long_ago,
};
use local_aws::{Fault, Operation, RootKey, days_ago};
use serde_json::json;

const AUDIT: &str = "IAMAuditRootUserCredentials";
const DELETING: &str = "IAMDeleteRootUserCredentials";

/// The first key, used so many days ago.
async fn used(days: i64) -> Wire {
    let key = RootKey::active(days_ago(900)).last_used(days_before_now(days), "us-east-1", "iam");
    Wire::with(Some(key), None).await
}

#[tokio::test]
async fn without_execute_it_is_a_dry_run() {
    for more in [&[][..], &["--yes"], &["--used-recently-anyway", "--yes"]] {
        let wire = Wire::new().await;
        let ended = wire.run_typing(&[&DELETE[..], more].concat(), MEMBER).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let last = ended.out.lines().last().unwrap();
        assert!(last.starts_with("dry run: nothing was deleted"), "{last}");
        ended.shows("last used 2025-01-25T06:00:00Z (s3, eu-west-1)");
        wire.assert_nothing_could_be_deleted();
    }
}

#[tokio::test]
async fn a_record_that_standard_output_does_not_take_goes_to_standard_error() {
    let wire = Wire::with(Some(used_long_ago()), None).await;
    let slow = Fault::Slow(Duration::from_millis(1500));
    wire.fault(MEMBER, Operation::DeleteAccessKey, slow);
    let mut child = wire.start(&EXECUTE);
    // Leaves when the keys are shown, as `| head -2` does.
    let reader = child.stdout.take().unwrap();
    while wire.sent(Operation::DeleteAccessKey).is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(reader);
    let ended = end(child).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let words = "deleted AKIA111122223333KEY1; no root access key is left";
    ended.says_all(&[
        "cannot write the result: Broken pipe",
        words,
        "\"result\":\"deleted\"",
    ]);
}

#[tokio::test]
async fn the_key_is_deleted_verified_and_recorded() {
    let wire = Wire::with(Some(used_long_ago()), None).await;
    let ended = wire.run(&EXECUTE).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let request = &wire.sent(Operation::DeleteAccessKey)[..];
    assert_eq!(request.len(), 1);
    assert_eq!(request[0].account.as_deref(), Some(MEMBER));
    assert_eq!(request[0].parameters["AccessKeyId"], FIRST);
    assert!(request[0].parameters.get("UserName").is_none());
    assert_eq!(wire.task_policies(), [AUDIT, DELETING, AUDIT]);
    ended.is_screen("delete/the only key is deleted");
    let list = wire.run(&LIST).await;
    list.shows("no root access keys");
}

#[tokio::test]
async fn the_account_id_typed_confirms() {
    let wire = Wire::new().await;
    let arguments = [&DELETE[..], &["--execute"]].concat();
    let ended = wire.run_typing(&arguments, "111122223333\n").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(wire.sent(Operation::DeleteAccessKey).len(), 1);
}

#[tokio::test]
async fn anything_else_typed_deletes_nothing() {
    let arguments = [&DELETE[..], &["--execute"]].concat();
    for typed in [
        "",
        "\n",
        "yes\n",
        "999999999999\n",
        "1111222233334\n",
        FIRST,
    ] {
        let wire = Wire::new().await;
        let ended = wire.run_typing(&arguments, typed).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        ended.says("nothing was deleted");
        wire.assert_nothing_could_be_deleted();
    }
}

#[tokio::test]
async fn abbreviated_account_and_key_ids_are_rejected() {
    let wire = Wire::new().await;
    for typed in [
        "--account 111122223333 --execute --yes",
        "--key AKIA111122223333KEY1 --execute --yes",
        "--account payments --key AKIA111122223333KEY1 --execute --yes",
        "--account 111122223333 --key AKIA --execute --yes",
        "--account 111122223333 --key AKIA111122223333KEY1 --exec --yes",
    ] {
        let arguments: Vec<_> = ["delete"].into_iter().chain(typed.split(' ')).collect();
        assert_eq!(wire.run(&arguments).await.code, Some(1), "{typed}");
    }
    assert_eq!(wire.operations(), []);
}

/// The first key, created so many days ago, without a use on record.
async fn without_use(days: i64) -> Wire {
    Wire::with(Some(RootKey::active(days_before_now(days))), None).await
}

#[tokio::test]
async fn a_key_that_may_be_in_use_is_refused_even_in_a_dry_run() {
    for arguments in [&DELETE[..], &EXECUTE] {
        for days in [0, 29] {
            let date = days_before_now(days).format("%Y-%m-%d");
            for (wire, words) in [
                (used(days).await, format!("was used on {date}")),
                (without_use(days).await, format!("was created on {date}")),
            ] {
                let ended = wire.run(arguments).await;
                assert_eq!(ended.code, Some(1), "{ended:?}");
                ended.says_all(&[&words, "less than 30 days ago", "--used-recently-anyway"]);
                wire.assert_nothing_could_be_deleted();
            }
        }
    }
}

#[tokio::test]
async fn a_key_that_may_be_in_use_is_deleted_if_that_is_requested_and_after_31_days() {
    let anyway = [&EXECUTE[..], &["--used-recently-anyway"]].concat();
    for (wire, arguments) in [
        (used(0).await, &anyway[..]),
        (without_use(0).await, &anyway),
        (used(31).await, &EXECUTE),
        (without_use(31).await, &EXECUTE),
    ] {
        assert_eq!(wire.run(arguments).await.code, Some(0));
    }
}

#[tokio::test]
async fn a_key_of_unknown_age_without_a_use_on_record_is_refused_too() {
    let wire = without_use(400).await;
    let list = Fault::xml(listing(&[FIRST]));
    wire.fault_always(MEMBER, Operation::ListAccessKeys, list);
    let ended = wire.run(&EXECUTE).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.says("has neither a creation date nor a use on record");
    wire.assert_nothing_could_be_deleted();
}

#[tokio::test]
async fn a_key_that_is_not_there_is_not_deleted() {
    let wire = Wire::with(None, Some(RootKey::inactive(days_ago(9)))).await;
    let ended = wire.run(&EXECUTE).await;
    assert_eq!(ended.code, Some(1));
    ended.says(
        "nothing was deleted: the root user of account 111122223333 has no access key \
                 AKIA111122223333KEY1",
    );
    assert!(ended.out.contains(SECOND));
    wire.assert_nothing_could_be_deleted();
}

/// Runs the deletion, and presses Ctrl-C when that request has come.
async fn interrupted_at(wire: &Wire, operation: Operation, number: usize) -> wire::Ended {
    let child = wire.start(&EXECUTE);
    while wire.sent(operation).len() < number {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let process = child.id().to_string();
    let pressed = Command::new("kill").args(["-INT", &process]).status();
    assert!(pressed.unwrap().success());
    wire::end(child).await
}

#[tokio::test]
async fn interrupted_before_iam_responded_the_result_is_unknown() {
    let wire = Wire::new().await;
    wire.fault_always(MEMBER, Operation::DeleteAccessKey, Fault::Hang);
    let ended = interrupted_at(&wire, Operation::DeleteAccessKey, 1).await;
    ended.records(1, "unknown");
    // A slow machine may reach the time limit of the attempt first.
    ended.shows("it is not known whether AKIA111122223333KEY1 was deleted: ");
    ended.shows("interrupted; check again: `root-keys list --account 111122223333`");
}

#[tokio::test]
async fn interrupted_after_iam_responded_the_deletion_is_recorded() {
    let wire = Wire::new().await;
    wire.fault(
        MEMBER,
        Operation::ListAccessKeys,
        Fault::Slow(Duration::ZERO),
    );
    wire.fault_always(MEMBER, Operation::ListAccessKeys, Fault::Hang);
    let ended = interrupted_at(&wire, Operation::ListAccessKeys, 2).await;
    ended.records(1, "deleted");
    assert_eq!(ended.record()["remainingKeys"], json!(null));
}

#[tokio::test]
async fn interrupted_before_the_first_attempt_nothing_was_deleted() {
    let wire = Wire::new().await;
    wire.fault(
        MANAGEMENT,
        Operation::AssumeRoot,
        Fault::Slow(Duration::ZERO),
    );
    wire.fault_always(MANAGEMENT, Operation::AssumeRoot, Fault::Hang);
    let ended = interrupted_at(&wire, Operation::AssumeRoot, 2).await;
    ended.records(1, "not-deleted");
    ended.shows("nothing was deleted: interrupted");
    assert_eq!(wire.sent(Operation::DeleteAccessKey).len(), 0);
}
