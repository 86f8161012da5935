//! Opens a session of a member account's root user, for one task and at most 15
//! minutes (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html>).
//!
//! Reading and deleting use separate types and task policies, so code that holds an
//! [`AuditSession`] cannot delete a key.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_iam::Client;
use aws_sdk_sts::operation::assume_root::AssumeRootError;
use aws_sdk_sts::types::PolicyDescriptorType;
use root_access_key_rule::aws::failure::CallFailure;

use crate::aws::call::call_failure;
use crate::aws::caller::Caller;
use crate::aws::next_step::{Call, next_step};
use crate::aws::truncated_response::RejectTruncatedResponse;
use crate::docs::DOCS;
use crate::failure::Failure;
use crate::organization::reachability::Member;
use crate::organization::root_access::attach_policy;
use crate::root_session::confirmation::Confirmation;

/// A session that can read the root user's credentials.
#[derive(Debug)]
pub struct AuditSession(Client);

/// A session that can delete the root user's credentials.
#[derive(Debug)]
pub struct DeleteSession(Client);

impl AuditSession {
    /// Opens a session at the regional STS endpoint.
    ///
    /// # Errors
    /// When AWS denies it or does not respond, with the next step.
    pub async fn open(caller: &Caller, member: &Member) -> Result<Self, Failure> {
        assume_root(caller, member, "IAMAuditRootUserCredentials")
            .await
            .map(Self)
    }

    /// Returns a client of IAM that acts as the member's root user.
    #[must_use]
    pub fn iam(&self) -> &Client {
        &self.0
    }
}

impl DeleteSession {
    /// Opens a session at the regional STS endpoint. It takes the confirmation, so
    /// that without one nothing can delete.
    ///
    /// # Errors
    /// When AWS denies it or does not respond, with the next step.
    pub async fn open(caller: &Caller, member: &Member, _: &Confirmation) -> Result<Self, Failure> {
        assume_root(caller, member, "IAMDeleteRootUserCredentials")
            .await
            .map(Self)
    }

    /// Returns a client of IAM that acts as the member's root user.
    #[must_use]
    pub fn iam(&self) -> &Client {
        &self.0
    }
}

async fn assume_root(
    caller: &Caller,
    member: &Member,
    task_policy: &str,
) -> Result<Client, Failure> {
    let partition = caller.partition();
    let arn = format!("arn:{partition}:iam::aws:policy/root-task/{task_policy}");
    let mut config = aws_sdk_sts::config::Builder::from(&caller.sdk);
    config.set_retry_partition(caller.retry_partition.clone());
    // Credentials that were cut short must not sign anything.
    let config = config.interceptor(RejectTruncatedResponse).build();
    let response = aws_sdk_sts::Client::from_conf(config)
        .assume_root()
        .target_principal(member.account.as_str())
        .task_policy_arn(PolicyDescriptorType::builder().arn(arn).build())
        .send()
        .await
        .map_err(|error| {
            let failure = call_failure(&error);
            refused(
                caller,
                member,
                task_policy,
                error.as_service_error(),
                &failure,
            )
        })?;
    let keys = response.credentials.ok_or_else(|| {
        let why = CallFailure::incomplete("it has no credentials");
        refused(caller, member, task_policy, None, &why)
    })?;
    let credentials = Credentials::new(
        keys.access_key_id,
        keys.secret_access_key,
        Some(keys.session_token),
        None,
        "AssumeRoot",
    );
    let sdk = caller
        .sdk
        .to_builder()
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    let mut config = aws_sdk_iam::config::Builder::from(&sdk);
    config.set_retry_partition(caller.retry_partition.clone());
    // A list of keys that was cut short must not read as a shorter list.
    Ok(Client::from_conf(
        config.interceptor(RejectTruncatedResponse).build(),
    ))
}

fn refused(
    caller: &Caller,
    member: &Member,
    task_policy: &str,
    error: Option<&AssumeRootError>,
    failure: &CallFailure,
) -> Failure {
    let (arn, account, cause) = (&caller.arn, &member.account, &failure.cause);
    // AWS evaluates AssumeRoot with the policies of the account that calls it.
    let call = Call {
        action: "sts:AssumeRoot",
        by: arn,
        account: Some(caller.account.as_str()),
        as_root: true,
    };
    let next_step = match error {
        Some(AssumeRootError::RegionDisabledException(_)) => format!(
            "STS is not active in {}; use another region: `export AWS_REGION=us-east-1`",
            caller.region()
        ),
        _ => next_step(failure, &call, || {
            format!(
                "{}; if it is attached, check for a service control policy that denies root users \
                 everything without exempting aws:AssumedRoot, as AWS Control Tower's control \
                 AWS-GR_RESTRICT_ROOT_USER does unless its parameter ExemptAssumeRoot is set: \
                 {DOCS}/remediation.md#what-you-need",
                attach_policy()
            )
        }),
    };
    Failure::new(format!(
        "cannot open a root session in account {account}: sts:AssumeRoot with task policy \
         {task_policy} as {arn}: {cause}; {next_step}"
    ))
}
