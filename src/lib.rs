//! An AWS Config custom rule: does the root user of this account have access
//! keys?
//!
//! The path of the data, and the file that holds each step:
//!
//! ```text
//! Lambda payload                      runtime.rs
//!   → EvaluationRequest               event.rs            checked, and proven to be this account's
//!   → AccountSummary                  evidence.rs         counted only when whole (whole_answer.rs)
//!   → Verdict                         verdict.rs          the rule itself
//!   → RootKeys                        report_request.rs, credential_report.rs   only if NON_COMPLIANT
//!   → annotation                      annotation.rs       at most 256 characters
//!   → Evaluation → PutEvaluations     evaluation.rs       and FailedEvaluations looked at
//! ```
//!
//! `handler.rs` puts the steps in order, `finding.rs` those before the report to AWS
//! Config, which `root-keys check` has in common with the function. Beside the path stand `startup.rs` and
//! `sdk.rs` (before the first event), `deadline.rs` (how long a run may take),
//! `aws/failure.rs` (what kind of failure a failed call is), `failed_run.rs` and
//! `error.rs` (why a run can fail, in words), `redaction.rs` (what a message may
//! hold), and `logging.rs`.
//!
//! A failure anywhere is an `Err` that fails the invocation; there is no default
//! and no old value. docs/rule.md is the contract, scenario by scenario.

#![deny(clippy::disallowed_methods)]

pub mod annotation;
pub mod aws {
    //! What is asked of AWS.
    pub mod failure;
}
pub mod credential_report;
pub mod deadline;
pub mod error;
pub mod evaluation;
pub mod event;
pub mod evidence;
mod failed_run;
pub mod finding;
pub mod handler;
pub mod logging;
mod redaction;
pub mod report_request;
pub mod runtime;
pub mod sdk;
pub mod startup;
pub mod verdict;
mod whole_answer;
