//! Whose credentials these are: the usual sources of the AWS CLI and SDKs.

use std::env;
use std::error::Error;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::profile::{self, Profile};
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_smithy_http_client::Builder as HttpClient;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::os_shim_internal::{Env, Fs};
use root_access_key_rule::aws::failure::{CallFailure, FailureClass};
use root_access_key_rule::aws::sdk_config;
use root_access_key_rule::rule::account_id::AccountId;

use crate::failure::{
    Call, Failure, aws_answer, endpoint_variable, incomplete, remedy, show_chain, sign_in,
    use_profile,
};
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
    /// When the profile or the region is not one, there are no credentials, or
    /// STS cannot be reached or does not accept them.
    pub async fn from_environment() -> Result<Self, Failure> {
        check_endpoints()?;
        let profile = profile();
        if let Some((variable, name)) = &profile {
            check_profile(variable, name).await?;
        }
        let sdk = sdk_config(profile.map(|(_, name)| name)).await;
        check_region(sdk.region().map(AsRef::as_ref))?;
        let region = sdk.region().map_or("", AsRef::as_ref).to_owned();
        let answer = aws_sdk_sts::Client::new(&sdk).get_caller_identity().send();
        let redirected = sdk.endpoint_url().is_some() || endpoint_variable(IDENTITY_CALL).is_some();
        let unknown = |failure: &CallFailure| unknown(&region, redirected, failure);
        let answer = answer.await.map_err(|error| unknown(&aws_answer(&error)))?;
        let account = answer.account().and_then(AccountId::new);
        let account = account.ok_or_else(|| unknown(&incomplete("the response has no account")))?;
        let arn = answer.arn().unwrap_or_default().to_owned();
        Ok(Self {
            sdk,
            retry_partition: None,
            account,
            arn,
        })
    }

    /// IAM of the operator's own account, for the rule's own evaluation.
    pub fn iam_of_the_rule(&self) -> aws_sdk_iam::Client {
        let config = aws_sdk_iam::config::Builder::from(&self.sdk);
        aws_sdk_iam::Client::from_conf(config.interceptor(ShowChain).build())
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

const IDENTITY_CALL: &str = "sts:GetCallerIdentity";

/// The variable that names the profile, and the name. The AWS CLI looks at
/// `AWS_DEFAULT_PROFILE` first (`profile` in botocore/configprovider.py), the SDK
/// at `AWS_PROFILE` alone.
fn profile() -> Option<(&'static str, String)> {
    let of = |variable| Some((variable, env::var(variable).ok()?));
    ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"]
        .into_iter()
        .filter_map(of)
        .find(|(_, name)| !name.is_empty())
}

/// The SDK panics at an endpoint that is set and empty.
fn check_endpoints() -> Result<(), Failure> {
    let empty = env::vars_os().find_map(|(name, value)| {
        let name = name.into_string().ok()?;
        (name.starts_with("AWS_ENDPOINT_URL") && value.is_empty()).then_some(name)
    });
    match empty {
        None => Ok(()),
        Some(name) => Err(Failure::new(format!(
            "{name} is set and empty, and no endpoint; take it away: `unset {name}`"
        ))),
    }
}

async fn sdk_config(profile: Option<String>) -> SdkConfig {
    let http_client = HttpClient::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client);
    if let Some(name) = profile {
        loader = loader.profile_name(name);
    }
    let found = loader.load().await;
    // The function signs with what Lambda gives it and keeps nothing; here each
    // look for credentials may start a process or ask SSO.
    sdk_config::with_limits(found.into_builder())
        .identity_cache(IdentityCache::lazy().build())
        .build()
}

/// Whether the profile exists that the variable names: the SDK would look
/// elsewhere for credentials, and speak of those.
async fn check_profile(variable: &str, name: &str) -> Result<(), Failure> {
    let files = EnvConfigFiles::default();
    let profiles = profile::load(&Fs::real(), &Env::real(), &files, None).await;
    let profiles = profiles.map_err(|error| {
        show_chain(&error);
        Failure::new(
            "the AWS configuration files cannot be read; correct ~/.aws/config and \
             ~/.aws/credentials until `aws configure list` succeeds",
        )
    })?;
    if let Some(profile) = profiles.get_profile(name) {
        let signs_in = |it: &Profile| {
            ["sso_session", "sso_start_url"]
                .iter()
                .any(|key| it.get(key).is_some())
        };
        let source = profile.get("source_profile");
        let source = source.and_then(|name| profiles.get_profile(name));
        use_profile(name, signs_in(profile) || source.is_some_and(signs_in));
        return Ok(());
    }
    Err(Failure::new(format!(
        "{variable} names profile {name:?}, which neither ~/.aws/config nor ~/.aws/credentials \
         has; `aws configure list-profiles` lists the profiles"
    )))
}

/// Whether it can be the name of a region with an STS endpoint of its own.
fn check_region(region: Option<&str>) -> Result<(), Failure> {
    let why = match region.filter(|region| !region.is_empty()) {
        None => "no AWS region is set".to_owned(),
        Some(region) if is_region(region) => return Ok(()),
        Some(region) => format!("{region:?} is not the name of an AWS region"),
    };
    Err(Failure::new(format!(
        "{why}, and a regional STS endpoint is called: `export AWS_REGION=us-east-1`"
    )))
}

/// For example `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`: words of small
/// letters, then a number.
fn is_region(name: &str) -> bool {
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<_> = name.split('-').collect();
    match parts.as_slice() {
        [words @ .., number] => {
            words.len() >= 2 && is_number(number) && words.iter().all(|it| is_word(it))
        }
        [] => false,
    }
}

/// Why STS did not say whose the credentials are, and what to do.
fn unknown(region: &str, redirected: bool, failure: &CallFailure) -> Failure {
    let cause = &failure.cause;
    Failure::new(match failure.class {
        FailureClass::Credentials if failure.code == "InvalidCredentials" => {
            let cause = cause.strip_prefix("not called: ").unwrap_or(cause);
            let of = profile().map(|(_, name)| format!(" for profile {name:?}"));
            let of = of.unwrap_or_default();
            format!("{cause}{of}; {}", sign_in())
        }
        FailureClass::Credentials if failure.code.starts_with("ExpiredToken") => {
            format!(
                "the credentials have expired: sts:GetCallerIdentity: {cause}; {}",
                sign_in()
            )
        }
        FailureClass::Credentials => format!(
            "AWS does not accept the credentials: sts:GetCallerIdentity in {region}: {cause}; {}, \
             and check that the account has region {region} enabled and that this machine's clock \
             is right",
            sign_in()
        ),
        _ => {
            let call = Call {
                action: IDENTITY_CALL,
                by: "these credentials",
                account: None,
                as_root: false,
            };
            let remedy = remedy(failure, &call, sign_in);
            let elsewhere = if !redirected && may_be_no_region(region, cause) {
                format!("; if there is no region {region}: `export AWS_REGION=us-east-1`")
            } else {
                String::new()
            };
            format!(
                "cannot tell whose credentials these are: sts:GetCallerIdentity in {region}: \
                 {cause}; {remedy}{elsewhere}"
            )
        }
    })
}

/// Whether that may have failed because AWS has no such region: its endpoint has
/// no address then.
fn may_be_no_region(region: &str, cause: &str) -> bool {
    region != "us-east-1" && cause.contains("the name of the endpoint cannot be resolved")
}

/// Shows the SDK's causes of a call of the library's, which returns its own words.
#[derive(Debug)]
struct ShowChain;

impl Intercept for ShowChain {
    fn name(&self) -> &'static str {
        "ShowChain"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Err(error)) = context.output_or_error() {
            let mut cause = error.source();
            if let Some(connector) = error.as_connector_error() {
                cause = Some(connector);
            }
            if let Some(cause) = cause {
                show_chain(cause);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{is_region, may_be_no_region};

    #[test]
    fn only_a_name_that_cannot_be_resolved_may_be_no_region() {
        let unresolved = "the name of the endpoint cannot be resolved";
        assert!(may_be_no_region("eu-west-9", unresolved));
        assert!(!may_be_no_region("us-east-1", unresolved));
        let refused = "the endpoint refused the connection";
        assert!(!may_be_no_region("eu-west-9", refused));
    }

    #[test]
    fn a_region_is_words_and_a_number() {
        for name in [
            "us-east-1",
            "us-gov-west-1",
            "eusc-de-east-1",
            "us-isob-east-1",
        ] {
            assert!(is_region(name), "{name}");
        }
        for name in [
            "",
            "us",
            "us-east",
            "us-east-",
            "us-east-1a",
            "US-EAST-1",
            "us east 1",
            "aws-global",
            "-east-1",
            "us--1",
            "us-east-1.evil.example",
        ] {
            assert!(!is_region(name), "{name}");
        }
    }
}
