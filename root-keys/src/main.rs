//! The operator's command: lists, evaluates, and deletes access keys of root users, and
//! shows whether the rule is in every account.

mod cli;

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    cli::run().await
}
