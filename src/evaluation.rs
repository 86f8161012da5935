//! What AWS Config hears: the verdict as an Evaluation, delivered with
//! PutEvaluations
//! (<https://docs.aws.amazon.com/config/latest/APIReference/API_PutEvaluations.html>).

use aws_sdk_config::Client;
use aws_sdk_config::config::Builder;
use aws_sdk_config::error::{BuildError, SdkError};
use aws_sdk_config::operation::RequestId;
use aws_sdk_config::operation::put_evaluations::{PutEvaluationsError, PutEvaluationsOutput};
use aws_sdk_config::primitives::DateTime;
use aws_sdk_config::types::{ComplianceType, Evaluation};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::aws::failure::{CallFailure, FailureClass, RetryByClass, no_shared_quota};
use crate::deadline::Deadline;
use crate::error::{ErrorKind, RuleError};
use crate::event::EvaluationRequest;
use crate::failed_run;
use crate::verdict::Verdict;
use crate::whole_answer::{IncompleteResponse, RejectIncompleteResponse};

/// The resource that this rule judges; its id is the account's 12 digits.
const RESOURCE_TYPE: &str = "AWS::::Account";

/// Reports `verdict` with `annotation` to AWS Config with one PutEvaluations,
/// which the SDK retries when it is throttled, fails, or brings an incomplete
/// response. Returns the request id of the response.
///
/// # Errors
/// `EvaluationRejected` if AWS Config judged the evaluation and refused it, lists
/// it as failed, or does not let the function report; `EvaluationNotDelivered` if
/// AWS Config may not have received it.
pub async fn deliver(
    config: &Client,
    request: &EvaluationRequest,
    verdict: Verdict,
    annotation: &str,
    deadline: Deadline,
) -> Result<String, RuleError> {
    let evaluation = evaluation(request, verdict, annotation).map_err(|error| {
        RuleError::new(
            ErrorKind::InternalError,
            format!("cannot build the evaluation: {error}"),
        )
    })?;
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
    let not_delivered =
        |failure: CallFailure| failed_run::not_delivered(&request.account, &failure);
    let output = deadline
        .run(call)
        .await
        .map_err(|passed| not_delivered(passed.into()))?
        .map_err(|error| failure(request, &error))?;
    if !output.failed_evaluations().is_empty() {
        let cause = "FailedEvaluations: AWS Config lists this evaluation as failed";
        return Err(failed_run::rejected(&request.account, cause, RUN_AGAIN));
    }
    let request_id =
        request_id(&output).map_err(|why| not_delivered(IncompleteResponse(why).into()))?;
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

/// Something between the function and AWS may have responded in AWS's place.
fn request_id(output: &PutEvaluationsOutput) -> Result<&str, &'static str> {
    let id = output.request_id();
    id.ok_or("it has no AWS request id, so it is not AWS Config's")
}

fn failure(
    request: &EvaluationRequest,
    error: &SdkError<PutEvaluationsError, HttpResponse>,
) -> RuleError {
    let failure = CallFailure::of(error);
    let remedy = match failure.class {
        FailureClass::Denied => failed_run::allow_report(&failure),
        FailureClass::Refused if is_judged(error) => remedy(error).to_owned(),
        _ => return failed_run::not_delivered(&request.account, &failure),
    };
    failed_run::rejected(&request.account, &failure.cause, &remedy)
}

/// Whether a refusal is about the evaluation. AWS Config refuses evaluations with
/// status 400; other statuses are about the request as a whole, such as an
/// operation that the endpoint does not know.
fn is_judged(error: &SdkError<PutEvaluationsError, HttpResponse>) -> bool {
    error
        .raw_response()
        .is_some_and(|raw| raw.status().as_u16() == 400)
}

const RUN_AGAIN: &str = "run the rule again (start-config-rules-evaluation); if this persists, it \
                         is a defect of the rule: report it";

fn remedy(error: &SdkError<PutEvaluationsError, HttpResponse>) -> &'static str {
    match error.as_service_error() {
        Some(PutEvaluationsError::NoSuchConfigRuleException(_)) => {
            "the ConfigRule was deleted in the meantime; unless it still exists, there is nothing to do"
        }
        Some(PutEvaluationsError::InvalidResultTokenException(_)) => {
            "the result token has expired or belongs to another rule; run the rule again (start-config-rules-evaluation)"
        }
        _ => RUN_AGAIN,
    }
}
