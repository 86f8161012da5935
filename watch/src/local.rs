//! Runs futures that stay on one thread for callers that require others: `lambda_runtime`
//! may move the future of an invocation between threads, and those of `root-keys` may not
//! be moved.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, spawn_local};

use crate::answer::Answer;
use crate::error::WatchError;
use crate::steps::{Invocation, Watch};

type Outcome = Result<Answer, WatchError>;

/// A step that waits for its turn.
struct Job {
    watch: Arc<Watch>,
    payload: String,
    invocation: Invocation,
    done: oneshot::Sender<thread::Result<Outcome>>,
}

/// Passes steps to the thread of the [`tokio::task::LocalSet`] that it was made in.
#[derive(Debug, Clone)]
pub struct LocalSteps(mpsc::UnboundedSender<Job>);

impl LocalSteps {
    /// Starts the task that runs the steps one after the other.
    #[must_use]
    pub fn start() -> Self {
        let (jobs, mut waiting) = mpsc::unbounded_channel::<Job>();
        spawn_local(async move {
            while let Some(job) = waiting.recv().await {
                let (watch, payload, invocation) = (job.watch, job.payload, job.invocation);
                // A task of its own: a panic ends it, and not this one.
                let step = spawn_local(async move { watch.step(&payload, &invocation).await });
                let _ = job.done.send(step.await.map_err(JoinError::into_panic));
            }
        });
        Self(jobs)
    }

    /// Runs one step. A panic in it goes on in the caller.
    ///
    /// # Errors
    /// As [`Watch::step`].
    pub async fn run(&self, watch: Arc<Watch>, payload: String, invocation: Invocation) -> Outcome {
        let (done, outcome) = oneshot::channel();
        let job = Job {
            watch,
            payload,
            invocation,
            done,
        };
        let _ = self.0.send(job);
        match outcome.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(lost) => resume_unwind(Box::new(lost)),
        }
    }
}
