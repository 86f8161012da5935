//! The subcommands and their options.

use std::path::PathBuf;

use clap::{ArgGroup, Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use root_access_key_rule::rule::account_id::AccountId;
use root_keys::organization::organizational_unit;
use root_keys::organization::rollout_facts::RolloutMode;

use crate::cli::exit_codes;

/// List, evaluate, and delete the access keys of root users.
///
/// Uses the credentials and the region that the AWS CLI would use.
#[derive(Parser)]
#[command(name = "root-keys", version, arg_required_else_help = true)]
pub struct Arguments {
    /// Also show the AWS SDK's chain of errors for each failed call.
    #[arg(long, global = true)]
    pub verbose: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Evaluate the current account as the rule does, without reporting to AWS Config.
    Check,
    /// Show the access keys of the root users of member accounts.
    ///
    /// Run it in the organization's management account or its delegated
    /// administrator for IAM. An account that cannot be read is shown with the
    /// reason. Ctrl-C stops and shows what was read so far.
    List(ListArguments),
    /// Permanently delete one access key of a member account's root user.
    ///
    /// This is a dry run unless you use --execute. The last line is a JSON record
    /// of what was done.
    Delete(DeleteArguments),
    /// Decide which root access keys can be deleted, based on the output of `root-keys list`.
    ///
    /// Reads the output of `root-keys list --output json`. This command makes no AWS calls.
    /// It writes a plan for a person to review, with one line for each key, and prints it
    /// as a table. The plan is valid for 24 hours after the keys were read.
    Plan(PlanArguments),
    /// Permanently delete the root access keys of a plan.
    ///
    /// This is a dry run unless you use --execute. It reads each key again immediately
    /// before it deletes it, and skips a key that has changed since the plan was made. The
    /// command records each step in a journal next to the plan, PLAN.journal. If the
    /// command is interrupted, apply the plan again to continue.
    Apply(ApplyArguments),
    /// Show whether each account in the organization has the rule, and what the rule found.
    ///
    /// Run it in the organization's management account or the delegated
    /// administrator that deploys, in the home region. It changes nothing.
    Status(StatusArguments),
    /// Put a file of exemptions where the daily watch reads it.
    ///
    /// Checks the file, shows what it changes, and writes it to the watch's bucket unless
    /// somebody else changed the object meanwhile. Run it in the account of the watch.
    Exemptions(ExemptionsArguments),
    /// Print the completions for a shell.
    ///
    /// For bash, `root-keys completions bash >
    /// ~/.local/share/bash-completion/completions/root-keys` installs them.
    Completions {
        /// The shell to complete for.
        shell: Shell,
    },
    /// Print the manual page of root-keys or of one of its commands.
    ///
    /// `root-keys man list | man --local-file -` shows the page of `list`.
    Man {
        /// The command to describe; by default root-keys itself.
        #[arg(value_parser = ["check", "list", "delete", "plan", "apply", "status", "exemptions", "completions", "man"])]
        command: Option<String>,
    },
}

/// Builds the command line, with the exit codes below the help of each subcommand.
pub fn command() -> clap::Command {
    let command = Arguments::command();
    let names: Vec<_> = command
        .get_subcommands()
        .map(|it| it.get_name().to_owned())
        .collect();
    names.into_iter().fold(command, |command, name| {
        let codes = exit_codes::of(&name);
        command.mut_subcommand(name, |it| it.after_help(codes))
    })
}

#[derive(Args)]
pub struct StatusArguments {
    /// The AWS Config aggregator to read; by default the organization's own.
    #[arg(long, value_name = "NAME")]
    pub aggregator: Option<String>,
    /// Show every account, not only those with problems, and every entry of a long list.
    #[arg(long)]
    pub all: bool,
    /// Show each rule's annotation and the age of its last evaluation.
    #[arg(long, conflicts_with = "preflight")]
    pub details: bool,
    /// Show what would make a rollout fail, instead of the status.
    #[arg(long, value_name = "MODE", num_args = 0..=1, require_equals = true, default_missing_value = "stack-set")]
    pub preflight: Option<Mode>,
    /// A JSON file of accounts that are exempt. docs/root-keys.md describes the format.
    #[arg(long, value_name = "FILE", conflicts_with = "preflight")]
    pub exemptions: Option<PathBuf>,
    /// The output format: a table, one JSON document with all facts and their sources, CSV with one line per account, or a page for browsers. A preflight has the first two.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub output: Output,
}

#[derive(Args)]
pub struct ExemptionsArguments {
    /// What to do with the file.
    pub action: ExemptionsAction,
    /// A JSON file of accounts that are exempt. docs/root-keys.md describes the format.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The bucket of the watch: the output `BucketName` of its stack.
    #[arg(long, value_name = "NAME")]
    pub bucket: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExemptionsAction {
    /// Write it to the bucket.
    Put,
}

/// The ways of rolling out that docs/organization.md describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    StackSet,
    OrganizationPack,
}

impl From<Mode> for RolloutMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::StackSet => Self::StackSet,
            Mode::OrganizationPack => Self::OrganizationPack,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    Table,
    Json,
    Csv,
    Html,
}

/// Which accounts to list.
#[derive(Args)]
#[command(group = ArgGroup::new("requested").required(true).args(["account", "accounts", "ou", "all"]))]
pub struct ListArguments {
    /// One member account: 12 digits.
    #[arg(long, value_name = "ID", value_parser = account_id)]
    pub account: Option<AccountId>,
    /// Several accounts, separated by commas.
    #[arg(long, value_name = "ID,…", value_delimiter = ',', value_parser = account_id)]
    pub accounts: Vec<AccountId>,
    /// All accounts in and below these organizational units or roots, by ID.
    #[arg(long, value_name = "ID,…", value_delimiter = ',', value_parser = unit)]
    pub ou: Vec<String>,
    /// All accounts of the organization.
    #[arg(long)]
    pub all: bool,
    /// The output format: a table, one JSON document, or CSV with one line per key.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub output: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Json,
    Csv,
}

#[derive(Args)]
pub struct DeleteArguments {
    /// The member account: 12 digits.
    #[arg(long, value_name = "ID", value_parser = account_id)]
    pub account: AccountId,
    /// The ID of the access key, as `list` shows it.
    #[arg(long, value_name = "KEYID", value_parser = access_key_id)]
    pub key: String,
    /// Delete the key after you confirm.
    #[arg(long)]
    pub execute: bool,
    /// Do not prompt for the account ID.
    #[arg(long)]
    pub yes: bool,
    /// Delete the key even if it was used in the last 30 days, or was created in the last 30 days and has no recorded use.
    #[arg(long)]
    pub used_recently_anyway: bool,
}

#[derive(Args)]
pub struct PlanArguments {
    /// The document of `root-keys list --output json`.
    #[arg(long, value_name = "FILE")]
    pub from: PathBuf,
    /// Keep every key that was used within this many days before it was listed; at least 30d.
    #[arg(long, value_name = "DAYS", default_value = "90d", value_parser = days)]
    pub unused_for: u16,
    /// A JSON file of accounts whose keys must not be deleted. docs/root-keys.md describes the format.
    #[arg(long, value_name = "FILE")]
    pub exemptions: Option<PathBuf>,
    /// The file to write the plan to. It must not exist yet.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Args)]
pub struct ApplyArguments {
    /// The plan that `root-keys plan` wrote.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Delete the keys after you type how many remain.
    #[arg(long)]
    pub execute: bool,
    /// Stop after this many failures.
    #[arg(long, value_name = "NUMBER", default_value = "3", requires = "execute", value_parser = clap::value_parser!(u16).range(1..))]
    pub stop_after: u16,
}

/// Whatever used a key in the last 30 days may use it again.
fn days(text: &str) -> Result<u16, &'static str> {
    let days = text.strip_suffix('d').and_then(|days| days.parse().ok());
    days.filter(|days| *days >= 30)
        .ok_or("a number of days, at least 30, for example 90d")
}

fn unit(text: &str) -> Result<String, &'static str> {
    if organizational_unit::is_id(text) {
        Ok(text.to_owned())
    } else {
        Err("the ID of an organizational unit is ou-…-…, and the ID of a root is r-…")
    }
}

fn account_id(text: &str) -> Result<AccountId, &'static str> {
    AccountId::new(text).ok_or("an account ID has 12 digits")
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html>
fn access_key_id(text: &str) -> Result<String, &'static str> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if (16..=128).contains(&text.len()) && text.bytes().all(known) {
        Ok(text.to_owned())
    } else {
        Err("an access key ID has 16 to 128 letters and digits")
    }
}
