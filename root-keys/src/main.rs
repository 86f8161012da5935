//! The operator's command: see, evaluate and delete access keys of root users, and
//! see whether the rule is in every account.

mod cli;

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    cli::run().await
}
