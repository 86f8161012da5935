//! The steps of a run, and what they share.
//!
//! | file | what is in it |
//! |---|---|
//! | `work` | the step `work`: continues from the checkpoint to the decision |
//! | `report` | the files of the day, and the decision |
//! | `repairs` | starts the operation that repairs the enrolment of accounts |
//! | `record` | the step `record`: writes `latest.json` |
//! | `context` | what each of them needs |

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_s3::config::ProvideCredentials;
use root_access_key_rule::redaction::redacted;
use root_access_key_rule::rule::account_id::AccountId;
use tokio::time::{Instant, timeout_at};

use crate::answer::Answer;
use crate::bucket::Bucket;
use crate::error::{ErrorKind, WatchError};
use crate::event::{Event, Step};
use crate::settings::Settings;
use crate::steps::context::{RESERVE, StepContext};

mod context;
mod record;
mod repairs;
mod report;
mod work;

/// What a failed step is reserved to report its failure.
const FAILURE_MARGIN: Duration = Duration::from_secs(1);

/// The function: what all steps need.
#[derive(Debug)]
pub struct Watch {
    sdk: SdkConfig,
    settings: Settings,
    metrics: fn(&str),
}

/// One invocation.
#[derive(Debug)]
pub struct Invocation {
    /// The function's ARN, which names the account.
    pub function_arn: String,
    /// How long Lambda lets the invocation run from now on.
    pub time_left: Duration,
}

impl Watch {
    /// Makes the function. It passes the line with the metrics of a run to `metrics`.
    #[must_use]
    pub fn new(sdk: SdkConfig, settings: Settings, metrics: fn(&str)) -> Self {
        Self {
            sdk,
            settings,
            metrics,
        }
    }

    /// Runs one step.
    ///
    /// # Errors
    /// Every failure is a [`WatchError`]. The same step can be run again: it repeats
    /// nothing that is stored.
    pub async fn step(&self, payload: &str, invocation: &Invocation) -> Result<Answer, WatchError> {
        let Event { run, step } = Event::from_payload(payload)?;
        let account = AccountId::of_function_arn(&invocation.function_arn).ok_or_else(|| {
            let message = "Lambda did not say which account the function is in, so the bucket's owner cannot be \
                           checked; invoke the function in Lambda";
            WatchError::new(ErrorKind::InvalidEnvironment, message)
        })?;
        let now = Instant::now();
        let context = StepContext {
            sdk: &self.sdk,
            settings: &self.settings,
            metrics: self.metrics,
            bucket: Bucket::new(&self.sdk, &self.settings.bucket, account.as_str()),
            run,
            until: now + invocation.time_left.saturating_sub(RESERVE),
            secrets: self.secrets().await,
        };
        let end = now + invocation.time_left.saturating_sub(FAILURE_MARGIN);
        let outcome = timeout_at(end, Box::pin(take(&context, step))).await;
        let outcome = outcome.unwrap_or_else(|_| Err(out_of_time(invocation.time_left)));
        without_secrets(outcome, &context.secrets)
    }

    async fn secrets(&self) -> Vec<String> {
        let mut secrets = Vec::new();
        if let Some(provider) = self.sdk.credentials_provider()
            && let Ok(credentials) = provider.provide_credentials().await
        {
            secrets.push(credentials.secret_access_key().to_owned());
            secrets.extend(credentials.session_token().map(str::to_owned));
        }
        secrets
    }
}

async fn take(context: &StepContext<'_>, step: Step) -> Result<Answer, WatchError> {
    match step {
        Step::Work { switches } => work::work(context, switches).await,
        Step::Record { published } => record::record(context, published).await,
    }
}

/// Removes the secrets from what leaves the function.
fn without_secrets(
    outcome: Result<Answer, WatchError>,
    secrets: &[String],
) -> Result<Answer, WatchError> {
    match outcome {
        Ok(mut answer) => {
            if let Some(digest) = &mut answer.digest {
                for text in [&mut digest.text, &mut digest.chat] {
                    *text = redacted(text, secrets);
                }
            }
            Ok(answer)
        }
        Err(error) => Err(WatchError::new(
            error.kind,
            redacted(&error.message, secrets),
        )),
    }
}

fn out_of_time(time_left: Duration) -> WatchError {
    WatchError::new(
        ErrorKind::OutOfTime,
        format!(
            "the step did not end within {} seconds; the state machine retries it; if this persists, look for \
             throttled calls of AWS Config, AWS Organizations and AWS CloudFormation in this account",
            time_left.as_secs()
        ),
    )
}
