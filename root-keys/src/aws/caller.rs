//! The user or role that calls AWS: credentials and region, and to whom AWS says
//! these belong.

use aws_config::SdkConfig;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use root_access_key_rule::aws::failure::{CallFailure, FailureClass};
use root_access_key_rule::rule::account_id::AccountId;

use crate::aws::call::{ShowCauses, call_failure};
use crate::aws::next_step::{self, Call, next_step, sign_in};
use crate::aws::sdk_config::with_more_retries;
use crate::aws::truncated_response::RejectTruncatedResponse;
use crate::failure::Failure;

/// The user or role that calls AWS.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Credentials and region, with timeouts and retries.
    pub sdk: SdkConfig,
    /// The quota of retries of the calls to STS, to a member's IAM and about the
    /// organization; `None` for the SDK's own.
    pub retry_partition: Option<RetryPartition>,
    /// The account that the credentials belong to.
    pub account: AccountId,
    /// The ARN of the user or role.
    pub arn: String,
}

const IDENTITY_CALL: &str = "sts:GetCallerIdentity";

impl Caller {
    /// Makes a caller: `sts:GetCallerIdentity` returns the account and the ARN that the
    /// credentials belong to.
    ///
    /// # Errors
    /// When there are no credentials, or STS cannot be reached or does not accept
    /// them.
    pub async fn new(sdk: SdkConfig) -> Result<Self, Failure> {
        let region = sdk.region().map_or("", AsRef::as_ref).to_owned();
        let redirected =
            sdk.endpoint_url().is_some() || next_step::endpoint_variable(IDENTITY_CALL).is_some();
        let unknown = |failure: &CallFailure| unknown_identity(&region, redirected, failure);
        let response = aws_sdk_sts::Client::new(&sdk).get_caller_identity().send();
        let response = response
            .await
            .map_err(|error| unknown(&call_failure(&error)))?;
        let account = response
            .account()
            .and_then(AccountId::new)
            .ok_or_else(|| unknown(&CallFailure::incomplete("it has no account")))?;
        let arn = response.arn().unwrap_or_default().to_owned();
        Ok(Self {
            sdk,
            retry_partition: None,
            account,
            arn,
        })
    }

    /// Makes a client of IAM in the caller's own account, for the rule's own
    /// evaluation.
    #[must_use]
    pub fn iam_of_the_rule(&self) -> aws_sdk_iam::Client {
        let config = aws_sdk_iam::config::Builder::from(&self.sdk);
        aws_sdk_iam::Client::from_conf(config.interceptor(ShowCauses).build())
    }

    /// Makes a client of IAM in the caller's own account. It rejects truncated
    /// responses.
    #[must_use]
    pub fn iam(&self) -> aws_sdk_iam::Client {
        let config = aws_sdk_iam::config::Builder::from(&self.sdk);
        aws_sdk_iam::Client::from_conf(config.interceptor(RejectTruncatedResponse).build())
    }

    /// Makes a client of AWS Organizations. It rejects truncated responses.
    #[must_use]
    pub fn organizations(&self) -> aws_sdk_organizations::Client {
        let mut config = aws_sdk_organizations::config::Builder::from(&self.sdk);
        config.set_retry_partition(self.retry_partition.clone());
        aws_sdk_organizations::Client::from_conf(
            config.interceptor(RejectTruncatedResponse).build(),
        )
    }

    /// Makes a client of AWS CloudFormation in the caller's region. It rejects
    /// truncated responses.
    #[must_use]
    pub fn cloudformation(&self) -> aws_sdk_cloudformation::Client {
        let mut config = aws_sdk_cloudformation::config::Builder::from(&self.sdk);
        config.set_retry_partition(self.retry_partition.clone());
        aws_sdk_cloudformation::Client::from_conf(
            config.interceptor(RejectTruncatedResponse).build(),
        )
    }

    /// Makes a client of AWS Config in the caller's region. It rejects truncated
    /// responses.
    #[must_use]
    pub fn config(&self) -> aws_sdk_config::Client {
        let mut config = aws_sdk_config::config::Builder::from(&self.sdk);
        config.set_retry_partition(self.retry_partition.clone());
        aws_sdk_config::Client::from_conf(config.interceptor(RejectTruncatedResponse).build())
    }

    /// Waits longer than the rule does: a call that AWS throttles is repeated up to
    /// six times, after pauses that grow to 20 seconds.
    #[must_use]
    pub fn with_more_retries(self) -> Self {
        // The SDK shares one quota of retries among all clients of a service: the
        // accounts that stay throttled would use up those of the others.
        let unlimited = RetryPartition::custom("root-keys").token_bucket(TokenBucket::unlimited());
        Self {
            sdk: with_more_retries(&self.sdk),
            retry_partition: Some(unlimited.build()),
            ..self
        }
    }

    /// Returns the partition of the ARN: `aws`, `aws-us-gov`, `aws-cn` or `aws-eusc`.
    #[must_use]
    pub fn partition(&self) -> &str {
        self.arn.split(':').nth(1).unwrap_or("aws")
    }

    /// Returns the region of the STS endpoint.
    #[must_use]
    pub fn region(&self) -> &str {
        self.sdk.region().map_or("", AsRef::as_ref)
    }
}

/// Why STS did not say to whom the credentials belong, and what to do.
fn unknown_identity(region: &str, redirected: bool, failure: &CallFailure) -> Failure {
    let cause = &failure.cause;
    Failure::new(match failure.class {
        FailureClass::Credentials if failure.has_no_credentials() => {
            let cause = cause.strip_prefix("not called: ").unwrap_or(cause);
            let of = next_step::profile().map(|it| format!(" for profile {:?}", it.name));
            let of = of.unwrap_or_default();
            format!("{cause}{of}; {}", sign_in())
        }
        FailureClass::Credentials if failure.has_expired_credentials() => {
            format!(
                "the credentials have expired: sts:GetCallerIdentity: {cause}; {}",
                sign_in()
            )
        }
        FailureClass::Credentials => format!(
            "AWS does not accept the credentials: sts:GetCallerIdentity in {region}: {cause}; {}; \
             check also that the account has region {region} enabled and that this machine's clock \
             is correct",
            sign_in()
        ),
        _ => {
            let call = Call {
                action: IDENTITY_CALL,
                by: "these credentials",
                account: None,
                as_root: false,
            };
            let next_step = next_step(failure, &call, sign_in);
            let elsewhere = if !redirected && may_be_no_region(region, failure) {
                format!("; if region {region} does not exist: `export AWS_REGION=us-east-1`")
            } else {
                String::new()
            };
            format!(
                "cannot identify the caller: sts:GetCallerIdentity in {region}: \
                 {cause}; {next_step}{elsewhere}"
            )
        }
    })
}

/// Whether the call may have failed because AWS has no such region: then the name of
/// its endpoint has no address.
fn may_be_no_region(region: &str, failure: &CallFailure) -> bool {
    region != "us-east-1" && failure.has_unresolved_endpoint()
}

#[cfg(test)]
mod tests {
    use root_access_key_rule::aws::failure::{CallFailure, FailureClass};

    use super::may_be_no_region;

    #[test]
    fn only_a_name_that_cannot_be_resolved_may_be_no_region() {
        let failed = |cause: &str| {
            CallFailure::new(
                FailureClass::NotReached,
                "ConnectionFailed",
                cause.to_owned(),
            )
        };
        let unresolved = failed("the name of the endpoint cannot be resolved");
        assert!(may_be_no_region("eu-west-9", &unresolved));
        assert!(!may_be_no_region("us-east-1", &unresolved));
        let refused = failed("the endpoint refused the connection");
        assert!(!may_be_no_region("eu-west-9", &refused));
    }
}
