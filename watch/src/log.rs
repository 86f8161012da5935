//! The lines of the log: one for each step, and one with the metrics of each run.

use std::io::{self, Write};

use lambda_runtime::Context;
use root_access_key_rule::error::RunError;

use crate::answer::Answer;
use crate::error::WatchError;

/// Logs the outcome of a step.
pub fn step(outcome: &Result<Answer, WatchError>, context: &Context) {
    let request_id = &context.request_id;
    match outcome {
        Ok(answer) => {
            tracing::info!(request_id, next = ?answer.next, version = VERSION, "step ended");
        }
        Err(error) => tracing::error!(
            request_id,
            error_type = error.error_type(),
            error = error.message(),
            version = VERSION,
            "step failed"
        ),
    }
}

/// Writes a line of metrics to standard output, from where CloudWatch takes it.
pub fn metrics(line: &str) {
    // Without standard output there is no log at all.
    let _ = writeln!(io::stdout(), "{line}");
}

const VERSION: &str = env!("CARGO_PKG_VERSION");
