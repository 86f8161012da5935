//! Objects that cannot be read or written, and those that somebody else changed.

use local_aws::{Fault, Framing, Operation};
use root_access_key_watch::answer::{Answer, Next};
use root_access_key_watch::error::ErrorKind;

use crate::organization::{BUCKET, MANAGEMENT, WEB, Watched};

const CHECKPOINT: &str = "runs/run/checkpoint.json";

fn fault(watched: &Watched, operation: Operation, key: &str, times: usize, fault: Fault) {
    watched
        .aws
        .fault_about(MANAGEMENT, operation, key, times, fault);
}

/// A step that has read nothing else, and one that continues.
async fn begun(watched: &Watched) {
    let event = watched.work_event("run");
    let time_left = std::time::Duration::from_secs(100);
    let answer = watched.step_within(&event, time_left).await;
    assert_eq!(answer, Ok(Answer::only(Next::Work)));
}

#[tokio::test]
async fn a_write_that_is_denied_fails_the_step_by_name() {
    let watched = Watched::new().await;
    watched
        .aws
        .fault_always(MANAGEMENT, Operation::PutObject, Fault::Denied);
    let error = watched.step(&watched.work_event("run")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::BucketUnavailable);
    for words in [
        "s3:PutObject",
        BUCKET,
        CHECKPOINT,
        "AccessDenied",
        "deploy the stack",
    ] {
        assert!(error.message.contains(words), "{words}: {error}");
    }
}

#[tokio::test]
async fn a_response_that_is_cut_short_is_requested_again() {
    for framing in [
        Framing::MatchingLength,
        Framing::PromisedLength,
        Framing::CloseDelimited,
    ] {
        for bytes in [0, 1, 40] {
            let watched = Watched::new().await;
            begun(&watched).await;
            let cut = Fault::Cut { bytes, framing };
            fault(&watched, Operation::GetObject, CHECKPOINT, 2, cut);
            let (answer, _) = watched.work("run").await;
            assert_eq!(answer.next, Next::Publish, "{framing:?} {bytes}");
        }
    }
}

/// A page that is not from S3.
fn page() -> Fault {
    Fault::Body {
        status: 200,
        content_type: "text/html".to_owned(),
        body: b"<html>Please sign in</html>".to_vec(),
    }
}

#[tokio::test]
async fn exemptions_without_a_checksum_are_requested_again_until_they_are_complete() {
    let cut = |framing| Fault::Cut { bytes: 20, framing };
    for trouble in [
        cut(Framing::CloseDelimited),
        cut(Framing::PromisedLength),
        page(),
    ] {
        let watched = Watched::new().await;
        watched.exempt(WEB);
        let get = Operation::GetObject;
        fault(&watched, get, "exemptions.json", 2, trouble.clone());
        watched.run("run").await;
        let latest = watched.latest();
        assert_eq!(latest.not_visible, [""; 0], "{trouble:?}");
        assert!(latest.open.is_empty(), "{trouble:?}: {:?}", latest.open);
    }
}

#[tokio::test]
async fn a_response_that_is_not_from_s3_does_not_count_as_stored() {
    let watched = Watched::new().await;
    let key = watched.key_of("status.csv");
    fault(&watched, Operation::PutObject, &key, 1, page());
    let event = watched.work_event("run");
    let error = watched.step(&event).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::BucketUnavailable, "{error}");
    let answer = watched.step(&event).await.unwrap();
    assert_eq!(answer.next, Next::Publish);
    let csv = watched.object(&key);
    assert!(csv.contains(WEB), "{csv}");
}

#[tokio::test]
async fn exemptions_that_are_larger_than_any_file_of_them_are_not_read() {
    let watched = Watched::new().await;
    let large = " ".repeat(64 * 1024 * 1024 + 1);
    watched.aws.put_object(BUCKET, "exemptions.json", &large);
    watched.run("run").await;
    let why = watched.latest().not_visible.concat();
    assert!(why.contains("it has 67108865 bytes"), "{why}");
}

#[tokio::test]
async fn a_checkpoint_that_stays_cut_short_fails_the_step_and_changes_nothing() {
    let watched = Watched::new().await;
    begun(&watched).await;
    let written = watched.written();
    let cut = Fault::Cut {
        bytes: 40,
        framing: Framing::MatchingLength,
    };
    fault(&watched, Operation::GetObject, CHECKPOINT, 99, cut);
    let error = watched.step(&watched.work_event("run")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::BucketUnavailable, "{error}");
    assert_eq!(watched.written(), written);
}

#[tokio::test]
async fn a_checkpoint_of_another_form_does_not_begin_a_new_run() {
    let watched = Watched::new().await;
    for text in ["", "{", "{}", "null"] {
        watched.aws.put_object(BUCKET, CHECKPOINT, text);
        let error = watched.step(&watched.work_event("run")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::CheckpointUnreadable, "{text}");
    }
    assert_eq!(watched.written(), [""; 0]);
}

#[tokio::test]
async fn a_checkpoint_of_another_run_or_of_another_version_is_not_continued() {
    let watched = Watched::new().await;
    begun(&watched).await;
    let known = watched.object(CHECKPOINT);
    let version = env!("CARGO_PKG_VERSION");
    for (own, other) in [
        ("\"run\":\"run\"", "\"run\":\"another\""),
        (version, "0.0.1"),
    ] {
        let changed = known.replacen(own, other, 1);
        assert_ne!(changed, known);
        watched.aws.put_object(BUCKET, CHECKPOINT, &changed);
        let error = watched.step(&watched.work_event("run")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::CheckpointUnreadable, "{other}");
    }
}

#[tokio::test]
async fn a_record_that_another_run_wrote_in_the_meantime_stays() {
    let watched = Watched::new().await;
    watched.run("first").await;
    let other = watched.object("latest.json").replace("first", "other");
    let watched = watched.tomorrow();
    watched.work("run").await;
    watched.aws.put_object(BUCKET, "latest.json", &other);
    for _ in 0..2 {
        let error = watched.step(&watched.record_event("run", true)).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind, ErrorKind::RecordConflict);
        for words in ["run run was not recorded", "run other has written it since"] {
            assert!(error.message.contains(words), "{words}: {error}");
        }
    }
    assert_eq!(watched.object("latest.json"), other);
}

#[tokio::test]
async fn a_first_record_does_not_replace_one_that_appeared_in_the_meantime() {
    let other = {
        let watched = Watched::new().await;
        watched.run("other").await;
        watched.object("latest.json")
    };
    let watched = Watched::new().await;
    watched.work("run").await;
    watched.aws.put_object(BUCKET, "latest.json", &other);
    let error = watched.step(&watched.record_event("run", true)).await;
    assert_eq!(error.unwrap_err().kind, ErrorKind::RecordConflict);
    assert_eq!(watched.object("latest.json"), other);
}

#[tokio::test]
async fn a_record_that_was_deleted_in_the_meantime_is_not_written_again() {
    let watched = Watched::new().await;
    watched.run("first").await;
    let watched = watched.tomorrow();
    watched.work("run").await;
    watched.aws.delete_object(BUCKET, "latest.json");
    let error = watched.step(&watched.record_event("run", true)).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind, ErrorKind::RecordConflict);
    assert!(error.message.contains("it was deleted after"), "{error}");
    assert_eq!(watched.aws.object(BUCKET, "latest.json"), None);
}

/// S3 answers so if another conditional write is under way
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>).
#[tokio::test]
async fn a_record_that_conflicts_with_a_write_under_way_may_be_repeated() {
    let watched = Watched::new().await;
    watched.work("run").await;
    let conflict = Fault::AwsError {
        status: 409,
        code: "ConditionalRequestConflict".to_owned(),
        message: "Please retry".to_owned(),
    };
    let put = Operation::PutObject;
    fault(&watched, put, "latest.json", 99, conflict);
    let event = watched.record_event("run", true);
    let error = watched.step(&event).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::BucketUnavailable);
    let code = "ConditionalRequestConflict";
    assert!(error.message.contains(code), "{error}");
    watched.aws.clear_faults(MANAGEMENT);
    assert_eq!(watched.step(&event).await, Ok(Answer::only(Next::Done)));
    assert_eq!(watched.latest().run, "run");
}

#[tokio::test]
async fn a_record_whose_response_is_lost_counts_and_is_written_once() {
    let watched = Watched::new().await;
    watched.work("run").await;
    fault(
        &watched,
        Operation::PutObject,
        "latest.json",
        1,
        Fault::AcceptThenReset,
    );
    let event = watched.record_event("run", true);
    for _ in 0..2 {
        assert_eq!(watched.step(&event).await, Ok(Answer::only(Next::Done)));
    }
    assert_eq!(watched.latest().run, "run");
}
