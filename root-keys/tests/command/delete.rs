//! `delete` deletes the requested key after a confirmation, and its record says exactly
//! what happened to the key.

use std::process::Command;
use std::time::Duration;

use crate::wire::{
    self, DELETE, EXECUTE, FIRST, LIST, MANAGEMENT, MEMBER, SECOND, Wire, days_before_now, end,
    used_long_ago,
};
use local_aws::{Fault, Framing, Operation, RootKey, days_ago};
use serde_json::json;
use tokio::task::JoinSet;

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
    ended.shows("deleted AKIA111122223333KEY1; no root access key is left");

    let mut record = ended.record();
    let at = record["at"].take();
    let id = record["requestId"].take();
    assert!(at.as_str().unwrap().ends_with('Z') && id.is_string());
    assert_eq!(
        record,
        json!({
            "action": "iam:DeleteAccessKey",
            "result": "deleted",
            "account": MEMBER,
            "accountName": "payments",
            "accessKeyId": FIRST,
            "status": "Active",
            "created": "2023-09-13T06:00:00Z",
            "lastUsed": {"at": "2025-01-25T06:00:00Z", "service": "s3", "region": "eu-west-1"},
            "by": "arn:aws:sts::999999999999:assumed-role/root-access-key-rule/root-access-key-rule",
            "at": null,
            "requestId": null,
            "remainingKeys": [],
            "accountAccessKeysPresent": 0,
            "errors": [],
        })
    );
    let list = wire.run(&LIST).await;
    list.shows("no root access keys");
}

#[tokio::test]
async fn of_two_keys_the_other_stays_and_so_does_the_finding() {
    let wire = Wire::new().await;
    let ended = wire.run(&EXECUTE).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.record()["remainingKeys"], json!([SECOND]));
    assert_eq!(ended.record()["accountAccessKeysPresent"], 1);
    ended.shows("remaining: AKIA111122223333KEY2; the rule stays NON_COMPLIANT");
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
async fn both_ids_must_be_given_whole() {
    let wire = Wire::new().await;
    for arguments in [
        &["delete", "--account", MEMBER, "--execute", "--yes"][..],
        &["delete", "--key", FIRST, "--execute", "--yes"],
        &[
            "delete",
            "--account",
            "payments",
            "--key",
            FIRST,
            "--execute",
            "--yes",
        ],
        &[
            "delete",
            "--account",
            MEMBER,
            "--key",
            "AKIA",
            "--execute",
            "--yes",
        ],
        &[
            "delete",
            "--account",
            MEMBER,
            "--key",
            FIRST,
            "--exec",
            "--yes",
        ],
    ] {
        assert_eq!(wire.run(arguments).await.code, Some(1));
    }
    assert_eq!(wire.operations(), []);
}

#[tokio::test]
async fn a_key_used_in_the_last_30_days_is_refused_even_in_a_dry_run() {
    for arguments in [&DELETE[..], &EXECUTE] {
        for days in [0, 29] {
            let wire = used(days).await;
            let ended = wire.run(arguments).await;
            assert_eq!(ended.code, Some(1), "{ended:?}");
            let date = days_before_now(days).format("%Y-%m-%d").to_string();
            ended.says_all(&[&date, "less than 30 days ago", "--used-recently-anyway"]);
            wire.assert_nothing_could_be_deleted();
        }
    }
}

#[tokio::test]
async fn a_key_used_recently_goes_when_it_is_said_so_and_one_unused_for_31_days_without() {
    let wire = used(0).await;
    let anyway = [&EXECUTE[..], &["--used-recently-anyway"]].concat();
    assert_eq!(wire.run(&anyway).await.code, Some(0));
    assert_eq!(used(31).await.run(&EXECUTE).await.code, Some(0));
}

/// The first key, created so many days ago, without a use on record.
async fn without_use(days: i64) -> Wire {
    Wire::with(Some(RootKey::active(days_before_now(days))), None).await
}

#[tokio::test]
async fn a_young_key_without_a_use_on_record_is_refused_like_one_in_use() {
    for arguments in [&DELETE[..], &EXECUTE] {
        for days in [0, 29] {
            let wire = without_use(days).await;
            let ended = wire.run(arguments).await;
            assert_eq!(ended.code, Some(1), "{ended:?}");
            let created = days_before_now(days)
                .format("was created on %Y-%m-%d")
                .to_string();
            ended.says_all(&[
                &created,
                "less than 30 days ago",
                "has no use on record",
                "--used-recently-anyway",
            ]);
            wire.assert_nothing_could_be_deleted();
        }
    }
    let anyway = [&EXECUTE[..], &["--used-recently-anyway"]].concat();
    assert_eq!(without_use(0).await.run(&anyway).await.code, Some(0));
    assert_eq!(without_use(31).await.run(&EXECUTE).await.code, Some(0));
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

#[tokio::test]
async fn a_key_that_disappears_meanwhile_is_recorded_as_gone_and_not_as_deleted() {
    let wire = Wire::new().await;
    wire.fault_always(MEMBER, Operation::DeleteAccessKey, Fault::AcceptThenReset);
    let ended = wire.run(&EXECUTE).await;
    ended.records(0, "gone");
    assert_eq!(ended.record()["remainingKeys"], json!([SECOND]));
    ended.shows("is gone, although IAM did not confirm the deletion");
}

#[tokio::test]
async fn a_lost_response_is_retried_and_the_key_is_gone() {
    let wire = Wire::new().await;
    wire.fault(MEMBER, Operation::DeleteAccessKey, Fault::AcceptThenReset);
    let ended = wire.run(&EXECUTE).await;
    ended.records(0, "gone");
    let errors = ended.record()["errors"].to_string();
    assert!(errors.contains("NoSuchEntity"), "{errors}");
}

#[tokio::test]
async fn throttling_that_passes_is_retried_and_lasting_throttling_deletes_nothing() {
    let wire = Wire::new().await;
    wire.fault(MEMBER, Operation::DeleteAccessKey, Fault::Throttle);
    assert_eq!(wire.run(&EXECUTE).await.record()["result"], "deleted");

    let wire = Wire::new().await;
    wire.fault_always(MEMBER, Operation::DeleteAccessKey, Fault::Throttle);
    let ended = wire.run(&EXECUTE).await;
    ended.records(1, "not-deleted");
    assert_eq!(ended.record()["remainingKeys"], json!([FIRST, SECOND]));
    ended.shows("nothing was deleted: iam:DeleteAccessKey: Throttling");
}

/// A list of these keys, as IAM writes it.
fn listing(ids: &[&str]) -> String {
    let member = |id: &&str| format!("<member><AccessKeyId>{id}</AccessKeyId></member>");
    let members = ids.iter().map(member).collect::<String>();
    format!(
        "<ListAccessKeysResponse><ListAccessKeysResult><IsTruncated>false</IsTruncated>\
         <AccessKeyMetadata>{members}</AccessKeyMetadata></ListAccessKeysResult>\
         </ListAccessKeysResponse>"
    )
}

/// From the second list on, the response is that one whatever becomes of the key.
async fn listing_later(list: String) -> Wire {
    let wire = Wire::with(Some(used_long_ago()), None).await;
    let operation = Operation::ListAccessKeys;
    wire.fault(MEMBER, operation, Fault::Slow(Duration::ZERO));
    wire.fault_always(MEMBER, operation, Fault::xml(list));
    wire
}

/// The key stays in the list whatever becomes of it.
async fn lagging() -> Wire {
    listing_later(listing(&[FIRST])).await
}

/// Ways for the response to a deletion to say nothing of what became of the key.
fn unclear() -> Vec<Fault> {
    let page = |status| Fault::Foreign {
        status,
        content_type: "text/html".to_owned(),
        body: b"<html>Sign in to the proxy</html>".to_vec(),
    };
    vec![
        Fault::ResetBeforeAnswer,
        Fault::AcceptThenReset,
        Fault::ServerError(500),
        Fault::ServerError(503),
        Fault::aws_error(400, "RequestTimeout", "Request timed out."),
        page(403),
        page(200),
        Fault::Cut {
            bytes: 60,
            framing: Framing::MatchingLength,
        },
    ]
}

/// Runs the deletion with each of these faults, all at the same time: each waits
/// for the list.
async fn with_each(faults: Vec<Fault>, list: fn() -> String, check: fn(&wire::Ended, &str)) {
    let mut runs = JoinSet::new();
    for fault in faults {
        runs.spawn(async move {
            let wire = listing_later(list()).await;
            let said = format!("{fault:?}");
            wire.fault_always(MEMBER, Operation::DeleteAccessKey, fault);
            check(&wire.run(&EXECUTE).await, &said);
        });
    }
    runs.join_all().await;
}

#[tokio::test]
async fn without_a_clear_response_a_key_that_is_still_listed_is_unknown() {
    let still = || listing(&[FIRST]);
    with_each(unclear(), still, |ended, fault| {
        assert_eq!(ended.code, Some(1), "{fault}: {ended:?}");
        let record = ended.record();
        assert_eq!(record["result"], "unknown", "{fault}: {ended:?}");
        assert_eq!(record["requestId"], json!(null), "{fault}");
        assert_eq!(record["remainingKeys"], json!([FIRST]), "{fault}");
        ended.shows("it is not known whether AKIA111122223333KEY1 was deleted");
        assert!(!ended.out.contains("nothing was deleted"), "{ended:?}");
    })
    .await;
}

#[tokio::test]
async fn without_a_clear_response_a_key_that_is_no_longer_listed_is_gone() {
    let no_longer = || listing(&[]);
    with_each(unclear(), no_longer, |ended, _| {
        ended.records(0, "gone");
    })
    .await;
}

#[tokio::test]
async fn a_deletion_without_any_response_is_unknown() {
    let wire = lagging().await;
    wire.fault_always(MEMBER, Operation::DeleteAccessKey, Fault::Hang);
    let ended = wire.run(&EXECUTE).await;
    ended.records(1, "unknown");
}

#[tokio::test]
async fn the_refusal_of_a_later_attempt_does_not_undo_an_earlier_one() {
    let mut runs = JoinSet::new();
    for refusal in [
        Fault::Denied,
        Fault::Throttle,
        Fault::aws_error(404, "NoSuchEntity", "The Access Key cannot be found."),
    ] {
        runs.spawn(async move {
            let wire = lagging().await;
            let delete = Operation::DeleteAccessKey;
            wire.fault(MEMBER, delete, Fault::AcceptThenReset);
            wire.fault_always(MEMBER, delete, refusal);
            let ended = wire.run(&EXECUTE).await;
            ended.records(1, "unknown");
        });
    }
    runs.join_all().await;
}

#[tokio::test]
async fn a_key_that_iam_does_not_know_and_still_lists_is_unknown() {
    let wire = lagging().await;
    let answer = Fault::aws_error(404, "NoSuchEntity", "The Access Key cannot be found.");
    wire.fault_always(MEMBER, Operation::DeleteAccessKey, answer);
    let ended = wire.run(&EXECUTE).await;
    ended.records(1, "unknown");
}

#[tokio::test]
async fn an_explicit_rejection_deletes_nothing_and_is_not_retried() {
    for (status, code) in [
        (403, "AccessDenied"),
        (403, "ExpiredToken"),
        (409, "EntityTemporarilyUnmodifiable"),
        (400, "ValidationError"),
    ] {
        let wire = Wire::new().await;
        let delete = Operation::DeleteAccessKey;
        wire.fault_always(MEMBER, delete, Fault::aws_error(status, code, "No."));
        let ended = wire.run(&EXECUTE).await;
        ended.records(1, "not-deleted");
        assert_eq!(ended.record()["remainingKeys"], json!([FIRST, SECOND]));
        assert_eq!(wire.sent(delete).len(), 1, "{code}");
    }
}

#[tokio::test]
async fn a_rejection_stays_one_if_the_keys_cannot_be_listed_afterwards() {
    let wire = Wire::new().await;
    let list = Operation::ListAccessKeys;
    wire.fault(MEMBER, list, Fault::Slow(Duration::ZERO));
    wire.fault_always(MEMBER, list, Fault::Denied);
    wire.fault_always(MEMBER, Operation::DeleteAccessKey, Fault::Denied);
    let ended = wire.run(&EXECUTE).await;
    ended.records(1, "not-deleted");
    assert_eq!(ended.record()["remainingKeys"], json!(null));
}

#[tokio::test]
async fn a_key_that_is_no_longer_listed_is_gone_though_iam_s_summary_cannot_be_read() {
    let wire = Wire::with(Some(used_long_ago()), None).await;
    wire.fault_always(MEMBER, Operation::DeleteAccessKey, Fault::AcceptThenReset);
    wire.fault_always(MEMBER, Operation::GetAccountSummary, Fault::Denied);
    let ended = wire.run(&EXECUTE).await;
    ended.records(0, "gone");
    assert_eq!(ended.record()["remainingKeys"], json!([]));
    assert_eq!(ended.record()["accountAccessKeysPresent"], json!(null));
    ended.shows("no root access key is listed, but IAM's summary could not be read");
}

#[tokio::test]
async fn a_list_that_was_cut_short_does_not_prove_a_key_gone() {
    let wire = Wire::with(Some(used_long_ago()), None).await;
    let list = Operation::ListAccessKeys;
    wire.fault(MEMBER, list, Fault::Slow(Duration::ZERO));
    let whole = listing(&[FIRST]);
    let (cut, _) = whole.split_once("<member>").unwrap();
    wire.fault_always(MEMBER, list, Fault::xml(cut));
    wire.fault_always(MEMBER, Operation::DeleteAccessKey, Fault::ResetBeforeAnswer);
    let ended = wire.run(&EXECUTE).await;
    ended.records(1, "unknown");
    assert_eq!(ended.record()["remainingKeys"], json!(null));
}

#[tokio::test]
async fn a_refused_delete_session_deletes_nothing() {
    let wire = Wire::new().await;
    let fault = |fault| wire.fault(MANAGEMENT, Operation::AssumeRoot, fault);
    fault(Fault::Slow(Duration::ZERO));
    fault(Fault::Denied);
    let ended = wire.run(&EXECUTE).await;
    ended.records(1, "not-deleted");
    assert!(ended.out.contains(DELETING), "{ended:?}");
    assert_eq!(wire.sent(Operation::DeleteAccessKey).len(), 0);
}

#[tokio::test]
async fn a_deletion_that_could_not_be_verified_is_recorded_as_such() {
    let wire = Wire::new().await;
    let list = Operation::ListAccessKeys;
    wire.fault(MEMBER, list, Fault::Slow(Duration::ZERO));
    wire.fault_always(MEMBER, list, Fault::Denied);
    let ended = wire.run(&EXECUTE).await;
    ended.records(1, "deleted");
    assert_eq!(ended.record()["remainingKeys"], json!(null));
    ended.shows("accepted the deletion of AKIA111122223333KEY1, but the keys could not be listed afterwards");
}

#[tokio::test]
async fn a_list_that_lags_is_read_again() {
    let wire = Wire::new().await;
    let fault = |fault| wire.fault(MEMBER, Operation::ListAccessKeys, fault);
    fault(Fault::Slow(Duration::ZERO));
    fault(Fault::xml(listing(&[FIRST])));
    let ended = wire.run(&EXECUTE).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.record()["remainingKeys"], json!([SECOND]));
    assert_eq!(wire.sent(Operation::ListAccessKeys).len(), 3);
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
    ended.shows(
        "it is not known whether AKIA111122223333KEY1 was deleted: interrupted; check again: \
                 `root-keys list --account 111122223333`",
    );
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
