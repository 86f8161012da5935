//! The watch never repairs outside its bounds: random organizations, operations and
//! records of attempts, judged by rules that are written independently of the decision.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod bounds;
mod days;
mod eligible;
mod organization;
mod situations;
