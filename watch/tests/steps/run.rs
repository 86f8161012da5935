//! A run from its first step to its last.

use chrono::TimeDelta;
use local_aws::{Fault, Operation};
use root_access_key_watch::answer::{Answer, Next};
use root_access_key_watch::error::ErrorKind;
use root_keys::aws::caller::Caller;
use root_keys::exemptions::Exemptions;
use root_keys::organization::clients::{OrganizationClients, advice_of_status};
use root_keys::organization::reading;
use root_keys::progress::Progress;
use root_keys::status::assessment::assess;
use root_keys::status::report::Report;
use root_keys::status::{csv, html};
use root_keys::time::Time;
use serde_json::json;

use crate::organization::{BUCKET, MANAGEMENT, WEB, Watched, metrics};

/// What `root-keys status` reports at that time.
async fn status(watched: &Watched) -> Report {
    let caller = Caller::new(watched.sdk()).await.unwrap();
    let clients = OrganizationClients::new(&caller, Progress::hidden(), advice_of_status);
    let now = Time(watched.aws.now());
    let facts = reading::facts(&clients.await.unwrap(), None, now)
        .await
        .unwrap();
    Report::new(&facts, assess(&facts), &Ok(Exemptions::new()))
}

/// The page without the sections that the watch adds, or adds the ages of problems to.
fn without_history(page: &str) -> String {
    let mut kept = String::new();
    for part in page.split_inclusive("</section>") {
        let (before, section) = part.split_at(part.find("<section").unwrap_or(part.len()));
        kept.push_str(before);
        let of_watch = ["trend", "watch", "open"].map(|it| format!("aria-labelledby=\"{it}\""));
        if !of_watch.iter().any(|it| section.contains(it)) {
            kept.push_str(section);
        }
    }
    kept
}

#[tokio::test]
async fn the_report_is_stored_the_digest_is_answered_and_latest_json_is_written_last() {
    let watched = Watched::new().await;
    let (answer, steps) = watched.work("first").await;
    assert_eq!((answer.next, steps), (Next::Publish, 1));
    let digest = answer.digest.unwrap();
    assert!(digest.text.contains(WEB), "{}", digest.text);
    assert_eq!(watched.aws.object(BUCKET, "latest.json"), None);

    let done = watched.step(&watched.record_event("first", true)).await;
    assert_eq!(done, Ok(Answer::only(Next::Done)));
    let latest = watched.latest();
    assert_eq!(latest.run, "first");
    assert!(latest.published);
    assert_eq!(latest.open.keys().collect::<Vec<_>>(), [WEB]);
    let files = latest.files.unwrap();
    assert_eq!(files.json, watched.key_of("status.json"));
    for key in [files.json, files.csv, files.html] {
        assert!(watched.aws.object(BUCKET, &key).is_some(), "{key}");
    }
    let written = watched.written();
    assert_eq!(written.last().unwrap(), "latest.json");
    let of_latest = written.iter().filter(|it| *it == "latest.json");
    assert_eq!(of_latest.count(), 1);
}

#[tokio::test]
async fn the_files_are_what_root_keys_status_prints() {
    let watched = Watched::new().await;
    let report = status(&watched).await;
    watched.run("first").await;
    let stored = |file| watched.object(&watched.key_of(file));
    let json = report.json() + "\n";
    assert!(json.contains("NON_COMPLIANT"), "{json}");
    assert_eq!(stored("status.json"), json);
    assert_eq!(stored("status.csv"), csv::csv(&report));
    let page = html::page(&report, None);
    let stored = stored("status.html");
    assert_ne!(stored, page);
    let shown = without_history(&stored);
    assert_eq!(shown, without_history(&page));
    let sections: Vec<_> = shown.split("aria-labelledby=").skip(1).collect();
    assert_eq!(sections.len(), 2, "the counts and all accounts: {shown}");
}

#[tokio::test]
async fn every_object_has_its_content_type_and_is_of_this_account() {
    let watched = Watched::new().await;
    watched.run("first").await;
    for (key, content_type) in [
        (watched.key_of("status.json"), "application/json"),
        (watched.key_of("status.csv"), "text/csv; charset=utf-8"),
        (watched.key_of("status.html"), "text/html; charset=utf-8"),
        ("latest.json".to_owned(), "application/json"),
    ] {
        let found = watched.aws.content_type(BUCKET, &key);
        assert_eq!(found.as_deref(), Some(content_type), "{key}");
    }
    let requests = [Operation::GetObject, Operation::PutObject];
    for request in requests.into_iter().flat_map(|it| watched.sent(it)) {
        assert_eq!(request.parameters["ExpectedBucketOwner"], MANAGEMENT);
    }
}

#[tokio::test]
async fn a_second_run_of_the_day_repeats_nothing() {
    let watched = Watched::new().await;
    watched.run("first").await;
    let before = watched.aws.requests().len();
    let (answer, steps) = watched.work("second").await;
    assert_eq!((answer, steps), (Answer::only(Next::Done), 1));
    let requests = watched.aws.requests();
    let operations: Vec<_> = requests[before..].iter().map(|it| it.operation).collect();
    // The checkpoint of the second run, and latest.json.
    assert_eq!(operations, [Some(Operation::GetObject); 2]);
    // That the report of this day exists counts as completed.
    assert_eq!(metrics(&["Completed", "Accounts"]), [[Some(1), Some(4)]; 2]);
}

#[tokio::test]
async fn a_second_run_of_the_day_repeats_nothing_where_latest_json_is_denied_once() {
    let watched = Watched::new().await;
    watched.run("first").await;
    let latest = watched.object("latest.json");
    let get = Operation::GetObject;
    watched
        .aws
        .fault_about(MANAGEMENT, get, "latest.json", 1, Fault::Denied);
    let (answer, _) = watched.work("second").await;
    assert_eq!(answer, Answer::only(Next::Done));
    assert_eq!(watched.object("latest.json"), latest);
    assert_eq!(metrics(&["Completed"]), [[Some(1)]; 2]);
}

#[tokio::test]
async fn if_all_accounts_are_compliant_the_first_run_says_so_and_the_next_day_publishes_nothing() {
    let mut watched = Watched::compliant().await;
    assert_eq!(watched.run("first").await.next, Next::Publish);
    watched = watched.tomorrow();
    assert_eq!(watched.run("second").await, Answer::only(Next::Record));
    let latest = watched.latest();
    assert_eq!((latest.run.as_str(), latest.published), ("second", false));
    assert_eq!(latest.trend.len(), 2);
}

#[tokio::test]
async fn the_next_day_says_since_when_a_problem_is_open() {
    let mut watched = Watched::new().await;
    let first = watched.aws.now().date_naive();
    watched.run("first").await;
    watched = watched.tomorrow();
    watched.report(WEB, ("NON_COMPLIANT", "The root user has access keys."));
    watched.run("second").await;
    let latest = watched.latest();
    let since: Vec<_> = latest.open[WEB]
        .problems
        .values()
        .map(|it| it.since)
        .collect();
    assert_eq!(since, [first]);
}

#[tokio::test]
async fn the_digest_that_is_switched_off_is_not_published_and_the_report_is_recorded() {
    let watched = Watched::new().await;
    let mut event = watched.work_event("first");
    event["switches"] = json!({"repair": "on", "digest": "off"});
    assert_eq!(watched.step(&event).await, Ok(Answer::only(Next::Record)));
    watched
        .step(&watched.record_event("first", false))
        .await
        .unwrap();
    assert!(!watched.latest().published);
}

#[tokio::test]
async fn a_run_whose_digest_could_not_be_published_is_recorded_and_not_completed() {
    let watched = Watched::new().await;
    watched.work("first").await;
    watched
        .step(&watched.record_event("first", false))
        .await
        .unwrap();
    assert!(!watched.latest().published);
    let names = [
        "Completed",
        "Accounts",
        "Open",
        "NonCompliant",
        "NotVisible",
    ];
    let counts = [0, 4, 1, 1, 0].map(Some);
    assert_eq!(metrics(&names), [counts]);
}

/// Its digest was not published.
async fn not_published() -> Watched {
    let watched = Watched::new().await;
    watched.work("first").await;
    let event = watched.record_event("first", false);
    watched.step(&event).await.unwrap();
    watched
}

#[tokio::test]
async fn a_run_after_one_that_could_not_publish_its_digest_publishes_it() {
    let watched = not_published().await;
    let answer = watched.run("second").await;
    assert_eq!(answer.next, Next::Publish);
    let text = answer.digest.unwrap().text;
    assert!(text.contains("first seen today"), "{text}");
    let latest = watched.latest();
    assert_eq!((latest.run.as_str(), latest.published), ("second", true));
    assert_eq!(latest.trend.len(), 1);
    assert_eq!(metrics(&["Completed"]), [[Some(0)], [Some(1)]]);
    assert_eq!(watched.run("third").await, Answer::only(Next::Done));
}

#[tokio::test]
async fn a_run_after_one_that_could_not_see_everything_looks_again() {
    for operation in [
        Operation::ListAccounts,
        Operation::GetAggregateComplianceDetailsByConfigRule,
    ] {
        let watched = Watched::new().await;
        watched
            .aws
            .fault_always(MANAGEMENT, operation, Fault::Denied);
        watched.run("first").await;
        assert!(!watched.latest().not_visible.is_empty());
        watched.aws.clear_faults(MANAGEMENT);
        assert_eq!(watched.run("second").await.next, Next::Publish);
        let latest = watched.latest();
        assert_eq!(latest.run, "second");
        assert_eq!(latest.not_visible, [""; 0]);
        assert_eq!(latest.open.keys().collect::<Vec<_>>(), [WEB]);
        assert_eq!(watched.run("third").await, Answer::only(Next::Done));
    }
}

#[tokio::test]
async fn a_run_after_the_digest_was_switched_on_publishes_it() {
    let watched = Watched::new().await;
    let off = json!({"repair": "on", "digest": "off"});
    let event = watched.work_event_with("first", &off);
    assert_eq!(watched.step(&event).await, Ok(Answer::only(Next::Record)));
    let event = watched.record_event("first", false);
    watched.step(&event).await.unwrap();
    let event = watched.work_event_with("still-off", &off);
    assert_eq!(watched.step(&event).await, Ok(Answer::only(Next::Done)));
    assert_eq!(watched.run("on").await.next, Next::Publish);
}

#[tokio::test]
async fn a_run_of_an_earlier_day_leaves_a_later_report_as_it_is() {
    let watched = Watched::new().await;
    let yesterday = watched.aws.now() - TimeDelta::days(1);
    watched.work("today").await;
    let event = watched.record_event("today", false);
    watched.step(&event).await.unwrap();
    let mut event = watched.work_event("yesterday");
    event["started"] = yesterday.to_rfc3339().into();
    assert_eq!(watched.step(&event).await, Ok(Answer::only(Next::Done)));
    // The later report was not published, and that stays so.
    assert_eq!(metrics(&["Completed"]), [[Some(0)]; 2]);
}

#[tokio::test]
async fn an_event_of_another_form_is_refused_and_nothing_is_called() {
    let watched = Watched::new().await;
    let error = watched.step(&json!({"step": "work"})).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidEvent);
    assert!(watched.aws.requests().is_empty());
}

#[tokio::test]
async fn a_run_that_has_not_decided_is_not_recorded() {
    let watched = Watched::new().await;
    let error = watched.step(&watched.record_event("first", true)).await;
    assert_eq!(error.unwrap_err().kind, ErrorKind::CheckpointUnreadable);
    assert_eq!(watched.aws.object(BUCKET, "latest.json"), None);
}
