//! Timeouts and retries of calls that no deadline limits.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;

/// Retries a call that AWS throttles up to six times, after pauses that grow to 20
/// seconds, and allows 20 seconds for an attempt: a page of a listing can be large.
///
/// AWS publishes no rate for most of these calls, so none is assumed. The SDK's
/// adaptive mode was tried: one throttled call delayed the others by minutes.
#[must_use]
pub fn with_more_retries(sdk: &SdkConfig) -> SdkConfig {
    let retries = RetryConfig::standard()
        .with_max_attempts(7)
        .with_initial_backoff(Duration::from_millis(300))
        .with_max_backoff(Duration::from_secs(20));
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(20))
        .operation_timeout(Duration::from_secs(90))
        .build();
    let sdk = sdk.to_builder();
    sdk.retry_config(retries).timeout_config(timeouts).build()
}
