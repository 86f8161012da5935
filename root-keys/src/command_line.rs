//! The subcommands and their options.

use clap::{Args, Parser, Subcommand};
use root_access_key_rule::event::AccountId;

/// See, judge and delete access keys of root users.
///
/// Uses the credentials and the region that the AWS CLI would use.
#[derive(Parser)]
#[command(name = "root-keys", version, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Judge the current account as the rule would; AWS Config hears nothing.
    ///
    /// Exit code: 0 compliant, 2 non-compliant, 1 could not tell.
    Check,
    /// Show the access keys of a member account's root user.
    ///
    /// From the organization's management account or its delegated
    /// administrator for IAM. Exit code: 0 shown, 1 not.
    List(Target),
    /// Delete one access key of a member account's root user, for good.
    ///
    /// A dry run unless --execute is given. The last line is a JSON record of
    /// what was done. Exit code: 0 if the key is verified to be gone (or the dry
    /// run found nothing against it), 1 if not.
    Delete(Deletion),
}

#[derive(Args)]
pub struct Target {
    /// The member account: 12 digits.
    #[arg(long, value_name = "ID", value_parser = account_id)]
    pub account: AccountId,
}

#[derive(Args)]
pub struct Deletion {
    #[command(flatten)]
    pub target: Target,
    /// The access key's id, as `list` shows it.
    #[arg(long, value_name = "KEYID", value_parser = access_key_id)]
    pub key: String,
    /// Delete it, after a confirmation.
    #[arg(long)]
    pub execute: bool,
    /// Do not ask for the account id to be typed once more.
    #[arg(long)]
    pub yes: bool,
    /// Delete it although it was used in the last 30 days.
    #[arg(long)]
    pub used_recently_anyway: bool,
}

fn account_id(text: &str) -> Result<AccountId, &'static str> {
    AccountId::new(text).ok_or("an account id has 12 digits")
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html>
fn access_key_id(text: &str) -> Result<String, &'static str> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if (16..=128).contains(&text.len()) && text.bytes().all(known) {
        Ok(text.to_owned())
    } else {
        Err("an access key id has 16 to 128 letters and digits")
    }
}
