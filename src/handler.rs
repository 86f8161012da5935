//! Evaluates one event: the steps from AWS Config's event to PutEvaluations, in
//! order.

use std::time::Instant;

use aws_config::SdkConfig;
use aws_sdk_iam::config::{ProvideCredentials, SharedCredentialsProvider};
use lambda_runtime::Context;
use serde::Serialize;

use crate::aws::deadline::Deadline;
use crate::aws::put_evaluations;
use crate::aws::sdk_config::endpoint_variable;
use crate::error::RuleError;
use crate::failed_run;
use crate::finding::{Finding, milliseconds_since};
use crate::redaction::redacted;
use crate::rule::event::EvaluationRequest;

/// The rule with its two clients. It creates them once, and they keep their
/// connections.
#[derive(Debug)]
pub struct Rule {
    iam: aws_sdk_iam::Client,
    config: aws_sdk_config::Client,
    credentials: Option<SharedCredentialsProvider>,
}

/// A reported evaluation. AWS Config ignores the function's response. If you
/// invoke the function by hand, you see this; the log contains the same values.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluated {
    /// The account's 12 digits.
    pub account: String,
    /// The ConfigRule's name.
    pub rule: Option<String>,
    /// `COMPLIANT` or `NON_COMPLIANT`.
    pub compliance_type: String,
    /// Whether the event asked for a test run: AWS Config checked the evaluation
    /// and stored nothing. It has the same name in the log.
    #[serde(rename = "test_mode")]
    pub test_mode: bool,
    /// The annotation for the dashboard, 1–256 characters.
    pub annotation: String,
    /// The request ID of IAM's account summary.
    pub iam_request_id: Option<String>,
    /// The request ID of AWS Config's response.
    pub config_request_id: String,
    /// Milliseconds spent on the account summary.
    pub evidence_ms: u64,
    /// Milliseconds spent on the credential report; 0 if it was not needed.
    pub report_ms: u64,
    /// Milliseconds spent on PutEvaluations.
    pub delivery_ms: u64,
}

impl Rule {
    /// Creates the clients from one SDK configuration.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self {
            iam: aws_sdk_iam::Client::new(sdk),
            config: aws_sdk_config::Client::new(sdk),
            credentials: sdk.credentials_provider(),
        }
    }

    /// Evaluates the account in `payload`, with two AWS calls, and if the root user
    /// has access keys with at most six more requests for their details.
    ///
    /// # Errors
    /// Every failure is a [`RuleError`]; nothing is then reported to AWS Config,
    /// except that with `EvaluationNotDelivered` AWS Config may have received it, and
    /// with `EvaluationRejected` an earlier attempt whose response was lost.
    pub async fn evaluate(&self, payload: &str, context: &Context) -> Result<Evaluated, RuleError> {
        let request = EvaluationRequest::from_payload(payload, &context.invoked_function_arn)?;
        let deadline = Deadline::before(context.deadline());
        match self.report(&request, deadline).await {
            Err(error) => {
                let message = redacted(error.message(), &self.secrets(&request).await);
                Err(RuleError::new(error.kind(), message))
            }
            reported => reported,
        }
    }

    async fn report(
        &self,
        request: &EvaluationRequest,
        deadline: Deadline,
    ) -> Result<Evaluated, RuleError> {
        let Finding {
            verdict,
            annotation,
            iam_request_id,
            evidence_ms,
            report_ms,
        } = Finding::read(&self.iam, &request.account, request.triggered_at, deadline)
            .await
            .map_err(|failure| {
                let variable = endpoint_variable("IAM");
                failed_run::evidence_unavailable(&request.account, &failure, &variable)
            })?;

        let started = Instant::now();
        let config_request_id =
            put_evaluations::deliver(&self.config, request, verdict, &annotation, deadline)
                .await
                .map_err(|failure| {
                    let variable = endpoint_variable("Config Service");
                    failed_run::not_reported(&request.account, &failure, &variable)
                })?;
        Ok(Evaluated {
            account: request.account.to_string(),
            rule: request.rule_name.clone(),
            compliance_type: verdict.compliance_type().to_owned(),
            test_mode: request.result_token.is_test_mode(),
            annotation,
            iam_request_id,
            config_request_id,
            evidence_ms,
            report_ms,
            delivery_ms: milliseconds_since(started),
        })
    }

    /// Secrets to redact from messages: AWS quotes the request headers, including the
    /// session token, when it rejects a signature.
    async fn secrets(&self, request: &EvaluationRequest) -> Vec<String> {
        let mut secrets = vec![request.result_token.reveal().to_owned()];
        if let Some(provider) = &self.credentials
            && let Ok(credentials) = provider.provide_credentials().await
        {
            secrets.push(credentials.secret_access_key().to_owned());
            secrets.extend(credentials.session_token().map(str::to_owned));
        }
        secrets
    }
}
