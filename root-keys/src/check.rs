//! `check`: the rule's own evaluation of the current account, printed instead of
//! reported.

use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use root_access_key_rule::aws::deadline::Deadline;
use root_access_key_rule::aws::failure::CallFailure;
use root_access_key_rule::finding::Finding;
use root_access_key_rule::rule::verdict::Verdict;

use crate::failure::{Call, Failure, IDENTITY, SERVICE_CONTROL, remedy};
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
    let now = SystemTime::now();
    let deadline = Deadline::before(now + TIMEOUT);
    let finding = Finding::read(&operator.iam_of_the_rule(), account, now.into(), deadline)
        .await
        .map_err(|failure| no_summary(&operator, &failure))?;
    let compliance_type = finding.verdict.compliance_type();
    let annotation = finding.annotation;
    writeln!(out, "{account}: {compliance_type}\n{annotation}")?;
    Ok(match finding.verdict {
        Verdict::Compliant => ExitCode::SUCCESS,
        Verdict::NonCompliant => ExitCode::from(2),
    })
}

fn no_summary(operator: &Operator, failure: &CallFailure) -> Failure {
    let Operator { account, arn, .. } = operator;
    let call = Call {
        action: "iam:GetAccountSummary",
        by: arn,
        account: Some(account.as_str()),
        as_root: false,
    };
    let allow = format!("allow iam:GetAccountSummary to {arn} in");
    let remedy = remedy(failure, &call, || match failure.blamed_policy {
        Some(IDENTITY) => format!("{allow} an identity-based policy"),
        Some(SERVICE_CONTROL) => format!("{allow} the service control policies of {account}"),
        _ => format!(
            "{allow} an identity-based policy, and look for a service control policy that does \
             not allow it"
        ),
    });
    Failure::new(format!(
        "cannot tell whether the root user of account {account} has access keys: \
         iam:GetAccountSummary as {arn}: {}; {remedy}",
        failure.cause
    ))
}
