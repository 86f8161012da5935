//! `list`: each access key of a member account's root user.

use std::io::Write;
use std::process::ExitCode;

use crate::command_line::Target;
use crate::failure::Failure;
use crate::operator::Operator;
use crate::organization::{self, Member};
use crate::root_key::{self, RootKey};
use crate::root_session::AuditSession;

/// Prints the keys.
///
/// # Errors
/// When a precondition is missing, or IAM does not answer.
pub async fn run(target: &Target, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let operator = Operator::from_environment().await?;
    let member = organization::member(&operator, &target.account).await?;
    let session = AuditSession::open(&operator, &member).await?;
    let keys = root_key::read(&session, &member).await?;
    show(&member, &keys, out)?;
    Ok(ExitCode::SUCCESS)
}

/// One line for the account, one for each key.
pub fn show(member: &Member, keys: &[RootKey], out: &mut impl Write) -> Result<(), Failure> {
    let Member { account, name } = member;
    let number = match keys.len() {
        0 => "no root access keys".to_owned(),
        1 => "1 root access key".to_owned(),
        number => format!("{number} root access keys"),
    };
    writeln!(out, "{account} ({name}): {number}")?;
    for key in keys {
        writeln!(out, "{key}")?;
    }
    Ok(())
}
