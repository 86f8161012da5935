//! What cannot be seen is reported first, and never counts as clean.

use chrono::TimeDelta;
use local_aws::{Account, Fault, Operation};
use root_access_key_watch::answer::{Answer, Next};
use root_access_key_watch::error::ErrorKind;
use root_access_key_watch::latest::OpenAccount;
use serde_json::Value;

use crate::organization::{BUCKET, MANAGEMENT, WEB, Watched, metrics};

/// The answer of a run that could not see everything: it publishes, and records why.
async fn reported(watched: &Watched, words: &str) -> Answer {
    let answer = watched.run("run").await;
    assert_eq!(answer.next, Next::Publish);
    let latest = watched.latest();
    let why = latest.not_visible.join("\n");
    assert!(why.contains(words), "{words}: {why}");
    let text = &answer.digest.as_ref().unwrap().text;
    assert!(!text.contains("All 4 accounts"), "{text}");
    let not_visible = u64::try_from(latest.not_visible.len()).unwrap();
    let metrics = metrics(&["Completed", "NotVisible"]);
    assert_eq!(metrics.last().unwrap(), &[Some(1), Some(not_visible)]);
    answer
}

#[tokio::test]
async fn if_the_accounts_cannot_be_listed_six_steps_try_and_the_open_list_stays() {
    let watched = Watched::new().await;
    watched.run("first").await;
    let files = watched.latest().files;
    let watched = watched.tomorrow();
    watched
        .aws
        .fault_always(MANAGEMENT, Operation::ListAccounts, Fault::Denied);
    reported(&watched, "organizations:ListAccounts").await;
    let checkpoints = watched.written();
    let of_run = checkpoints.iter().filter(|it| it.starts_with("runs/run/"));
    assert_eq!(
        of_run.count(),
        5 + 2,
        "five steps failed, and the sixth one stored two stages"
    );
    let latest = watched.latest();
    assert_eq!(latest.counts, None);
    assert_eq!(
        metrics(&["Accounts", "Open"]).last().unwrap(),
        &[None, None]
    );
    assert_eq!(latest.files, files);
    assert!(latest.open.contains_key(WEB));
    assert_eq!(
        watched.aws.object(BUCKET, &watched.key_of("status.json")),
        None
    );
}

#[tokio::test]
async fn a_step_that_could_not_read_the_organization_is_followed_by_one_that_can() {
    let watched = Watched::new().await;
    watched
        .aws
        .fault(MANAGEMENT, Operation::GetCallerIdentity, Fault::Denied);
    let (answer, steps) = watched.work("run").await;
    assert_eq!((answer.next, steps), (Next::Publish, 2));
    watched
        .step(&watched.record_event("run", true))
        .await
        .unwrap();
    assert_eq!(watched.latest().not_visible, [""; 0]);
}

#[tokio::test]
async fn without_the_aggregator_nothing_counts_as_compliant() {
    let mut watched = Watched::compliant().await;
    watched.organization.aggregators.clear();
    watched.aws.put_organization(watched.organization.clone());
    reported(&watched, "has no aggregator").await;
}

#[tokio::test]
async fn a_result_that_cannot_be_read_makes_the_report_partial() {
    let watched = Watched::compliant().await;
    let results = Operation::GetAggregateComplianceDetailsByConfigRule;
    watched
        .aws
        .fault_about(MANAGEMENT, results, WEB, 9, Fault::Denied);
    reported(&watched, "The results of 1 account").await;
}

#[tokio::test]
async fn a_latest_json_that_cannot_be_used_is_reported_and_replaced() {
    let watched = Watched::compliant().await;
    watched.aws.put_object(BUCKET, "latest.json", "{");
    reported(&watched, "latest.json cannot be used").await;
}

#[tokio::test]
async fn a_latest_json_that_cannot_be_read_is_requested_by_further_steps() {
    let watched = Watched::new().await;
    watched.run("first").await;
    let since = watched.latest().open;
    let watched = watched.tomorrow();
    let get = Operation::GetObject;
    watched
        .aws
        .fault_about(MANAGEMENT, get, "latest.json", 2, Fault::Denied);
    let (_, steps) = watched.work("run").await;
    assert_eq!(steps, 2);
    watched
        .step(&watched.record_event("run", true))
        .await
        .unwrap();
    let latest = watched.latest();
    assert_eq!((latest.run.as_str(), latest.trend.len()), ("run", 2));
    let ages = |open: &std::collections::BTreeMap<String, OpenAccount>| {
        let problems = open.values().flat_map(|it| it.problems.values());
        problems.map(|it| it.since).collect::<Vec<_>>()
    };
    assert_eq!(ages(&latest.open), ages(&since));
}

#[tokio::test]
async fn a_latest_json_that_stays_unreadable_is_reported_and_never_replaced() {
    let watched = Watched::compliant().await;
    watched.run("first").await;
    let known = watched.object("latest.json");
    let watched = watched.tomorrow();
    let get = Operation::GetObject;
    // It is requested once before the six attempts are counted.
    watched
        .aws
        .fault_about(MANAGEMENT, get, "latest.json", 7, Fault::Denied);
    let (answer, steps) = watched.work("run").await;
    assert_eq!((answer.next, steps), (Next::Publish, 6));
    let text = answer.digest.unwrap().text;
    assert!(text.contains("s3:GetObject of s3://"), "{text}");
    let error = watched.step(&watched.record_event("run", true)).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind, ErrorKind::RecordConflict);
    let why = "it is of run first and could not be read when this run began";
    assert!(error.message.contains(why), "{error}");
    assert_eq!(watched.object("latest.json"), known);
}

#[tokio::test]
async fn a_run_ends_even_if_neither_the_objects_nor_the_organization_can_be_read() {
    let watched = Watched::new().await;
    for key in ["latest.json", "exemptions.json"] {
        let get = Operation::GetObject;
        watched
            .aws
            .fault_about(MANAGEMENT, get, key, usize::MAX, Fault::Denied);
    }
    let list = Operation::ListAccounts;
    watched.aws.fault_always(MANAGEMENT, list, Fault::Denied);
    let (answer, steps) = watched.work("run").await;
    assert_eq!((answer.next, steps), (Next::Publish, 6));
    let text = answer.digest.unwrap().text;
    for call in ["organizations:ListAccounts", "latest.json"] {
        assert!(text.contains(call), "{text}");
    }
}

#[tokio::test]
async fn a_latest_json_of_a_later_day_is_not_usable() {
    let watched = Watched::compliant().await;
    watched.run("first").await;
    let tomorrow = watched.aws.now().date_naive() + TimeDelta::days(1);
    let mut forged: Value = serde_json::from_str(&watched.object("latest.json")).unwrap();
    forged["day"] = tomorrow.to_string().into();
    watched
        .aws
        .put_object(BUCKET, "latest.json", &forged.to_string());
    reported(&watched, "is later than today").await;
}

#[tokio::test]
async fn a_latest_json_that_cannot_be_used_can_be_restored_from_before_the_run() {
    let watched = Watched::compliant().await;
    watched.aws.put_object(BUCKET, "latest.json", "{");
    let today = watched.aws.now().date_naive();
    let advice = format!("restore a version of it from before {today} in the S3 console");
    reported(&watched, &advice).await;
}

#[tokio::test]
async fn without_the_permission_to_list_the_bucket_a_first_run_is_not_taken_for_one() {
    let watched = Watched::compliant().await;
    watched.aws.forbid_listing(BUCKET);
    let event = watched.work_event("run");
    let error = watched.step(&event).await.unwrap_err();
    assert!(error.message.contains("AccessDenied"), "{error}");
}

#[tokio::test]
async fn exemptions_that_are_not_valid_count_as_none_and_are_reported() {
    let watched = Watched::new().await;
    watched.aws.put_object(
        BUCKET,
        "exemptions.json",
        r#"{"exemptions":[{"account":"1"}]}"#,
    );
    let put = format!("then run: `root-keys exemptions put FILE --bucket {BUCKET}`");
    reported(&watched, &put).await;
    assert!(watched.latest().open.contains_key(WEB));
}

#[tokio::test]
async fn exemptions_that_cannot_be_read_count_as_none_and_are_reported() {
    let watched = Watched::new().await;
    let get = Operation::GetObject;
    watched
        .aws
        .fault_about(MANAGEMENT, get, "exemptions.json", 99, Fault::Denied);
    reported(&watched, "exemptions.json").await;
    assert!(watched.latest().open.contains_key(WEB));
}

#[tokio::test]
async fn a_secret_that_aws_quotes_is_in_no_digest_and_in_no_object() {
    let watched = Watched::new().await;
    let token = Account::new(MANAGEMENT).credentials().session_token;
    let quoted = Fault::AwsError {
        status: 403,
        code: "SignatureDoesNotMatch".to_owned(),
        message: format!("The canonical string was {token}"),
    };
    watched
        .aws
        .fault_always(MANAGEMENT, Operation::ListAccounts, quoted);
    let answer = reported(&watched, "SignatureDoesNotMatch").await;
    let digest = answer.digest.unwrap();
    let mut texts = vec![digest.text, digest.chat];
    for key in watched.aws.object_keys(BUCKET) {
        texts.push(watched.object(&key));
    }
    for text in texts {
        let text: String = text.split_whitespace().collect();
        assert!(!text.contains(&token), "{text}");
    }
}

#[tokio::test]
async fn an_exempt_account_is_not_open() {
    let watched = Watched::new().await;
    watched.exempt(WEB);
    watched.run("run").await;
    let latest = watched.latest();
    assert!(latest.open.is_empty(), "{:?}", latest.open);
    assert_eq!(latest.counts.unwrap().exempt, 1);
}
