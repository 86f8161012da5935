//! The time of a step.

use std::time::Duration;

use local_aws::{Fault, Operation};
use root_access_key_watch::answer::{Answer, Next};
use root_access_key_watch::error::ErrorKind;

use crate::organization::{MANAGEMENT, Watched};

/// What a step is reserved after its last call about an account.
const RESERVE: Duration = Duration::from_secs(100);

#[tokio::test]
async fn a_step_ends_when_its_time_is_up_and_the_next_one_continues() {
    let one_step = Watched::new().await;
    one_step.work("run").await;
    let watched = Watched::new().await;
    // One step to begin, one for each of the four results, one to decide.
    let (answer, steps) = watched.work_within("run", RESERVE).await;
    assert_eq!((answer.next, steps), (Next::Publish, 6));
    let results = Operation::GetAggregateComplianceDetailsByConfigRule;
    assert_eq!(watched.sent(results).len(), 4);
    assert_eq!(watched.sent(Operation::ListAccounts).len(), 1);
    for file in ["status.json", "status.csv", "status.html"] {
        let key = watched.key_of(file);
        assert_eq!(watched.object(&key), one_step.object(&key));
    }
}

#[tokio::test(start_paused = true)]
async fn if_calls_hang_in_six_steps_the_organization_is_reported_as_not_visible() {
    let watched = Watched::compliant().await;
    for operation in [
        Operation::DescribeStackSet,
        Operation::DescribeOrganizationConformancePacks,
        Operation::DescribeConfigurationAggregators,
        Operation::ListPolicies,
    ] {
        watched.aws.fault_always(MANAGEMENT, operation, Fault::Hang);
    }
    let (answer, steps) = watched.work("run").await;
    assert_eq!((answer.next, steps), (Next::Publish, 6));
    let text = answer.digest.unwrap().text;
    assert!(text.contains("could not be read within"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn steps_that_could_not_begin_do_not_count_once_the_organization_was_read() {
    let watched = Watched::new().await;
    let identity = Operation::GetCallerIdentity;
    for _ in 0..2 {
        watched.aws.fault(MANAGEMENT, identity, Fault::Denied);
    }
    let event = watched.work_event("run");
    for failures in [1, 2, 0] {
        let answer = watched.step_within(&event, RESERVE).await;
        if failures == 0 {
            assert_eq!(answer, Ok(Answer::only(Next::Work)));
        } else {
            let error = answer.unwrap_err();
            assert_eq!(error.kind, ErrorKind::OrganizationNotRead);
            let attempt = format!("attempt {failures} of 6");
            assert!(error.message.contains(&attempt), "{error}");
            assert!(error.message.contains("sts:GetCallerIdentity"), "{error}");
        }
        let checkpoint = watched.object("runs/run/checkpoint.json");
        let checkpoint: serde_json::Value = serde_json::from_str(&checkpoint).unwrap();
        assert_eq!(checkpoint["failures"], failures);
    }
}

#[tokio::test]
async fn a_step_that_gets_no_response_ends_with_a_named_error_and_can_be_repeated() {
    let watched = Watched::new().await;
    watched
        .aws
        .fault(MANAGEMENT, Operation::ListAccounts, Fault::Hang);
    let event = watched.work_event("run");
    let error = watched
        .step_within(&event, Duration::from_secs(3))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutOfTime);
    assert!(error.message.contains("within 3 seconds"), "{error}");
    let answer: Answer = watched.step(&event).await.unwrap();
    assert_eq!(answer.next, Next::Publish);
}
