//! Reports the verdict with `config:PutEvaluations`, and reads AWS Config's response
//! (<https://docs.aws.amazon.com/config/latest/APIReference/API_PutEvaluations.html>).

use aws_sdk_config::Client;
use aws_sdk_config::config::Builder;
use aws_sdk_config::error::{BuildError, SdkError};
use aws_sdk_config::operation::RequestId;
use aws_sdk_config::operation::put_evaluations::{PutEvaluationsError, PutEvaluationsOutput};
use aws_sdk_config::primitives::DateTime;
use aws_sdk_config::types::{ComplianceType, Evaluation};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::aws::deadline::Deadline;
use crate::aws::failure::{CallFailure, DeliveryFailure, FailureClass, Rejection};
use crate::aws::incomplete_response::{IncompleteResponse, RejectIncompleteResponse};
use crate::aws::retry::{RetryByClass, no_shared_quota};
use crate::rule::event::EvaluationRequest;
use crate::rule::verdict::Verdict;

/// The type of the evaluated resource; its ID is the account's 12 digits.
const RESOURCE_TYPE: &str = "AWS::::Account";

/// Reports `verdict` with `annotation` to AWS Config with one PutEvaluations,
/// which the SDK retries if it is throttled, fails, or returns an incomplete
/// response. Returns the request ID of the response.
///
/// # Errors
/// [`DeliveryFailure`] says whether AWS Config evaluated the request.
pub async fn deliver(
    config: &Client,
    request: &EvaluationRequest,
    verdict: Verdict,
    annotation: &str,
    deadline: Deadline,
) -> Result<String, DeliveryFailure> {
    let evaluation = evaluation(request, verdict, annotation)
        .map_err(|error| DeliveryFailure::NotBuilt(error.to_string()))?;
    let overrides = Builder::new()
        .retry_partition(no_shared_quota())
        .retry_classifier(RetryByClass::<PutEvaluationsError>::new());
    let call = config
        .put_evaluations()
        .evaluations(evaluation)
        .result_token(request.result_token.reveal())
        .test_mode(request.result_token.is_test_mode())
        .customize()
        .config_override(overrides)
        .interceptor(RejectIncompleteResponse::json(|output| {
            request_id(output).map(drop)
        }))
        .send();
    let output = deadline.run(call).await.map_err(CallFailure::from)?;
    let output = output.map_err(|error| failure(&error))?;
    if !output.failed_evaluations().is_empty() {
        return Err(DeliveryFailure::ListedAsFailed);
    }
    let request_id =
        request_id(&output).map_err(|why| CallFailure::from(IncompleteResponse(why)))?;
    Ok(request_id.to_owned())
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
        .compliance_type(ComplianceType::from(verdict.compliance_type()))
        .annotation(annotation)
        .ordering_timestamp(DateTime::from_secs_and_nanos(
            triggered_at.timestamp(),
            triggered_at.timestamp_subsec_nanos(),
        ))
        .build()
}

/// Returns the request ID. Without one the response came from something between the
/// function and AWS.
fn request_id(output: &PutEvaluationsOutput) -> Result<&str, &'static str> {
    let id = output.request_id();
    id.ok_or("it has no AWS request ID, so it did not come from AWS Config")
}

fn failure(error: &SdkError<PutEvaluationsError, HttpResponse>) -> DeliveryFailure {
    let failure = CallFailure::of(error);
    match failure.class {
        FailureClass::Denied => DeliveryFailure::Denied(failure),
        FailureClass::Rejected if is_about_the_evaluation(error) => {
            DeliveryFailure::Rejected(rejection(error), failure)
        }
        _ => DeliveryFailure::CallFailed(failure),
    }
}

/// Whether AWS Config rejected the evaluation. It does so with status 400; other
/// statuses are about the whole request, such as an operation that the endpoint does
/// not know.
fn is_about_the_evaluation(error: &SdkError<PutEvaluationsError, HttpResponse>) -> bool {
    error
        .raw_response()
        .is_some_and(|raw| raw.status().as_u16() == 400)
}

fn rejection(error: &SdkError<PutEvaluationsError, HttpResponse>) -> Rejection {
    match error.as_service_error() {
        Some(PutEvaluationsError::NoSuchConfigRuleException(_)) => Rejection::NoSuchConfigRule,
        Some(PutEvaluationsError::InvalidResultTokenException(_)) => Rejection::InvalidResultToken,
        _ => Rejection::Other,
    }
}
