//! `check`: the rule's own evaluation of the current account, printed instead of
//! reported.

use std::io::Write;
use std::process::ExitCode;

use root_access_key_rule::rule::verdict::Verdict;
use root_keys::failure::Failure;
use root_keys::own_account;

use crate::cli::credentials;
use crate::cli::terminal::not_written;

/// Prints compliance type and annotation; exit code 0 compliant, 2 non-compliant.
///
/// # Errors
/// When it is not known whether the root user has access keys.
pub async fn run(out: &mut impl Write) -> Result<ExitCode, Failure> {
    let caller = credentials::caller().await?;
    let finding = own_account::evaluate(&caller).await?;
    let (account, annotation) = (&caller.account, finding.annotation);
    let compliance_type = finding.verdict.compliance_type();
    writeln!(out, "{account}: {compliance_type}\n{annotation}").map_err(not_written)?;
    Ok(match finding.verdict {
        Verdict::Compliant => ExitCode::SUCCESS,
        Verdict::NonCompliant => ExitCode::from(2),
    })
}
