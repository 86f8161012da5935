//! What AWS Config hears: the verdict as an Evaluation, delivered with
//! PutEvaluations
//! (<https://docs.aws.amazon.com/config/latest/APIReference/API_PutEvaluations.html>).

use aws_sdk_config::Client;
use aws_sdk_config::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_config::operation::RequestId;
use aws_sdk_config::operation::put_evaluations::{PutEvaluationsError, PutEvaluationsOutput};
use aws_sdk_config::primitives::DateTime;
use aws_sdk_config::types::{ComplianceType, Evaluation};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::deadline::Deadline;
use crate::error::{RuleError, aws_answer};
use crate::event::EvaluationRequest;
use crate::verdict::Verdict;
use crate::whole_answer::WholeAnswer;

/// The resource that this rule judges; its id is the account's 12 digits.
const RESOURCE_TYPE: &str = "AWS::::Account";

const REPEATED: &str = "Lambda runs this again and repeats the evaluation identically";

/// Reports `verdict` with `annotation` to AWS Config: one PutEvaluations,
/// retried by the SDK. Returns the request id of Config's answer.
///
/// # Errors
/// `EvaluationRejected` if Config heard the evaluation and refused it;
/// `EvaluationNotDelivered` if it may not have heard it.
pub async fn deliver(
    config: &Client,
    request: &EvaluationRequest,
    verdict: Verdict,
    annotation: &str,
    deadline: Deadline,
) -> Result<String, RuleError> {
    let evaluation = evaluation(request, verdict, annotation).map_err(|error| {
        RuleError::InternalError(format!("cannot build the evaluation: {error}"))
    })?;
    let call = config
        .put_evaluations()
        .evaluations(evaluation)
        .result_token(request.result_token.reveal())
        .test_mode(request.result_token.is_test_mode())
        .customize()
        .interceptor(WholeAnswer::Json)
        .send();
    let answer = deadline
        .allows(call)
        .await
        .ok_or_else(|| not_delivered(request, "no answer before the run's deadline"))?
        .map_err(|error| failure(request, &error))?;
    accepted(request, &answer)
}

fn evaluation(
    request: &EvaluationRequest,
    verdict: Verdict,
    annotation: &str,
) -> Result<Evaluation, BuildError> {
    let triggered_at = request.triggered_at;
    Evaluation::builder()
        .compliance_resource_type(RESOURCE_TYPE)
        .compliance_resource_id(request.account.as_str())
        .compliance_type(compliance_type(verdict))
        .annotation(annotation)
        .ordering_timestamp(DateTime::from_secs_and_nanos(
            triggered_at.timestamp(),
            triggered_at.timestamp_subsec_nanos(),
        ))
        .build()
}

/// AWS Config's word for the verdict.
#[must_use]
pub fn compliance_type(verdict: Verdict) -> ComplianceType {
    match verdict {
        Verdict::Compliant => ComplianceType::Compliant,
        Verdict::NonCompliant => ComplianceType::NonCompliant,
    }
}

/// A 200 is not yet a delivered evaluation: Config may name it among the failed
/// ones, and something between us and AWS may have answered in its place.
fn accepted(
    request: &EvaluationRequest,
    answer: &PutEvaluationsOutput,
) -> Result<String, RuleError> {
    if !answer.failed_evaluations().is_empty() {
        return Err(rejected(
            request,
            "FailedEvaluations: AWS Config names this evaluation as failed",
        ));
    }
    answer.request_id().map(str::to_owned).ok_or_else(|| {
        not_delivered(
            request,
            "the answer carries no AWS request id, so it is not AWS Config's",
        )
    })
}

fn failure(
    request: &EvaluationRequest,
    error: &SdkError<PutEvaluationsError, HttpResponse>,
) -> RuleError {
    let answer = aws_answer(error);
    let refused = error.code().is_some_and(|code| !is_throttling(code))
        && error
            .raw_response()
            .is_some_and(|raw| raw.status().is_client_error());
    if refused {
        rejected(request, &answer)
    } else {
        not_delivered(request, &answer)
    }
}

/// AWS's codes for "later": the SDK has retried them, and they say nothing
/// about the evaluation.
fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "SlowDown"
    )
}

fn rejected(request: &EvaluationRequest, answer: &str) -> RuleError {
    let remedy = if answer.starts_with("AccessDenied") {
        "allow config:PutEvaluations in the function's role, and look for a service control policy that denies it"
    } else if answer.starts_with("NoSuchConfigRule") {
        "the ConfigRule was deleted meanwhile; nothing needs doing unless it still exists"
    } else if answer.starts_with("InvalidResultToken") {
        "the result token has expired or is another rule's; run the rule again (start-config-rules-evaluation)"
    } else {
        "run the rule again (start-config-rules-evaluation); if it stays so, this is a defect of the rule: report it"
    };
    RuleError::EvaluationRejected(text(request, answer, remedy))
}

fn not_delivered(request: &EvaluationRequest, answer: &str) -> RuleError {
    RuleError::EvaluationNotDelivered(text(request, answer, REPEATED))
}

fn text(request: &EvaluationRequest, answer: &str, remedy: &str) -> String {
    let account = &request.account;
    format!(
        "cannot report account {account} to AWS Config: config:PutEvaluations: {answer}; {remedy}"
    )
}
