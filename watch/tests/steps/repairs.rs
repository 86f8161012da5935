//! Repairs over the wire: the operation is stored before it is started, so that AWS performs
//! it once and it counts once, wherever a step ends.

use chrono::TimeDelta;
use local_aws::{Fault, Operation, Request, StackSetOperation};
use root_access_key_watch::answer::{Answer, Next};
use serde_json::{Value, json};

use crate::organization::{BUCKET, DATA, MANAGEMENT, Watched};

const UPDATE: Operation = Operation::UpdateStackInstances;
const CHECKPOINT: &str = "runs/run/checkpoint.json";

/// The ID of the only operation that the watch may start on this day.
fn id(watched: &Watched) -> String {
    format!(
        "root-access-key-watch-{}-update",
        watched.aws.now().date_naive()
    )
}

/// Runs the step and drops it as soon as that is so. After its last request, it may end
/// before it is dropped.
async fn dropped_when(watched: &Watched, is_so: impl Fn() -> bool) {
    let event = watched.work_event("run");
    drop(watched.step_until(&event, is_so).await);
}

/// Finishes the run: AWS has started the operation once, and it counts as one attempt.
#[track_caller]
fn assert_started_once(watched: &Watched) {
    let id = id(watched);
    let started = watched.aws.stack_set_operations();
    let started: Vec<_> = started.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(started, [id.as_str()]);
    for request in watched.sent(UPDATE) {
        assert_eq!(request.parameters["OperationId"], id.as_str());
        assert_eq!(
            request.parameters["DeploymentTargets.Accounts.member.1"],
            DATA
        );
        let second = "DeploymentTargets.Accounts.member.2";
        assert!(request.parameters.get(second).is_none());
    }
    let repairs = watched.latest().repairs;
    assert_eq!(repairs.last_operation.as_deref(), Some(id.as_str()));
    let attempts: Vec<_> = repairs.accounts.into_iter().collect();
    let [(account, attempts)] = &attempts[..] else {
        panic!("{attempts:?}");
    };
    assert_eq!((account.as_str(), attempts.attempts), (DATA, 1));
    assert_eq!(attempts.operation_id, id);
}

async fn finished(watched: &Watched) -> Answer {
    let answer = watched.run("run").await;
    assert_eq!(answer.next, Next::Publish);
    answer
}

#[tokio::test]
async fn a_stack_that_failed_for_a_reason_that_passes_is_updated_once() {
    let watched = Watched::to_repair().await;
    let answer = finished(&watched).await;
    assert_started_once(&watched);
    assert_eq!(watched.sent(UPDATE).len(), 1);
    let text = answer.digest.unwrap().text;
    assert!(text.contains(DATA), "{text}");
    let again = watched.run("again").await;
    assert_eq!(again, Answer::only(Next::Done));
    assert_started_once(&watched);
    assert_eq!(watched.sent(UPDATE).len(), 1);
}

#[tokio::test]
async fn an_operation_that_was_stored_but_not_started_is_started_by_the_next_attempt() {
    let watched = stored_not_started().await;
    let checkpoint: Value = serde_json::from_str(&watched.object(CHECKPOINT)).unwrap();
    let stored = &checkpoint["repair"]["repair"];
    assert_eq!(stored["operationId"], id(&watched).as_str());
    assert_eq!(stored["accounts"], json!([DATA]));
    finished(&watched).await;
    assert_started_once(&watched);
}

#[tokio::test]
async fn an_operation_that_was_started_but_not_recorded_is_not_started_again() {
    let watched = Watched::to_repair().await;
    let (put, next) = (Operation::PutObject, watched.key_of("status.json"));
    watched
        .aws
        .fault_about(MANAGEMENT, put, &next, 1, Fault::Hang);
    dropped_when(&watched, || watched.written().contains(&next)).await;
    assert_eq!(watched.aws.stack_set_operations().len(), 1);
    assert_eq!(watched.latest().run, "first");
    let text = finished(&watched).await.digest.unwrap().text;
    assert!(text.contains("Started operation"), "{text}");
    assert_started_once(&watched);
    assert_eq!(watched.sent(UPDATE).len(), 1);
}

/// A run whose first step ended when it had stored the operation, and before AWS received
/// the request.
async fn stored_not_started() -> Watched {
    let watched = Watched::to_repair().await;
    watched.aws.fault(MANAGEMENT, UPDATE, Fault::Hang);
    dropped_when(&watched, || !watched.sent(UPDATE).is_empty()).await;
    assert!(watched.aws.stack_set_operations().is_empty());
    watched
}

/// The next attempt has started nothing more.
#[track_caller]
fn assert_not_started(watched: &Watched, answer: &Answer, words: &str) {
    assert_eq!(watched.sent(UPDATE).len(), 1);
    let text = &answer.digest.as_ref().unwrap().text;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(words), "{text}");
}

#[tokio::test]
async fn what_was_stored_is_not_started_once_somebody_else_works_on_the_stack_set() {
    for (status, words) in [
        (
            "RUNNING",
            "operation somebody on the StackSet has not ended",
        ),
        ("FAILED", "the last update of the StackSet stopped before"),
    ] {
        let watched = stored_not_started().await;
        watched.aws.put_stack_set_operation(StackSetOperation {
            id: "somebody".to_owned(),
            stack_set: watched.organization.stack_sets[0].name.clone(),
            action: "UPDATE",
            status,
            at: watched.aws.now() - TimeDelta::minutes(1),
        });
        assert_not_started(&watched, &finished(&watched).await, words);
        assert!(watched.latest().repairs.accounts.is_empty());
    }
}

#[tokio::test]
async fn what_was_stored_is_not_started_once_repair_is_off() {
    let watched = stored_not_started().await;
    let off = json!({"repair": "off", "digest": "on"});
    let answer = watched.step(&watched.work_event_with("run", &off)).await;
    assert_not_started(&watched, &answer.unwrap(), "Repair of enrollment is off");
}

#[tokio::test]
async fn what_was_stored_counts_as_an_attempt_if_it_cannot_be_seen_whether_it_was_started() {
    let watched = stored_not_started().await;
    let list = Operation::ListStackSetOperations;
    watched.aws.fault_always(MANAGEMENT, list, Fault::Denied);
    let words = "It is not known whether operation";
    assert_not_started(&watched, &finished(&watched).await, words);
    assert_eq!(watched.latest().repairs.accounts[DATA].attempts, 1);
}

#[tokio::test]
async fn an_operation_whose_response_is_lost_counts_as_an_attempt() {
    for lost in [Fault::AcceptThenReset, Fault::ResetDuringAnswer(40)] {
        let watched = Watched::to_repair().await;
        watched.aws.fault(MANAGEMENT, UPDATE, lost);
        finished(&watched).await;
        assert_started_once(&watched);
        assert_eq!(watched.sent(UPDATE).len(), 2);
    }
}

#[tokio::test]
async fn an_operation_counts_once_wherever_its_step_ends_after_it_was_stored() {
    let whole = Watched::to_repair().await;
    let before = whole.aws.requests().len();
    finished(&whole).await;
    let requests = whole.aws.requests();
    let is = |operation| move |it: &Request| it.operation == Some(operation);
    let update = requests.iter().position(is(UPDATE)).unwrap();
    let mut earlier = requests[..update].iter();
    let stored = earlier.rposition(is(Operation::PutObject)).unwrap();
    assert!(stored > before);
    // The last two are those of the step `record`.
    let record = requests.len() - 2;
    assert!(
        record > update + 4,
        "three files and the decision are stored"
    );
    for after in stored..record {
        let watched = Watched::to_repair().await;
        dropped_when(&watched, || watched.aws.requests().len() > after).await;
        finished(&watched).await;
        assert_started_once(&watched);
    }
}

#[tokio::test]
async fn an_operation_that_aws_refuses_is_reported_and_is_no_attempt() {
    let watched = Watched::to_repair().await;
    watched.aws.fault_always(MANAGEMENT, UPDATE, Fault::Denied);
    let text = finished(&watched).await.digest.unwrap().text;
    assert!(
        text.contains("cloudformation:UpdateStackInstances"),
        "{text}"
    );
    let repairs = watched.latest().repairs;
    assert!(repairs.accounts.is_empty(), "{repairs:?}");
    assert!(watched.aws.stack_set_operations().is_empty());
}

#[tokio::test]
async fn nothing_is_repaired_while_repair_is_off_or_the_switches_cannot_be_read() {
    for switches in [json!({"repair": "off", "digest": "on"}), Value::Null] {
        let watched = Watched::to_repair().await;
        let event = watched.work_event_with("run", &switches);
        let answer = watched.step(&event).await.unwrap();
        assert_eq!(answer.next, Next::Publish);
        assert!(watched.sent(UPDATE).is_empty());
    }
    let watched = Watched::to_repair().await.deployed_without_repairs();
    finished(&watched).await;
    assert!(watched.sent(UPDATE).is_empty());
}

#[tokio::test]
async fn nothing_is_repaired_without_the_record_of_earlier_attempts() {
    let watched = Watched::to_repair().await;
    watched.aws.put_object(BUCKET, "latest.json", "{");
    finished(&watched).await;
    assert!(watched.sent(UPDATE).is_empty());
}

#[tokio::test]
async fn where_the_record_of_attempts_was_lost_the_longest_pause_follows_the_last_one() {
    let watched = Watched::to_repair().await;
    let last = watched.aws.now().date_naive() - TimeDelta::days(1);
    for day in [last - TimeDelta::days(3), last] {
        watched.aws.put_stack_set_operation(StackSetOperation {
            id: format!("root-access-key-watch-{day}-update"),
            stack_set: watched.organization.stack_sets[0].name.clone(),
            action: "UPDATE",
            status: "SUCCEEDED",
            at: day.and_hms_opt(5, 0, 0).unwrap().and_utc(),
        });
    }
    let answer = finished(&watched).await;
    assert!(watched.sent(UPDATE).is_empty());
    let text = answer.digest.unwrap().text;
    assert!(text.contains("the longest pause"), "{text}");
    let attempts = &watched.latest().repairs.accounts[DATA];
    assert_eq!(attempts.not_before, last + TimeDelta::days(16));
}
