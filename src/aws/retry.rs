//! Decides which failures the SDK retries within one call: those of a retryable
//! [`FailureClass`].

use std::error::Error;
use std::marker::PhantomData;

use aws_sdk_iam::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_iam::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

use crate::aws::error_codes::{class_of_response, well_formed};
use crate::aws::failure::FailureClass;

/// Limits retries by the number of attempts alone. By default the calls of a process
/// share a quota of retries, which about twenty failed runs use up; the SDK would then
/// try the calls of later runs only once.
pub(crate) fn no_shared_quota() -> RetryPartition {
    RetryPartition::custom("each call has its attempts")
        .token_bucket(TokenBucket::unlimited())
        .build()
}

/// Lets the SDK retry the failures of a retryable [`FailureClass`] that its own
/// classifiers do not: malformed responses, and codes that a service spells
/// differently from the SDK's lists. `E` is the error type of the operation.
#[derive(Debug)]
pub(crate) struct RetryByClass<E>(PhantomData<fn() -> E>);

impl<E> RetryByClass<E> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E> ClassifyRetry for RetryByClass<E>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn name(&self) -> &'static str {
        "RetryByClass"
    }

    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else {
            return RetryAction::NoActionIndicated;
        };
        let Some(response) = context.response() else {
            // The SDK retries every failure without a response but one: what arrived is
            // not HTTP.
            return match error.as_connector_error() {
                Some(connector) if connector.is_other() => RetryAction::transient_error(),
                _ => RetryAction::NoActionIndicated,
            };
        };
        let code = error.as_operation_error();
        let code = code.and_then(|error| error.downcast_ref::<E>());
        let code = code.and_then(|error| well_formed(error.code()?));
        match class_of_response(response.status().as_u16(), code) {
            FailureClass::Throttled => RetryAction::throttling_error(),
            class if class.is_retryable() => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    /// Keeps the decision of an earlier classifier, which knows how long AWS asks to
    /// wait.
    fn classify_retry_v2(
        &self,
        context: &InterceptorContext,
        earlier: &RetryAction,
    ) -> RetryAction {
        if earlier.should_retry() {
            RetryAction::NoActionIndicated
        } else {
            self.classify_retry(context)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::operation::get_account_summary::GetAccountSummaryError;
    use aws_smithy_runtime_api::client::interceptors::context::{
        Error as ContextError, Input, Output,
    };
    use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    fn response(status: u16) -> HttpResponse {
        let status = StatusCode::try_from(status).unwrap();
        HttpResponse::new(status, SdkBody::empty())
    }

    fn failed(status: u16, code: &str) -> InterceptorContext {
        let meta = ErrorMetadata::builder().code(code).build();
        let error = GetAccountSummaryError::generic(meta);
        let error = ContextError::erase(error);
        let mut context = InterceptorContext::new(Input::doesnt_matter());
        context.set_response(response(status));
        context.set_output_or_error(Err(OrchestratorError::operation(error)));
        context
    }

    #[test]
    fn the_sdk_retries_by_class_and_keeps_an_earlier_decision() {
        let classifier = RetryByClass::<GetAccountSummaryError>::new();
        let none = RetryAction::NoActionIndicated;
        let decide = |context: &InterceptorContext, earlier: &RetryAction| {
            classifier.classify_retry_v2(context, earlier)
        };
        let throttling = RetryAction::throttling_error();
        let transient = RetryAction::transient_error();
        assert_eq!(decide(&failed(409, "LimitExceeded"), &none), throttling);
        assert_eq!(decide(&failed(400, "RequestAborted"), &none), transient);
        assert_eq!(decide(&failed(200, ""), &none), transient);
        assert_eq!(decide(&failed(403, "AccessDenied"), &none), none);
        assert_eq!(decide(&failed(409, "LimitExceeded"), &transient), none);
        let mut succeeded = InterceptorContext::new(Input::doesnt_matter());
        succeeded.set_response(response(200));
        succeeded.set_output_or_error(Ok(Output::doesnt_matter()));
        assert_eq!(decide(&succeeded, &none), none);
    }

    #[test]
    fn of_failures_without_a_response_only_a_non_http_response_is_retried_by_class() {
        let classifier = RetryByClass::<GetAccountSummaryError>::new();
        let (none, source) = (RetryAction::NoActionIndicated, || "source".into());
        for (error, action) in [
            (
                ConnectorError::other(source(), None),
                RetryAction::transient_error(),
            ),
            (ConnectorError::io(source()), none.clone()),
            (ConnectorError::timeout(source()), none.clone()),
            (ConnectorError::user(source()), none),
        ] {
            let what = format!("{error:?}");
            let mut context = InterceptorContext::new(Input::doesnt_matter());
            context.set_output_or_error(Err(OrchestratorError::connector(error)));
            assert_eq!(classifier.classify_retry(&context), action, "{what}");
        }
    }
}
