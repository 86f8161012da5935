//! A step can end at any request, and is repeated: nothing is lost and nothing is done
//! twice.

use root_access_key_watch::answer::{Answer, Next};
use serde_json::Value;

use crate::organization::Watched;

/// Runs the step and drops it as soon as AWS has received so many requests of the run.
async fn interrupted(watched: &Watched, event: &Value, after: usize) -> Option<Answer> {
    let received = || watched.aws.requests().len() >= after;
    watched.step_until(event, received).await
}

/// What is left of a run: the report, the record and the answer.
async fn left(watched: &Watched, answer: Answer) -> (String, String, Answer) {
    let published = answer.next == Next::Publish;
    let event = watched.record_event("run", published);
    watched.step(&event).await.unwrap();
    let report = watched.object(&watched.key_of("status.json"));
    (report, watched.object("latest.json"), answer)
}

#[tokio::test]
async fn a_run_whose_steps_end_at_any_request_leaves_the_same() {
    let whole = Watched::new().await;
    let (answer, _) = whole.work("run").await;
    let requests = whole.aws.requests().len();
    let expected = left(&whole, answer).await;
    assert!(requests > 20, "{requests}");
    for after in 1..=requests {
        let watched = Watched::new().await;
        let event = watched.work_event("run");
        let answer = match interrupted(&watched, &event, after).await {
            Some(answer) => answer,
            None => watched.work("run").await.0,
        };
        let found = left(&watched, answer).await;
        assert_eq!(found, expected, "interrupted after {after} requests");
    }
}

#[tokio::test]
async fn a_record_that_ends_at_any_request_is_written_once_by_the_next_attempt() {
    for after in 1..=3 {
        let watched = Watched::new().await;
        watched.work("run").await;
        let before = watched.aws.requests().len();
        let event = watched.record_event("run", true);
        interrupted(&watched, &event, before + after).await;
        assert_eq!(watched.step(&event).await, Ok(Answer::only(Next::Done)));
        assert_eq!(watched.latest().run, "run");
    }
}
