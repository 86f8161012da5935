//! The operator's command: see, evaluate and delete access keys of root users, and
//! see whether the rule is in every account.
//!
//! | file | what is in it |
//! |---|---|
//! | `command_line` | the subcommands and their options |
//! | `check`, `list`, `delete` | one subcommand each |
//! | `list_accounts` | `list` over many accounts, with a folder |
//! | `status` | the same, with a folder: the whole organization |
//! | `operator` | whose credentials these are |
//! | `administrators` | which accounts may act for the organization, and where to sign in |
//! | `account_state` | which accounts AWS runs nothing in |
//! | `organization` | what must be in place before a root user can be reached |
//! | `root_session` | being a member account's root user, for one task |
//! | `root_key` | what IAM says of a root user's keys |
//! | `confirmation` | the only way to a session that can delete |
//! | `deletion`, `record` | deleting one key, and telling truthfully what became of it |
//! | `exit_codes`, `man` | the exit codes of all subcommands, and the manual pages |
//! | `failure` | why a command did not do what it was asked |
//! | `terminal` | what standard output is, and a reader that leaves |
//! | `time` | moments as this command writes them |

mod account_state;
mod administrators;
mod check;
mod command_line;
mod confirmation;
mod delete;
mod deletion;
mod exit_codes;
mod failure;
mod list;
mod list_accounts;
mod man;
mod operator;
mod organization;
mod record;
mod root_key;
mod root_session;
mod status;
mod terminal;
mod time;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::FromArgMatches;

use command_line::{Arguments, Command};
use failure::Failure;
use terminal::Leaving;

/// Where the documents are that messages point to.
const DOCS: &str = "https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let matches = command_line::command().try_get_matches();
    let arguments = match matches.and_then(|it| Arguments::from_arg_matches(&it)) {
        Ok(arguments) => arguments,
        Err(usage) => {
            // clap's own exit code 2 would read as "non-compliant".
            let _ = usage.print();
            return ExitCode::from(u8::from(usage.use_stderr()));
        }
    };
    if arguments.verbose {
        failure::be_verbose();
    }
    run(arguments.command).await.unwrap_or_else(|failure| {
        let _ = writeln!(io::stderr(), "root-keys: {failure}");
        ExitCode::FAILURE
    })
}

async fn run(command: Command) -> Result<ExitCode, Failure> {
    let mut out = io::stdout();
    match command {
        Command::Check => check::run(&mut Leaving(out)).await,
        Command::List(wanted) => match wanted.single() {
            Some(target) => list::run(&target, &mut Leaving(out)).await,
            None => Box::pin(list_accounts::run(&wanted, &mut Leaving(out))).await,
        },
        Command::Delete(wanted) => delete::run(&wanted, &mut out).await,
        Command::Completions { shell } => {
            let mut completions = Vec::new();
            clap_complete::generate(
                shell,
                &mut command_line::command(),
                "root-keys",
                &mut completions,
            );
            Leaving(out).write_all(&completions)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Man { command } => man::run(command.as_deref(), &mut Leaving(out)),
        Command::Status(wanted) => status::run(&wanted, &mut Leaving(out)).await,
    }
}
