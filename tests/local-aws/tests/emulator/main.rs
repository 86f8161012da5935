//! The contract of the local AWS emulator: what AWS does, and what nobody who uses the emulator
//! would notice to be wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod buckets;
mod client;
mod config;
mod faults;
mod iam;
mod lambda;
mod local;
mod organization;
mod policies;
mod root_user;
mod start_evaluation;
