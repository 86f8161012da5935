//! Words a failed AWS call as the failed run that it leads to: the error type,
//! the account, the cause, and one next step for whoever reads it.

use crate::aws::failure::{CallFailure, FailureClass};
use crate::error::{ErrorKind, RuleError};
use crate::event::AccountId;

const EVIDENCE: &str = "iam:GetAccountSummary";
const REPORT: &str = "config:PutEvaluations";

/// The run that has no evidence for a verdict, because `iam:GetAccountSummary`
/// failed.
pub(crate) fn evidence_unavailable(account: &AccountId, failure: &CallFailure) -> RuleError {
    let (cause, remedy) = (&failure.cause, remedy(EVIDENCE, "IAM", failure));
    RuleError::new(
        ErrorKind::EvidenceUnavailable,
        format!(
            "cannot tell whether the root user of account {account} has access keys: {EVIDENCE}: \
         {cause}; nothing was reported to AWS Config; {remedy}"
        ),
    )
}

/// The run whose evaluation AWS Config may not have, because
/// `config:PutEvaluations` failed before AWS Config judged the evaluation.
pub(crate) fn not_delivered(account: &AccountId, failure: &CallFailure) -> RuleError {
    let remedy = remedy(REPORT, "AWS Config", failure);
    RuleError::new(
        ErrorKind::EvaluationNotDelivered,
        not_reported(account, &failure.cause, &remedy),
    )
}

/// The run whose evaluation AWS Config refused, or does not let the function
/// report.
pub(crate) fn rejected(account: &AccountId, cause: &str, remedy: &str) -> RuleError {
    RuleError::new(
        ErrorKind::EvaluationRejected,
        not_reported(account, cause, remedy),
    )
}

/// What to do about a call that a policy does not allow.
pub(crate) fn allow_report(failure: &CallFailure) -> String {
    allow(REPORT, failure)
}

fn not_reported(account: &AccountId, cause: &str, remedy: &str) -> String {
    format!("cannot report account {account} to AWS Config: {REPORT}: {cause}; {remedy}")
}

/// The next step, by the class of the failure.
fn remedy(action: &str, service: &str, failure: &CallFailure) -> String {
    let then = match failure.class {
        FailureClass::Denied => return allow(action, failure),
        FailureClass::Throttled => {
            format!("look for what else calls {service} so often in this account")
        }
        FailureClass::Transient => {
            format!("look for {service} in the AWS Health Dashboard")
        }
        FailureClass::Credentials => {
            "check that the function's role still exists, then deploy the function again, so that \
             it starts with new credentials"
                .to_owned()
        }
        FailureClass::Refused => "report it with this message".to_owned(),
        FailureClass::MalformedResponse => format!(
            "look for what cuts or changes responses between the function and {service}: a proxy, \
             a VPC endpoint, AWS_ENDPOINT_URL"
        ),
        FailureClass::NotReached if failure.retryable => format!(
            "check the network between the function and {service}: VPC subnets and endpoints, \
             security groups, DNS, AWS_ENDPOINT_URL"
        ),
        FailureClass::NotReached => {
            "correct AWS_ENDPOINT_URL and AWS_REGION in the function's environment".to_owned()
        }
        FailureClass::OutOfTime => "set the function's timeout to 30 seconds".to_owned(),
    };
    format!("Lambda runs this again; if this persists, {then}")
}

fn allow(action: &str, failure: &CallFailure) -> String {
    let role = format!("allow {action} in the function's role");
    match (failure.explicit_deny, failure.blamed_policy) {
        (true, Some(policy)) => {
            format!("a {policy} denies {action}: exempt the function's role from it")
        }
        (false, Some("identity-based policy")) => role,
        (false, Some(policy)) => format!("allow {action} in the {policy}"),
        (_, None) => format!("{role}, and look for a service control policy that denies it"),
    }
}
