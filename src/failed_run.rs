//! Converts a failed AWS call into the error of the failed run: the error type,
//! the account, the cause, and one next step for whoever reads it.

use crate::aws::failure::{CallFailure, DeliveryFailure, FailureClass, Rejection};
use crate::error::{ErrorKind, RuleError};
use crate::rule::account_id::AccountId;

const EVIDENCE: &str = "iam:GetAccountSummary";
const REPORT: &str = "config:PutEvaluations";

/// Returns the error of a run without evidence for a verdict, because
/// `iam:GetAccountSummary` failed. `endpoint_variable` sets the endpoint of IAM.
pub(crate) fn evidence_unavailable(
    account: &AccountId,
    failure: &CallFailure,
    endpoint_variable: &str,
) -> RuleError {
    let (cause, remedy) = (
        &failure.cause,
        remedy(EVIDENCE, "IAM", failure, endpoint_variable),
    );
    RuleError::new(
        ErrorKind::EvidenceUnavailable,
        format!(
            "cannot tell whether the root user of account {account} has access keys: {EVIDENCE}: \
         {cause}; nothing was reported to AWS Config; {remedy}"
        ),
    )
}

/// Returns the error of a run whose evaluation AWS Config did not store.
pub(crate) fn not_reported(
    account: &AccountId,
    failure: &DeliveryFailure,
    endpoint_variable: &str,
) -> RuleError {
    const FAILED: &str = "FailedEvaluations: AWS Config lists this evaluation as failed";
    let (kind, cause, remedy) = match failure {
        DeliveryFailure::NotBuilt(why) => {
            let message = format!("cannot build the evaluation: {why}");
            return RuleError::new(ErrorKind::InternalError, message);
        }
        DeliveryFailure::CallFailed(failure) => (
            ErrorKind::EvaluationNotDelivered,
            failure.cause.as_str(),
            remedy(REPORT, "AWS Config", failure, endpoint_variable),
        ),
        DeliveryFailure::Denied(failure) => (
            ErrorKind::EvaluationRejected,
            failure.cause.as_str(),
            allow(REPORT, failure),
        ),
        DeliveryFailure::Rejected(rejection, failure) => (
            ErrorKind::EvaluationRejected,
            failure.cause.as_str(),
            after_rejection(*rejection).to_owned(),
        ),
        DeliveryFailure::ListedAsFailed => {
            (ErrorKind::EvaluationRejected, FAILED, RUN_AGAIN.to_owned())
        }
    };
    RuleError::new(
        kind,
        format!("cannot report account {account} to AWS Config: {REPORT}: {cause}; {remedy}"),
    )
}

const RUN_AGAIN: &str = "run the rule again (`aws configservice start-config-rules-evaluation --config-rule-names NAME`); \
                         if this persists, report it as a bug with this message";

fn after_rejection(rejection: Rejection) -> &'static str {
    match rejection {
        Rejection::NoSuchConfigRule => {
            "AWS Config does not find the ConfigRule; if it was deleted, there is nothing to do"
        }
        Rejection::InvalidResultToken => {
            "the result token has expired or belongs to another rule; run the rule again (start-config-rules-evaluation)"
        }
        Rejection::Other => RUN_AGAIN,
    }
}

/// The next step, by the class of the failure.
fn remedy(action: &str, service: &str, failure: &CallFailure, endpoint_variable: &str) -> String {
    let then = match failure.class {
        FailureClass::Denied => return allow(action, failure),
        FailureClass::Throttled => {
            format!("find out what else calls {service} so often in this account")
        }
        FailureClass::Transient => {
            format!("check the AWS Health Dashboard for {service}")
        }
        FailureClass::Credentials => {
            "check that the function's role still exists, then deploy the function again, so that \
             it starts with new credentials"
                .to_owned()
        }
        FailureClass::Rejected => "report it with this message".to_owned(),
        FailureClass::MalformedResponse => format!(
            "check for anything that truncates or changes responses between the function and {service}: a proxy, \
             a VPC endpoint, {endpoint_variable}"
        ),
        FailureClass::NotReached if failure.retryable => format!(
            "check the network between the function and {service}: VPC subnets and endpoints, \
             security groups, DNS, {endpoint_variable}"
        ),
        FailureClass::NotReached => {
            format!("correct {endpoint_variable} and AWS_REGION in the function's environment")
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
        (_, None) => format!("{role}, and check whether a service control policy denies it"),
    }
}
