//! The command line: arguments, exit codes, terminal output.
//!
//! | file | what is in it |
//! |---|---|
//! | `arguments` | the subcommands and their options |
//! | `check`, `list`, `delete`, `plan`, `apply`, `status`, `exemptions`, `man` | one subcommand each |
//! | `credentials` | finds credentials and region where the AWS CLI finds them |
//! | `exemptions_file` | reads a file of exemptions |
//! | `prompt` | asks for a confirmation before a deletion |
//! | `exit_codes` | the exit codes of all subcommands |
//! | `terminal`, `progress_bar` | what standard output is, and how far a listing is |

mod apply;
mod arguments;
mod check;
mod credentials;
mod delete;
mod exemptions;
mod exemptions_file;
mod exit_codes;
mod list;
mod man;
mod plan;
mod progress_bar;
mod prompt;
mod status;
mod terminal;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::FromArgMatches;
use root_keys::aws::call;
use root_keys::failure::Failure;

use arguments::{Arguments, Command};
use terminal::{ClosedPipeAllowed, not_written};

/// Runs the subcommand that the arguments name.
pub async fn run() -> ExitCode {
    let matches = arguments::command().try_get_matches();
    let arguments = match matches.and_then(|it| Arguments::from_arg_matches(&it)) {
        Ok(arguments) => arguments,
        Err(usage) => {
            // clap's own exit code 2 would read as "non-compliant".
            let _ = usage.print();
            return ExitCode::from(u8::from(usage.use_stderr()));
        }
    };
    if arguments.verbose {
        call::show_causes_on_stderr();
    }
    subcommand(arguments.command)
        .await
        .unwrap_or_else(|failure| {
            let _ = writeln!(io::stderr(), "root-keys: {failure}");
            ExitCode::FAILURE
        })
}

async fn subcommand(command: Command) -> Result<ExitCode, Failure> {
    let mut out = io::stdout();
    match command {
        Command::Check => check::run(&mut ClosedPipeAllowed(out)).await,
        Command::List(arguments) => {
            Box::pin(list::run(&arguments, &mut ClosedPipeAllowed(out))).await
        }
        // What was deleted must reach its reader: a closed pipe is a failure here.
        Command::Delete(arguments) => Box::pin(delete::run(&arguments, &mut out)).await,
        Command::Plan(arguments) => plan::run(&arguments, &mut ClosedPipeAllowed(out)),
        Command::Apply(arguments) => Box::pin(apply::run(&arguments, &mut out)).await,
        Command::Completions { shell } => {
            let mut completions = Vec::new();
            let mut command = arguments::command();
            clap_complete::generate(shell, &mut command, "root-keys", &mut completions);
            ClosedPipeAllowed(out)
                .write_all(&completions)
                .map_err(not_written)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Man { command } => man::run(command.as_deref(), &mut ClosedPipeAllowed(out)),
        Command::Exemptions(arguments) => Box::pin(exemptions::run(&arguments, &mut out)).await,
        Command::Status(arguments) => {
            Box::pin(status::run(&arguments, &mut ClosedPipeAllowed(out))).await
        }
    }
}
