//! The steps of a run against the emulator, over the wire: what they store and in which
//! order, what they answer, and what is left when one of them fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    reason = "a test may stop at the first surprise, and others use the same organization"
)]

mod bucket;
mod not_visible;
mod organization;
mod repairs;
mod retries;
mod run;
mod time;
