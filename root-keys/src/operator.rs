//! Whose credentials these are: the usual sources of the AWS CLI and SDKs.

use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Builder as HttpClient;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use root_access_key_rule::event::AccountId;
use root_access_key_rule::sdk;

use crate::failure::{Failure, aws_answer};
use crate::status::pages::WholeAnswer;

/// Whoever typed the command, as AWS knows them.
pub struct Operator {
    /// Their credentials and region, with the timeouts and retries of the rule.
    pub sdk: SdkConfig,
    /// The quota of retries of the calls to STS and to a member's IAM; `None`
    /// for the SDK's own.
    pub retry_partition: Option<RetryPartition>,
    /// The account that the credentials belong to.
    pub account: AccountId,
    /// The ARN of the user or role.
    pub arn: String,
}

impl Operator {
    /// Finds credentials and region where the AWS CLI finds them
    /// (<https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>)
    /// and asks STS whose they are.
    ///
    /// # Errors
    /// When there is no region, or STS does not know the credentials.
    pub async fn from_environment() -> Result<Self, Failure> {
        let sdk = sdk_config().await;
        let named = sdk.region().map(AsRef::as_ref);
        if named.is_none_or(|region: &str| region.ends_with("-global")) {
            return Err(Failure::new(
                "no AWS region is set, and the regional STS endpoint must be asked: \
                 `export AWS_REGION=us-east-1`",
            ));
        }
        let answer = aws_sdk_sts::Client::new(&sdk)
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| unknown(&aws_answer(&error)))?;
        let account = answer.account().and_then(AccountId::new);
        let account = account.ok_or_else(|| unknown("the answer has no account"))?;
        let arn = answer.arn().unwrap_or_default().to_owned();
        Ok(Self {
            sdk,
            retry_partition: None,
            account,
            arn,
        })
    }

    /// IAM of the operator's own account. Only complete responses count.
    pub fn iam(&self) -> aws_sdk_iam::Client {
        let config = aws_sdk_iam::config::Builder::from(&self.sdk);
        aws_sdk_iam::Client::from_conf(config.interceptor(WholeAnswer).build())
    }

    /// AWS Organizations. Only complete responses count.
    pub fn organizations(&self) -> aws_sdk_organizations::Client {
        let config = aws_sdk_organizations::config::Builder::from(&self.sdk);
        aws_sdk_organizations::Client::from_conf(config.interceptor(WholeAnswer).build())
    }

    /// The same, waiting longer than the rule does: a call that AWS throttles is
    /// repeated up to six times, after pauses that grow to 20 seconds.
    pub fn patient(self) -> Self {
        let retries = RetryConfig::standard()
            .with_max_attempts(7)
            .with_initial_backoff(Duration::from_millis(300))
            .with_max_backoff(Duration::from_secs(20));
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(Duration::from_secs(10))
            .operation_timeout(Duration::from_secs(90))
            .build();
        let sdk = self.sdk.into_builder();
        let sdk = sdk.retry_config(retries).timeout_config(timeouts).build();
        // The SDK shares one quota of retries among all clients of a service: the
        // accounts that stay throttled would use up those of the others.
        let unlimited = RetryPartition::custom("root-keys").token_bucket(TokenBucket::unlimited());
        Self {
            sdk,
            retry_partition: Some(unlimited.build()),
            ..self
        }
    }

    /// Of their ARN, as in `aws`, `aws-us-gov`, `aws-cn` or `aws-eusc`.
    pub fn partition(&self) -> &str {
        self.arn.split(':').nth(1).unwrap_or("aws")
    }

    /// The region of the STS endpoint.
    pub fn region(&self) -> &str {
        self.sdk.region().map_or("", AsRef::as_ref)
    }
}

async fn sdk_config() -> SdkConfig {
    let http_client = HttpClient::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let found = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client)
        .load()
        .await;
    // The function signs with what Lambda gives it and keeps nothing; here each
    // look for credentials may start a process or ask SSO.
    sdk::bounded(found.into_builder())
        .identity_cache(IdentityCache::lazy().build())
        .build()
}

fn unknown(why: &str) -> Failure {
    Failure::new(format!(
        "cannot tell whose credentials these are: sts:GetCallerIdentity: {why}; \
         sign in as for the AWS CLI until `aws sts get-caller-identity` answers"
    ))
}
