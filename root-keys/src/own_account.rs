//! The rule's own evaluation of the current account.

use std::time::{Duration, SystemTime};

use root_access_key_rule::aws::deadline::Deadline;
use root_access_key_rule::aws::failure::CallFailure;
use root_access_key_rule::finding::Finding;

use crate::aws::caller::Caller;
use crate::aws::next_step::{Call, IDENTITY, SERVICE_CONTROL, next_step};
use crate::failure::Failure;

/// As long as the function has in Lambda.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Evaluates the account as the function does; reports nothing to AWS Config.
///
/// # Errors
/// When it is not known whether the root user has access keys.
pub async fn evaluate(caller: &Caller) -> Result<Finding, Failure> {
    let now = SystemTime::now();
    let deadline = Deadline::before(now + TIMEOUT);
    let iam = caller.iam_of_the_rule();
    Finding::read(&iam, &caller.account, now.into(), deadline)
        .await
        .map_err(|failure| unknown(caller, &failure))
}

fn unknown(caller: &Caller, failure: &CallFailure) -> Failure {
    let Caller { account, arn, .. } = caller;
    let call = Call {
        action: "iam:GetAccountSummary",
        by: arn,
        account: Some(account.as_str()),
        as_root: false,
    };
    let allow = format!("allow iam:GetAccountSummary to {arn} in");
    let next_step = next_step(failure, &call, || match failure.blamed_policy {
        Some(IDENTITY) => format!("{allow} an identity-based policy"),
        Some(SERVICE_CONTROL) => format!("{allow} the service control policies of {account}"),
        _ => format!(
            "{allow} an identity-based policy, and check whether a service control policy denies \
             it"
        ),
    });
    Failure::new(format!(
        "cannot tell whether the root user of account {account} has access keys: \
         iam:GetAccountSummary as {arn}: {}; {next_step}",
        failure.cause
    ))
}
