//! Every function with the events that it gets, some functions side by side.

use std::{
    fmt, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use local_aws::{
    Account, Evaluation, FunctionProcess, Invocation, LocalAws, Outcome, RuntimeApi,
    lambda_environment,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::description::Described;

/// What became of one account's events.
pub struct Done {
    account: String,
    outcomes: Vec<Outcome>,
    /// The most memory that the function's process had, KiB; `None` without a function.
    memory: Option<u64>,
}

/// What all of it took, for whoever measures.
pub struct Took {
    functions: usize,
    events: usize,
    time: Duration,
    /// KiB of each function's process.
    memory: Vec<u64>,
}

/// Runs the functions of all members.
///
/// # Errors
/// When a function cannot be started.
pub async fn all(
    aws: &Arc<LocalAws>,
    bootstrap: &Path,
    members: Vec<Described>,
    side_by_side: usize,
) -> io::Result<(Vec<Done>, Took)> {
    let started = Instant::now();
    let queue = Arc::new(Mutex::new(members));
    let mut workers = JoinSet::new();
    for _ in 0..side_by_side {
        let (aws, queue) = (Arc::clone(aws), Arc::clone(&queue));
        let bootstrap = bootstrap.to_owned();
        workers.spawn(async move {
            let mut done = Vec::new();
            while let Some(member) = next(&queue) {
                done.push(run(&aws, &bootstrap, member).await?);
            }
            Ok::<_, io::Error>(done)
        });
    }
    let mut done = Vec::new();
    while let Some(worker) = workers.join_next().await {
        done.extend(worker??);
    }
    let memory: Vec<_> = done.iter().filter_map(|it| it.memory).collect();
    let took = Took {
        functions: memory.len(),
        events: done.iter().map(|it| it.outcomes.len()).sum(),
        time: started.elapsed(),
        memory,
    };
    Ok((done, took))
}

fn next(queue: &Mutex<Vec<Described>>) -> Option<Described> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

/// One account's function, from its start to its last event.
async fn run(aws: &LocalAws, bootstrap: &Path, member: Described) -> io::Result<Done> {
    let mut done = Done {
        account: member.account,
        outcomes: Vec::new(),
        memory: None,
    };
    let Some(function) = member.function else {
        return Ok(done);
    };
    let runtime = RuntimeApi::start().await?;
    let environment = lambda_environment(aws, &runtime, &Account::new(&done.account));
    let process = FunctionProcess::spawn(bootstrap, &environment)?;
    for event in member.events {
        let invocation = Invocation::of(&function);
        let outcome = process.invoke(&runtime, event.to_string(), invocation);
        done.outcomes.push(outcome.await);
    }
    done.memory = process.peak_memory();
    Ok(done)
}

impl Done {
    /// With the evaluations that AWS Config holds of the account.
    pub fn told(&self, aws: &LocalAws) -> Value {
        json!({
            "account": self.account,
            "outcomes": self.outcomes.iter().map(outcome).collect::<Vec<_>>(),
            "evaluations": aws.evaluations(&self.account).iter().map(evaluation).collect::<Vec<_>>(),
        })
    }
}

/// The error type, or null for a run that succeeded.
fn outcome(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Response(_) => Value::Null,
        Outcome::Error(error) => error.error_type.as_str().into(),
        Outcome::Exited(code) => format!("exited with {code:?}").into(),
    }
}

fn evaluation(evaluation: &Evaluation) -> Value {
    json!({
        "rule": evaluation.rule,
        "resource": [evaluation.resource_type, evaluation.resource_id],
        "compliance": evaluation.compliance_type,
        "annotation": evaluation.annotation,
    })
}

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut memory = self.memory.clone();
        memory.sort_unstable();
        let median = memory.get(memory.len() / 2).copied().unwrap_or_default();
        let most = memory.last().copied().unwrap_or_default();
        let seconds = self.time.as_secs_f64();
        #[allow(clippy::cast_precision_loss, reason = "counts of a few thousand")]
        let rate = |count: usize| count as f64 / seconds;
        write!(
            f,
            "{} functions started and {} events answered in {seconds:.1} s: {:.0} functions and {:.0} events a \
             second; peak memory of a function {median} KiB (median), {most} KiB (most)",
            self.functions,
            self.events,
            rate(self.functions),
            rate(self.events),
        )
    }
}
