//! The guarantees of docs/rule.md as properties of complete histories: accounts that
//! change, events that arrive twice, late or malformed, and faults of every kind
//! at any call. `HISTORIES=10000 SEED=7` makes more of them; a failure is
//! shrunk to the shortest history that still violates a guarantee.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and say what it saw"
)]

mod guarantees;
mod history;
mod tally;
#[path = "../harness/wire.rs"]
mod wire;

use std::sync::Mutex;
use std::time::Duration;

use chrono::Duration as Age;
use local_aws::{Fault, Operation, default_time};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use root_access_key_rule::error::{ErrorKind, RuleError};
use root_access_key_rule::handler::Evaluated;
use serde_json::{Value, json};

use guarantees::{Seen, same_report, secrets};
use history::{Event, Step, histories};
use tally::Tally;
use wire::{ACCOUNT, FUNCTION, Wire, account};

/// Histories run side by side: most of their time is waiting.
const SHARDS: usize = 24;

/// Runs a history, checks every guarantee, and counts the outcomes in `tally`.
async fn upholds_the_guarantees(steps: &[Step], tally: &Mutex<Tally>) -> Result<(), TestCaseError> {
    let wire = Wire::to(account()).await;
    let mut events = Vec::new();
    let mut verdicts = 0;
    for (minutes, step) in (0..).step_by(10).zip(steps) {
        wire.aws.set_time(default_time() + Age::minutes(minutes));
        wire.aws.put_account(step.account.clone());
        let event = event(&wire, step.event, &events);
        set_faults(&wire, step, &event);
        let outcome = invoke(&wire, step, &event).await?;
        tally.lock().unwrap().invocation(&outcome);
        verdicts += usize::from(outcome.is_ok());
        events.push(event);
    }
    serves_the_next(&wire).await?;
    tally.lock().unwrap().history(verdicts);
    Ok(())
}

/// One invocation and, if AWS Config may have received it, Lambda's retry.
async fn invoke(
    wire: &Wire,
    step: &Step,
    event: &Value,
) -> Result<Result<Evaluated, RuleError>, TestCaseError> {
    let requests = wire.aws.requests().len();
    let accepted = wire.aws.evaluations(ACCOUNT).len();
    // d. It does not outlive Lambda's deadline. The clock is the runtime's own,
    // so that a busy machine is no fault of the rule.
    let limit = step.left.max(Duration::from_secs(1));
    let run = tokio::time::timeout(limit, wire.evaluate_as(event, FUNCTION, step.left));
    let outcome = run
        .await
        .map_err(|_| TestCaseError::fail("an invocation outlives its deadline"))?;
    let not_delivered =
        matches!(&outcome, Err(error) if error.kind() == ErrorKind::EvaluationNotDelivered);
    if not_delivered {
        // A request that the deadline ended may still be on its way to AWS Config.
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let seen = Seen {
        step,
        event,
        outcome: &outcome,
        requests: wire.aws.requests().split_off(requests),
        accepted: wire.aws.evaluations(ACCOUNT).split_off(accepted),
    };
    seen.upholds_the_guarantees()?;
    if not_delivered && !seen.accepted.is_empty() {
        retry_repeats(wire, step, event, accepted).await?;
    }
    Ok(outcome)
}

/// c. A retry repeats the evaluation that AWS Config may have received; word for word
/// if IAM reports the keys as before.
async fn retry_repeats(
    wire: &Wire,
    step: &Step,
    event: &Value,
    before: usize,
) -> Result<(), TestCaseError> {
    wire.aws.clear_faults(ACCOUNT);
    let retried = wire.evaluate_event(event).await;
    prop_assert!(retried.is_ok(), "the retry failed: {retried:?}");
    let accepted = wire.aws.evaluations(ACCOUNT).split_off(before);
    let (last, earlier) = accepted.split_last().unwrap();
    let mut failing = step.faults.iter().map(|(of, _)| of).chain(&step.quoting);
    let same_words =
        step.left.as_secs() >= 30 && failing.all(|of| *of == Operation::PutEvaluations);
    for evaluation in earlier {
        same_report(evaluation, last)?;
        if same_words {
            prop_assert_eq!(&evaluation.annotation, &last.annotation);
        }
    }
    Ok(())
}

/// d. The next event is served.
async fn serves_the_next(wire: &Wire) -> Result<(), TestCaseError> {
    wire.aws.clear_faults(ACCOUNT);
    wire.aws.put_account(account());
    let next = wire.evaluate().await;
    prop_assert!(next.is_ok(), "the next event is not served: {next:?}");
    Ok(())
}

/// The event of the step; `earlier` are the ones before.
fn event(wire: &Wire, event: Event, earlier: &[Value]) -> Value {
    let mut new = wire.aws.event(ACCOUNT);
    match event {
        Event::New => new,
        Event::Again => earlier.last().cloned().unwrap_or(new),
        Event::First => earlier.first().cloned().unwrap_or(new),
        Event::WithParameters => {
            new["ruleParameters"] = "{\"x\":1}".into();
            new
        }
        Event::OfAnotherAccount => {
            new["accountId"] = "444455556666".into();
            new
        }
        Event::OfAnotherKind => {
            let mut invoking: Value =
                serde_json::from_str(new["invokingEvent"].as_str().unwrap()).unwrap();
            invoking["messageType"] = json!("ConfigurationItemChangeNotification");
            new["invokingEvent"] = invoking.to_string().into();
            new
        }
    }
}

fn set_faults(wire: &Wire, step: &Step, event: &Value) {
    wire.aws.clear_faults(ACCOUNT);
    for (operation, fault) in &step.faults {
        wire.fault(*operation, fault.clone());
    }
    if let Some(operation) = step.quoting {
        let message = format!(
            "resultToken={}",
            secrets(event).join("\nx-amz-security-token:")
        );
        let quoting = Fault::aws_error(403, "SignatureDoesNotMatch", &message);
        wire.fault(operation, quoting);
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .map_or(default, |text| text.parse().expect(name))
}

/// One shard's share of the histories, from a seed of its own.
fn run_shard(
    shard: usize,
    histories_in_all: u64,
    seed: u64,
    tally: &Mutex<Tally>,
) -> Result<(), String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&(shard as u64).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let cases = u32::try_from(histories_in_all.div_ceil(SHARDS as u64)).expect("fewer histories");
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
        .run(&histories(), |steps| {
            runtime.block_on(upholds_the_guarantees(&steps, tally))
        })
        .map_err(|error| error.to_string())
}

#[test]
fn every_history_upholds_the_guarantees() {
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
    tally.into_inner().unwrap().covers_the_interesting_cases();
}
