//! Writes the log: one JSON line for each evaluation and each failure.
//!
//! The lines go to standard output, in the form that Lambda's JSON log format requires
//! of a custom runtime
//! (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>):
//! `timestamp` and `level` beside the fields. Result tokens, credentials and raw
//! responses are never logged.

use std::env;

use lambda_runtime::Context;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::error::{RuleError, RunError};
use crate::handler::Evaluated;
use crate::rule::account_id::AccountId;

/// The version of this rule, as in `Cargo.toml`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the names of our crates begin with.
const OUR_CRATES: &str = "root_access_key";

/// Starts logging at Lambda's `AWS_LAMBDA_LOG_LEVEL` (INFO if it is not set). Lines of
/// libraries are left out: some quote responses and endpoints even at ERROR, and every
/// failure has a line of ours. `RUST_LOG` is not read. The packaged function has no
/// lines below INFO (`Makefile`).
pub fn start() {
    let ours = level(env::var("AWS_LAMBDA_LOG_LEVEL").ok().as_deref());
    let targets = Targets::new().with_target(OUR_CRATES, ours);
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false);
    // A second call, for example in tests, keeps the first subscriber.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(targets))
        .try_init();
}

/// Converts Lambda's level. FATAL becomes ERROR, so that failures are logged.
fn level(lambda_level: Option<&str>) -> LevelFilter {
    match lambda_level.map(str::to_ascii_uppercase).as_deref() {
        Some("TRACE") => LevelFilter::TRACE,
        Some("DEBUG") => LevelFilter::DEBUG,
        Some("WARN") => LevelFilter::WARN,
        Some("ERROR" | "FATAL") => LevelFilter::ERROR,
        _ => LevelFilter::INFO,
    }
}

/// Logs the outcome of a run of the rule.
pub fn evaluation(outcome: &Result<Evaluated, RuleError>, context: &Context) {
    match outcome {
        Ok(evaluated_account) => evaluated(evaluated_account, context),
        Err(error) => failed(error, context),
    }
}

/// Logs an evaluation that AWS Config accepted.
fn evaluated(evaluated: &Evaluated, context: &Context) {
    let Evaluated {
        evidence_ms,
        report_ms,
        delivery_ms,
        ..
    } = evaluated;
    tracing::info!(
        account = evaluated.account,
        rule = evaluated.rule,
        compliance_type = evaluated.compliance_type,
        // Only if it is true, so that a query can leave such lines out.
        test_mode = evaluated.test_mode.then_some(true),
        annotation = evaluated.annotation,
        version = VERSION,
        request_id = context.request_id,
        iam_request_id = evaluated.iam_request_id,
        config_request_id = evaluated.config_request_id,
        evidence_ms,
        report_ms,
        delivery_ms,
        total_ms = evidence_ms + report_ms + delivery_ms,
        "evaluated"
    );
}

/// Logs a failed run; `account` is the function's own.
fn failed(error: &RuleError, context: &Context) {
    let account = AccountId::of_function_arn(&context.invoked_function_arn);
    tracing::error!(
        account = account.as_ref().map(AccountId::as_str),
        error_type = error.error_type(),
        error = error.message(),
        version = VERSION,
        request_id = context.request_id,
        "evaluation failed"
    );
}

/// Logs a failed start.
pub fn not_started(error: &impl RunError) {
    tracing::error!(
        error_type = error.error_type(),
        error = error.message(),
        version = VERSION,
        "start failed"
    );
}

/// Logs that the process no longer serves events.
pub fn stopped(error_type: &str, message: &str) {
    tracing::error!(error_type, error = message, version = VERSION, "stopped");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_level_is_lambdas_and_info_by_default() {
        let levels = [
            (Some("trace"), LevelFilter::TRACE),
            (Some("DEBUG"), LevelFilter::DEBUG),
            (Some("INFO"), LevelFilter::INFO),
            (Some("WARN"), LevelFilter::WARN),
            (Some("ERROR"), LevelFilter::ERROR),
            (Some("FATAL"), LevelFilter::ERROR),
            (Some("nonsense"), LevelFilter::INFO),
            (None, LevelFilter::INFO),
        ];
        for (lambda, ours) in levels {
            assert_eq!(level(lambda), ours, "{lambda:?}");
        }
    }
}
