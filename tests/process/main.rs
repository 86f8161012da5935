//! The real `bootstrap` binary against the Lambda Runtime API. `BOOTSTRAP=PATH`
//! runs the same against another build of it, such as the packaged one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and say what it saw"
)]

mod events;
#[path = "../harness/function.rs"]
mod function;
mod leaks;
mod log;
mod log_queries;
#[path = "../harness/responder.rs"]
mod responder;
#[cfg(target_os = "linux")] // what a process holds is read from /proc
mod soak;
mod start;
#[path = "../harness/wire.rs"]
mod wire;
