//! The promise of docs/rule.md as properties of whole histories: accounts that
//! change, events that come twice or broken, and an AWS that fails at any call
//! in any way. `HISTORIES=10000 SEED=7` makes more of them; a failure is shrunk
//! to the shortest history that still breaks the promise.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and say what it saw"
)]

mod wire;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use local_aws::{Evaluation, Fault, Framing, Operation, Report, RootKey, days_ago};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use root_access_key_rule::error::RuleError;
use serde_json::{Value, json};
use wire::{ACCOUNT, FUNCTION, Wire, account, fresh_report};

use Operation::{GenerateCredentialReport, GetAccountSummary, GetCredentialReport, PutEvaluations};

/// Histories run side by side: most of their time is waiting.
const SHARDS: usize = 24;

/// What happens in one invocation.
#[derive(Debug, Clone)]
struct Step {
    keys: Keys,
    event: Event,
    faults: Vec<(Operation, Fault)>,
    /// AWS Config refuses, and quotes the result token.
    quoted: bool,
    /// Lambda's deadline, from the start.
    left: Duration,
}

/// The root user's keys, and what the credential report makes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    None,
    Active,
    Inactive,
    Two,
    ActiveWithoutReport,
}

/// Which event comes.
#[derive(Debug, Clone, Copy)]
enum Event {
    New,
    /// The last one again, as Lambda's retry or a duplicate brings it.
    Again,
    WithParameters,
    OfAnotherAccount,
    OfAnotherKind,
}

fn keys() -> impl Strategy<Value = Keys> {
    prop_oneof![
        4 => Just(Keys::None),
        2 => Just(Keys::Active),
        1 => Just(Keys::Inactive),
        1 => Just(Keys::Two),
        1 => Just(Keys::ActiveWithoutReport),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        20 => Just(Event::New),
        4 => Just(Event::Again),
        1 => Just(Event::WithParameters),
        1 => Just(Event::OfAnotherAccount),
        1 => Just(Event::OfAnotherKind),
    ]
}

fn framing() -> impl Strategy<Value = Framing> {
    prop_oneof![
        Just(Framing::MatchingLength),
        Just(Framing::PromisedLength),
        Just(Framing::CloseDelimited)
    ]
}

/// Anything that can come between the function and a true answer.
fn fault() -> impl Strategy<Value = Fault> {
    let portal = "<!DOCTYPE html><html><body>Welcome to the network</body></html>";
    prop_oneof![
        4 => Just(Fault::Throttle),
        2 => Just(Fault::ServerError(500)),
        2 => Just(Fault::ServerError(503)),
        1 => Just(Fault::Denied),
        1 => Just(Fault::aws_error(400, "ValidationException", "no")),
        1 => Just(Fault::Hang),
        3 => (0_u64..400).prop_map(|ms| Fault::Slow(Duration::from_millis(ms))),
        3 => Just(Fault::ResetBeforeAnswer),
        2 => (0_usize..4000).prop_map(Fault::ResetDuringAnswer),
        2 => Just(Fault::AcceptThenReset),
        4 => (0_usize..3400, framing()).prop_map(|(bytes, framing)| Fault::Cut { bytes, framing }),
        1 => Just(Fault::xml(portal)),
        1 => Just(Fault::json("")),
        1 => Just(Fault::xml([0xff, 0xfe, 0x00].as_slice())),
        1 => Just(Fault::WithoutRequestId),
        1 => Just(Fault::FailedEvaluations),
        1 => Just(Fault::Foreign { status: 200, content_type: "text/html".to_owned(), body: portal.into() }),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        4 => Just(GetAccountSummary),
        1 => Just(GetCredentialReport),
        1 => Just(GenerateCredentialReport),
        4 => Just(PutEvaluations),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let left = prop_oneof![
        8 => Just(30_000_u64),
        1 => 0_u64..3_000,
    ];
    let faults = prop_oneof![
        5 => Just(Vec::new()),
        5 => prop::collection::vec((operation(), fault()), 1..4),
    ];
    (keys(), event(), faults, prop::bool::weighted(0.05), left).prop_map(
        |(keys, event, faults, quoted, left)| Step {
            quoted,
            keys,
            event,
            // A hang is worth its time only where the deadline is near.
            left: Duration::from_millis(if has_hang(&faults) {
                left.min(1_500)
            } else {
                left
            }),
            faults,
        },
    )
}

fn has_hang(faults: &[(Operation, Fault)]) -> bool {
    faults.iter().any(|(_, fault)| matches!(fault, Fault::Hang))
}

impl Keys {
    fn account(self) -> local_aws::Account {
        let active = Some(RootKey::active(days_ago(900)).last_used(days_ago(3), "us-east-1", "s3"));
        let inactive = Some(RootKey::inactive(days_ago(30)));
        match self {
            Self::None => account(),
            Self::Active => account()
                .with_root_keys(active, None)
                .with_report(fresh_report()),
            Self::Inactive => account()
                .with_root_keys(None, inactive)
                .with_report(fresh_report()),
            Self::Two => account()
                .with_root_keys(active, inactive)
                .with_report(fresh_report()),
            Self::ActiveWithoutReport => account()
                .with_root_keys(active, None)
                .with_report(Report::NotPresent),
        }
    }
}

/// The event of the step; `last` is the one before.
fn payload(wire: &Wire, event: Event, last: Option<&Value>) -> Value {
    let mut new = wire.aws.event(ACCOUNT);
    match event {
        Event::New => new,
        Event::Again => last.cloned().unwrap_or(new),
        Event::WithParameters => {
            new["ruleParameters"] = "{\"x\":1}".into();
            new
        }
        Event::OfAnotherAccount => {
            new["accountId"] = "444455556666".into();
            new
        }
        Event::OfAnotherKind => {
            new["invokingEvent"] = json!({ "messageType": "ConfigurationItemChangeNotification" })
                .to_string()
                .into();
            new
        }
    }
}

/// What the histories came to, to show that they were not toothless.
#[derive(Default)]
struct Tally {
    histories: usize,
    with_verdict: usize,
    outcomes: BTreeMap<String, usize>,
}

/// Runs a history and checks every sentence of the promise; counts into `tally`.
async fn keeps_the_promise(steps: &[Step], tally: &Mutex<Tally>) -> Result<(), TestCaseError> {
    let wire = Wire::to(account()).await;
    let mut last = None;
    let mut verdicts = 0;
    for step in steps {
        wire.aws.put_account(step.keys.account());
        wire.aws.clear_faults(ACCOUNT);
        for (operation, fault) in &step.faults {
            wire.aws.fault(ACCOUNT, *operation, fault.clone());
        }
        let event = payload(&wire, step.event, last.as_ref());
        if step.quoted {
            let message = format!("resultToken={}", event["resultToken"].as_str().unwrap());
            let refusal = Fault::aws_error(400, "InvalidResultTokenException", &message);
            wire.aws.fault(ACCOUNT, PutEvaluations, refusal);
        }
        let (requests_before, accepted_before) = (
            wire.aws.requests().len(),
            wire.aws.evaluations(ACCOUNT).len(),
        );
        let started = Instant::now();
        let outcome = wire
            .evaluate_as(&event, FUNCTION, step.left)
            .await
            .map(|evaluated| evaluated.compliance_type);
        // d. No invocation outlives its deadline.
        prop_assert!(
            started.elapsed() <= step.left.max(Duration::from_millis(200)),
            "outlived its deadline"
        );

        if matches!(outcome, Err(RuleError::EvaluationNotDelivered(_))) {
            // What was cut off at the deadline may still be on its way to Config.
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let requests = wire.aws.requests().split_off(requests_before);
        let accepted = wire.aws.evaluations(ACCOUNT).split_off(accepted_before);
        check_verdict(step, &requests, &accepted)?;
        check_outcome(step, &outcome, &accepted)?;
        check_secrecy(&event, &outcome)?;
        verdicts += usize::from(outcome.is_ok());
        count(tally, &outcome);
        last = Some(event);
    }
    // d. The process still serves.
    wire.aws.clear_faults(ACCOUNT);
    wire.aws.put_account(account());
    let next = wire.evaluate().await;
    prop_assert!(next.is_ok(), "the next event is not served: {next:?}");
    let mut tally = tally.lock().unwrap();
    tally.histories += 1;
    tally.with_verdict += usize::from(verdicts > 0);
    Ok(())
}

/// a. and b.: what was reported is what this account's IAM answered, whole, in
/// this invocation.
fn check_verdict(
    step: &Step,
    requests: &[local_aws::Request],
    accepted: &[Evaluation],
) -> Result<(), TestCaseError> {
    let truth = if step.keys == Keys::None {
        "COMPLIANT"
    } else {
        "NON_COMPLIANT"
    };
    let asked = requests
        .iter()
        .filter(|request| request.operation == Some(GetAccountSummary))
        .count();
    for evaluation in accepted {
        prop_assert_eq!(&evaluation.compliance_type, truth);
        prop_assert_eq!(&evaluation.resource_id, ACCOUNT);
        // Each request took the next fault in the queue: the last one's must have let the answer through.
        let mut faults = step
            .faults
            .iter()
            .filter(|(operation, _)| *operation == GetAccountSummary);
        prop_assert!(asked > 0, "a verdict without asking");
        let last = faults.nth(asked - 1);
        prop_assert!(
            last.is_none_or(|(_, fault)| !spoils(fault)),
            "a verdict on a spoilt answer"
        );
    }
    Ok(())
}

/// Whether the summary's answer does not come whole with this fault.
fn spoils(fault: &Fault) -> bool {
    !matches!(
        fault,
        // A late answer is an answer; the others only concern Config, or the length of a longer body.
        Fault::Slow(_)
            | Fault::WithoutRequestId
            | Fault::FailedEvaluations
            | Fault::ResetDuringAnswer(3400..)
    )
}

/// c.: one evaluation accepted and `Ok`; or an error and none accepted; or the
/// answer was lost, and everything Config accepted is identical.
fn check_outcome(
    step: &Step,
    outcome: &Result<String, RuleError>,
    accepted: &[Evaluation],
) -> Result<(), TestCaseError> {
    let lost = step.faults.iter().any(|(operation, fault)| {
        *operation == PutEvaluations && !matches!(fault, Fault::Slow(_) | Fault::FailedEvaluations)
    });
    match outcome {
        Ok(compliance_type) => {
            prop_assert!(!accepted.is_empty(), "Ok, but nothing accepted");
            prop_assert_eq!(compliance_type, &accepted[0].compliance_type);
            prop_assert!(
                lost || accepted.len() == 1,
                "accepted {} times",
                accepted.len()
            );
        }
        Err(error) => {
            let may_be_lost = matches!(error, RuleError::EvaluationNotDelivered(_));
            prop_assert!(
                accepted.is_empty() || may_be_lost,
                "{error:?}, but Config accepted"
            );
        }
    }
    for evaluation in accepted {
        prop_assert_eq!(&evaluation.annotation, &accepted[0].annotation);
        prop_assert_eq!(
            evaluation.ordering_timestamp,
            accepted[0].ordering_timestamp
        );
        let length = evaluation
            .annotation
            .as_ref()
            .map_or(0, |text| text.chars().count());
        prop_assert!(
            (1..=256).contains(&length),
            "annotation of {} characters",
            length
        );
    }
    Ok(())
}

/// e. Nothing secret in what is said.
fn check_secrecy(event: &Value, outcome: &Result<String, RuleError>) -> Result<(), TestCaseError> {
    let token = event["resultToken"].as_str().unwrap();
    if let Err(error) = outcome {
        prop_assert!(
            !error.message().contains(&token[..24]),
            "the token is in {error}"
        );
        prop_assert!(
            !error.message().contains("SummaryMap>"),
            "the answer is in {error}"
        );
    }
    Ok(())
}

fn count(tally: &Mutex<Tally>, outcome: &Result<String, RuleError>) {
    let name = match outcome {
        Ok(compliance_type) => compliance_type.clone(),
        Err(error) => error.error_type().to_owned(),
    };
    *tally.lock().unwrap().outcomes.entry(name).or_default() += 1;
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .map_or(default, |text| text.parse().expect(name))
}

/// One shard's share of the histories, from a seed of its own.
fn run_shard(shard: usize, histories: u64, seed: u64, tally: &Mutex<Tally>) -> Result<(), String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&(shard as u64).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let cases = u32::try_from(histories.div_ceil(SHARDS as u64)).expect("fewer histories");
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    TestRunner::new_with_rng(config, rng)
        .run(&prop::collection::vec(step(), 1..5), |steps| {
            runtime.block_on(keeps_the_promise(&steps, tally))
        })
        .map_err(|error| error.to_string())
}

#[test]
fn the_promise_holds_over_every_history() {
    let (histories, seed) = (setting("HISTORIES", 300), setting("SEED", 1));
    let tally = Mutex::default();
    let failures: Vec<String> = std::thread::scope(|scope| {
        let tally = &tally;
        let shards: Vec<_> = (0..SHARDS)
            .map(|shard| scope.spawn(move || run_shard(shard, histories, seed, tally)))
            .collect();
        shards
            .into_iter()
            .filter_map(|shard| shard.join().unwrap().err())
            .collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));

    // f. The generator is not toothless.
    let tally = tally.into_inner().unwrap();
    println!(
        "{} histories, {} with a verdict: {:?}",
        tally.histories, tally.with_verdict, tally.outcomes
    );
    assert!(
        tally.with_verdict * 2 >= tally.histories,
        "fewer than half of the histories end in a verdict"
    );
    for outcome in [
        "COMPLIANT",
        "NON_COMPLIANT",
        "InvalidEvent",
        "WrongAccount",
        "InvalidRuleParameters",
        "EvidenceUnavailable",
        "EvaluationRejected",
        "EvaluationNotDelivered",
    ] {
        assert!(
            tally.outcomes.contains_key(outcome),
            "{outcome} never occurred: {:?}",
            tally.outcomes
        );
    }
}
