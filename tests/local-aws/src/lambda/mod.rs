//! AWS Lambda: its Runtime API, and a function's real process.

pub(crate) mod function_process;
pub(crate) mod runtime_api;
