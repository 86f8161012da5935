//! Runs the real process for many invocations, one in twenty of which fails: nothing
//! grows, nothing slows down, and no secret is printed. `INVOCATIONS=100000`
//! makes it long, `BOOTSTRAP=PATH` takes another build; see docs/reliability.md.

use std::collections::BTreeMap;
use std::time::Duration;
use std::{fmt, fs};

use crate::function::Function;
use crate::wire::{ACCOUNT, FUNCTION, account, account_with_key};
use local_aws::{Fault, Framing, Invocation, Operation, Outcome};
use serde_json::Value;

use Operation::{GetAccountSummary, GetCredentialReport, PutEvaluations};

/// One invocation in so many fails.
const FAILURE_INTERVAL: usize = 20;
/// One in so many is of an account with a key, and needs the credential report.
const KEY_INTERVAL: usize = 7; // not a divisor of FAILURE_INTERVAL: both kinds of account meet it
/// Invocations between two readings.
const BLOCK: usize = 1_000;
/// From so many invocations on, growth and latency are judged.
const LONG: usize = 10_000;

/// What the process holds, and how fast it answered since the last reading.
struct Reading {
    invocations: usize,
    memory_kb: u64,
    files: usize,
    sockets: usize,
    median: Duration,
    slowest_hundredth: Duration,
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:6} invocations: {} kB, {} open files, {} of them sockets; half took {:?}, all but a hundredth {:?}",
            self.invocations,
            self.memory_kb,
            self.files,
            self.sockets,
            self.median,
            self.slowest_hundredth,
        )
    }
}

#[tokio::test]
async fn a_long_running_process_leaks_no_memory_files_or_secrets() {
    let invocations = std::env::var("INVOCATIONS").map_or(200, |text| text.parse().unwrap());
    let function = Function::start(account()).await;
    let mut outcomes = BTreeMap::new();
    let mut readings = Vec::new();
    for first in (0..invocations).step_by(BLOCK) {
        let block = first..invocations.min(first + BLOCK);
        let reading = live(&function, block, &mut outcomes).await;
        println!("{reading}");
        readings.push(reading);
    }
    println!("{outcomes:?}; {:?} in all", function.aws.connections());
    for needed in [
        "COMPLIANT",
        "NON_COMPLIANT",
        "EvidenceUnavailable",
        "EvaluationNotDelivered",
    ] {
        assert!(outcomes.contains_key(needed), "{needed} never occurred");
    }
    if invocations >= LONG {
        must_not_have_grown(&readings);
    }
}

/// Invokes the function once for each number, and reads what that left behind.
async fn live(
    function: &Function,
    numbers: std::ops::Range<usize>,
    outcomes: &mut BTreeMap<String, usize>,
) -> Reading {
    let mut times = Vec::new();
    let mut secrets = credentials();
    let (count, end) = (numbers.len(), numbers.end);
    for number in numbers {
        let event = function.aws.event(ACCOUNT);
        let token = event["resultToken"].as_str().unwrap();
        secrets.extend([token[..24].to_owned(), token[token.len() - 40..].to_owned()]);
        let name = invoke(function, number, &event).await;
        if !number.is_multiple_of(FAILURE_INTERVAL) && !number.is_multiple_of(KEY_INTERVAL) {
            assert_eq!(name, "COMPLIANT", "invocation {number}");
            times.push(function.runtime.last_duration().unwrap());
        }
        *outcomes.entry(name).or_default() += 1;
    }
    let output = lines_written(function, count).await;
    for secret in secrets {
        assert!(!output.contains(&secret), "{secret} was printed");
    }
    function.aws.forget();
    times.sort_unstable();
    Reading {
        median: times[times.len() / 2],
        slowest_hundredth: times[times.len() * 99 / 100],
        ..held(function, end)
    }
}

fn credentials() -> Vec<String> {
    let keys = account().credentials();
    vec![keys.secret_access_key, keys.session_token]
}

/// Runs invocation `number`; its verdict or its error type.
async fn invoke(function: &Function, number: usize, event: &Value) -> String {
    function.aws.clear_faults(ACCOUNT);
    function
        .aws
        .put_account(if number.is_multiple_of(KEY_INTERVAL) {
            account_with_key()
        } else {
            account()
        });
    let mut invocation = Invocation::of(FUNCTION);
    let mut payload = event.to_string();
    if number.is_multiple_of(FAILURE_INTERVAL) {
        match trouble(number / FAILURE_INTERVAL, event) {
            Trouble::Payload(other) => payload = other,
            Trouble::Fault(operation, fault) => {
                if matches!(fault, Fault::Hang) {
                    invocation = invocation.within(Duration::from_millis(1_200));
                }
                function.aws.fault(ACCOUNT, operation, fault);
            }
        }
    }
    match function
        .process
        .invoke(&function.runtime, payload, invocation)
        .await
    {
        Outcome::Response(body) => {
            let answer: Value = serde_json::from_str(&body).unwrap();
            answer["complianceType"].as_str().unwrap().to_owned()
        }
        Outcome::Error(error) => error.error_type,
        Outcome::Exited(code) => panic!("the process ended with {code:?}"),
    }
}

enum Trouble {
    Fault(Operation, Fault),
    Payload(String),
}

/// The fault of the failing invocation number `turn`.
fn trouble(turn: usize, event: &Value) -> Trouble {
    let token = event["resultToken"].as_str().unwrap();
    let cut = |bytes, framing| Fault::Cut { bytes, framing };
    let faults = [
        (GetAccountSummary, Fault::Throttle),
        (PutEvaluations, Fault::Throttle),
        (GetAccountSummary, Fault::ServerError(500)),
        (PutEvaluations, Fault::ServerError(503)),
        (GetAccountSummary, Fault::Denied),
        (GetCredentialReport, Fault::Denied),
        (GetAccountSummary, Fault::Hang),
        (PutEvaluations, Fault::Hang),
        (GetAccountSummary, Fault::ResetBeforeAnswer),
        (GetAccountSummary, Fault::ResetDuringAnswer(1_000)),
        (PutEvaluations, Fault::AcceptThenReset),
        (GetAccountSummary, cut(1_000, Framing::MatchingLength)),
        (GetAccountSummary, cut(1_000, Framing::PromisedLength)),
        (PutEvaluations, cut(10, Framing::CloseDelimited)),
        (GetAccountSummary, Fault::Garbled(vec![(40, 1)])),
        (GetCredentialReport, Fault::Garbled(vec![(900, 4)])),
        (
            GetAccountSummary,
            Fault::xml("<html>Welcome to the network</html>"),
        ),
        (PutEvaluations, Fault::WithoutRequestId),
        (PutEvaluations, Fault::FailedEvaluations),
        (
            PutEvaluations,
            Fault::aws_error(400, "InvalidResultTokenException", token),
        ),
    ];
    let payloads = ["", "{", "not JSON", "{}"];
    let turn = turn % (faults.len() + payloads.len());
    match faults.into_iter().nth(turn) {
        Some((operation, fault)) => Trouble::Fault(operation, fault),
        None => Trouble::Payload(payloads[turn % payloads.len()].to_owned()),
    }
}

/// The log lines since the last reading, one for each invocation.
async fn lines_written(function: &Function, count: usize) -> String {
    let mut output = function.process.take_output();
    for _ in 0..500 {
        if output.lines().count() >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        output.push_str(&function.process.take_output());
    }
    assert_eq!(output.lines().count(), count, "log lines");
    output
}

/// What the process holds now.
fn held(function: &Function, invocations: usize) -> Reading {
    let process = format!("/proc/{}", function.process.id().unwrap());
    let status = fs::read_to_string(format!("{process}/status")).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let resident = resident.unwrap().trim().trim_end_matches(" kB");
    let open: Vec<_> = fs::read_dir(format!("{process}/fd"))
        .unwrap()
        .filter_map(|file| fs::read_link(file.unwrap().path()).ok())
        .collect();
    let is_socket = |file: &&std::path::PathBuf| file.to_string_lossy().starts_with("socket:");
    Reading {
        invocations,
        memory_kb: resident.parse().unwrap(),
        files: open.len(),
        sockets: open.iter().filter(is_socket).count(),
        median: Duration::ZERO,
        slowest_hundredth: Duration::ZERO,
    }
}

/// The second half of the life holds no more than its first tenth did, and its
/// last thousands are as fast as the first.
fn must_not_have_grown(readings: &[Reading]) {
    must_not_grow("kB of memory", readings, 512, |reading| reading.memory_kb);
    must_not_grow("open files", readings, 0, |reading| reading.files as u64);
    must_not_grow("sockets", readings, 0, |reading| reading.sockets as u64);
    // The best of five, as other work on the machine comes and goes.
    let fastest = |part: &[Reading]| part.iter().map(|reading| reading.median).min();
    let first = fastest(&readings[..5]).unwrap();
    let last = fastest(&readings[readings.len() - 5..]).unwrap();
    assert!(
        last <= first * 3 / 2,
        "of the first thousands half took {first:?}, of the last {last:?}"
    );
}

fn must_not_grow(what: &str, readings: &[Reading], allowed: u64, of: impl Fn(&Reading) -> u64) {
    let most = |part: &[Reading]| part.iter().map(&of).max().unwrap();
    let before = most(&readings[..readings.len() / 10]);
    let after = most(&readings[readings.len() / 2..]);
    assert!(
        after <= before + allowed,
        "{what} grew from {before} to {after}"
    );
}
