//! Calls IAM, reports to AWS Config, and classifies the calls that fail.

pub mod account_summary;
pub mod deadline;
mod error_chain;
mod error_codes;
pub mod failure;
mod incomplete_response;
mod no_response;
pub mod put_evaluations;
pub mod report_polling;
mod retry;
pub mod sdk_config;
mod sdk_error;
pub(crate) mod time_budget;
