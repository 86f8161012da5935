//! The one `SdkConfig`: region, credentials, HTTP client, retries, timeouts and
//! their sums. It is the only seam (decision D8): everything that speaks to AWS
//! is given it, and tests give it other endpoints.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_smithy_http_client::Builder as HttpClient;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

// Every failure must be ours to name before Lambda ends the run at 30 s. The
// SDK's defaults never end a hang, so:
//
//   one call      3 attempts x 2 s + waits of at most 0.3 s and 0.6 s = 6.9 s
//   the run       GetAccountSummary 7 s + report 12 s + PutEvaluations 7 s = 26 s
//   to report     1 s, kept free at the end
//   together      27 s < 30 s, the function's timeout in cdk/lib
//
// Where Lambda's deadline leaves less, each call is cut to what is left
// (`deadline.rs`).

/// The longest one attempt may take, connecting included.
const ATTEMPT: Duration = Duration::from_secs(2);
/// The longest one call may take, all attempts and waits included.
pub(crate) const CALL: Duration = Duration::from_secs(7);
/// How often a call is tried: throttling, 5xx, timeouts and broken connections
/// are tried again, all else is final.
const ATTEMPTS: u32 = 3;
/// The longest wait before the second attempt; it doubles, with full jitter.
const FIRST_BACKOFF: Duration = Duration::from_millis(300);
/// The longest that looking for a credential report may take.
pub(crate) const REPORT: Duration = Duration::from_secs(12);
/// Kept free before Lambda's deadline, to report a failure.
pub(crate) const TO_REPORT: Duration = Duration::from_secs(1);

/// The configuration of the function in Lambda: region and credentials come
/// from the environment alone, since no other source exists there.
pub async fn from_lambda_environment(region: String) -> SdkConfig {
    loader()
        .region(Region::new(region))
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .load()
        .await
}

/// What holds wherever the evidence is read: HTTP client, retries, timeouts.
/// Region and credentials are the caller's to add.
#[must_use]
pub fn loader() -> ConfigLoader {
    let http_client = HttpClient::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client)
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(ATTEMPTS)
                .with_initial_backoff(FIRST_BACKOFF),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(ATTEMPT)
                .operation_attempt_timeout(ATTEMPT)
                .operation_timeout(CALL)
                .build(),
        )
        // The timeouts above end a stalled answer already.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}
