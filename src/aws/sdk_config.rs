//! Creates the one `SdkConfig`: region, credentials, endpoints, HTTP client, retries
//! and timeouts. It is the only seam (docs/decisions.md): every AWS client is created
//! from it, and tests set other endpoints in it.

use std::env;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_iam::config::{SharedAsyncSleep, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_types::sdk_config::Builder;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::aws::time_budget::{ATTEMPT_TIMEOUT, ATTEMPTS, CALL_TIMEOUT, INITIAL_BACKOFF};

/// The settings in Lambda's environment that the SDK needs.
#[derive(Debug)]
pub struct Environment {
    /// The region that the function runs in.
    pub region: Region,
    /// The source of the function role's credentials.
    pub credentials: EnvironmentVariableCredentialsProvider,
    /// Whether to call FIPS endpoints.
    pub use_fips: bool,
    /// Whether to call dual-stack endpoints.
    pub use_dual_stack: bool,
}

/// Creates the function's configuration in Lambda. Region and credentials come only
/// from the environment, because Lambda has no other source; so do the settings that
/// an operator may add to the function: `AWS_USE_FIPS_ENDPOINT`,
/// `AWS_USE_DUALSTACK_ENDPOINT` and `AWS_ENDPOINT_URL[_SERVICE]`.
///
/// The loader of `aws_config` is not used: it also looks for profile files,
/// containers and instance roles, and links all of them into the function.
#[must_use]
pub fn from_lambda_environment(environment: Environment) -> SdkConfig {
    with_limits(SdkConfig::builder())
        .region(environment.region)
        .credentials_provider(SharedCredentialsProvider::new(environment.credentials))
        .use_fips(environment.use_fips)
        .use_dual_stack(environment.use_dual_stack)
        .service_config(EndpointVariables)
        .build()
}

/// Adds the HTTP client, retries and timeouts of every AWS call. The caller adds region
/// and credentials.
#[must_use]
pub fn with_limits(builder: Builder) -> Builder {
    builder
        .behavior_version(BehaviorVersion::latest())
        .http_client(http_client())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::default())
        .identity_cache(IdentityCache::no_cache())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(ATTEMPTS)
                .with_initial_backoff(INITIAL_BACKOFF),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(ATTEMPT_TIMEOUT)
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .operation_timeout(CALL_TIMEOUT)
                .build(),
        )
        // The timeouts above already end a stalled response.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}

/// Creates one connector for all clients, so that the root certificates are loaded
/// into a trust store once. The SDK's own client loads them once for each service
/// client to validate them, and once more to use them.
fn http_client() -> SharedHttpClient {
    let connector = Connector::builder()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .sleep_impl(TokioSleep::new())
        .connector_settings(
            HttpConnectorSettings::builder()
                .connect_timeout(ATTEMPT_TIMEOUT)
                .build(),
        )
        .build();
    let connector = SharedHttpConnector::new(connector);
    http_client_fn(move |_, _| connector.clone())
}

/// `AWS_ENDPOINT_URL_IAM`, `AWS_ENDPOINT_URL_CONFIG_SERVICE` and, for both,
/// `AWS_ENDPOINT_URL`
/// (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>).
#[derive(Debug)]
struct EndpointVariables;

impl LoadServiceConfig for EndpointVariables {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        if key.env() != ENDPOINT_URL {
            return None;
        }
        let value = env::var(endpoint_variable(key.service_id())).ok();
        value.filter(|value| !value.is_empty())
    }
}

/// Returns the variable that sets the endpoint of a service, by the SDK's service ID
/// (`IAM`, `Config Service`): the service's own if it is set, otherwise
/// `AWS_ENDPOINT_URL`.
pub(crate) fn endpoint_variable(service_id: &str) -> String {
    let service = service_id.to_uppercase().replace(' ', "_");
    let own = format!("{ENDPOINT_URL}_{service}");
    let is_set = env::var_os(&own).is_some_and(|value| !value.is_empty());
    if is_set { own } else { ENDPOINT_URL.to_owned() }
}

const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
