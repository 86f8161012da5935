//! `check`: the rule's own evaluation of the current account, told to nobody
//! but whoever asked.

use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use root_access_key_rule::aws::failure::{CallFailure, FailureClass};
use root_access_key_rule::deadline::Deadline;
use root_access_key_rule::evidence::read_account_summary;
use root_access_key_rule::report_request::read_root_keys;
use root_access_key_rule::verdict::Verdict;
use root_access_key_rule::{annotation, evaluation};

use crate::failure::Failure;
use crate::operator::Operator;

/// As long as the function has in Lambda.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Prints compliance type and annotation; exit code 0 compliant, 2 non-compliant.
///
/// # Errors
/// When it could not tell.
pub async fn run(out: &mut impl Write) -> Result<ExitCode, Failure> {
    let operator = Operator::from_environment().await?;
    let account = &operator.account;
    let iam = aws_sdk_iam::Client::new(&operator.sdk);
    let now = SystemTime::now();
    let deadline = Deadline::before(now + TIMEOUT);
    let (summary, _) = read_account_summary(&iam, deadline)
        .await
        .map_err(|failure| no_summary(&operator, &failure))?;
    let verdict = Verdict::of(&summary);
    let annotation = match verdict {
        Verdict::Compliant => annotation::compliant(&summary),
        Verdict::NonCompliant => {
            let report = read_root_keys(&iam, account, deadline).await;
            annotation::non_compliant(&report, now.into())
        }
    };
    let compliance_type = evaluation::compliance_type(verdict);
    writeln!(out, "{account}: {compliance_type}\n{annotation}")?;
    Ok(match verdict {
        Verdict::Compliant => ExitCode::SUCCESS,
        Verdict::NonCompliant => ExitCode::from(2),
    })
}

fn no_summary(operator: &Operator, failure: &CallFailure) -> Failure {
    let Operator { account, arn, .. } = operator;
    let remedy = match failure.class {
        FailureClass::Denied => "allow this action to these credentials",
        FailureClass::Credentials => "sign in again",
        _ => "run the command again",
    };
    Failure::new(format!(
        "cannot tell whether the root user of account {account} has access keys: \
         iam:GetAccountSummary as {arn}: {}; {remedy}",
        failure.cause
    ))
}
