//! An AWS Config custom rule that reports whether the account's root user has access
//! keys.
//!
//! The path of the data, and the file that holds each step:
//!
//! ```text
//! Lambda payload                      lambda/runtime.rs
//!   → EvaluationRequest               rule/event.rs            checked, and proven to be this account's
//!   → AccountSummary                  aws/account_summary.rs   counts only when complete (aws/incomplete_response.rs)
//!   → Verdict                         rule/verdict.rs          the rule itself
//!   → RootKeys                        aws/report_polling.rs, rule/credential_report.rs   only if NON_COMPLIANT
//!   → annotation                      rule/annotation.rs       at most 256 characters
//!   → Evaluation → PutEvaluations     aws/put_evaluations.rs   and its FailedEvaluations are checked
//! ```
//!
//! `handler.rs` puts the steps in order. `finding.rs` has the steps before the report
//! to AWS Config, which `root-keys check` shares;
//! `failed_run.rs` converts a failed call into the error of the failed run. The
//! folders:
//!
//! - `rule/` decides. It is pure: no AWS call, no clock, no output.
//! - `aws/` calls IAM and reports to AWS Config, within a time budget, and
//!   classifies what failed.
//! - `lambda/` stands between Lambda and the handler: start, events, log.
//! - `error.rs` (kind and message of a failed run) and `redaction.rs` (what a
//!   message may hold) import nothing of ours.
//!
//! Every failure is an `Err` that fails the invocation. The rule never falls back to a
//! default or an earlier result. docs/rule.md specifies the behavior, scenario by
//! scenario.

#![deny(clippy::disallowed_methods)]

pub mod aws;
pub mod error;
mod failed_run;
pub mod finding;
pub mod handler;
pub mod lambda;
pub mod redaction;
pub mod rule;
