//! Runs without a verdict, and runs that could not report it: nothing false is reported, and
//! each failure names its cause and one next step.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod causes;
mod error_codes;
mod incomplete_responses;
#[path = "../harness/responder.rs"]
mod responder;
mod retries;
mod scenarios;
#[path = "../harness/wire.rs"]
mod wire;
