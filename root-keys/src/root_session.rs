//! Being a member account's root user, for one task and at most 15 minutes
//! (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html>).
//!
//! Two tasks, two types: what can only look cannot delete, in AWS and here.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_iam::Client;
use aws_sdk_sts::types::PolicyDescriptorType;
use root_access_key_rule::aws::failure::CallFailure;

use crate::DOCS;
use crate::confirmation::Confirmation;
use crate::failure::{Call, Failure, aws_answer, code, incomplete, remedy};
use crate::operator::Operator;
use crate::organization::{Member, give_permissions};
use crate::status::pages::WholeAnswer;

/// A session that can look at the root user's credentials.
pub struct AuditSession(Client);

/// A session that can delete the root user's credentials.
pub struct DeleteSession(Client);

impl AuditSession {
    /// Opens it, at the regional STS endpoint.
    pub async fn open(operator: &Operator, member: &Member) -> Result<Self, Failure> {
        assume_root(operator, member, "IAMAuditRootUserCredentials")
            .await
            .map(Self)
    }

    /// IAM, as the member's root user.
    pub fn iam(&self) -> &Client {
        &self.0
    }
}

impl DeleteSession {
    /// Opens it, at the regional STS endpoint. Takes the confirmation, so that
    /// without one there is nothing that could delete.
    pub async fn open(
        operator: &Operator,
        member: &Member,
        _: &Confirmation,
    ) -> Result<Self, Failure> {
        assume_root(operator, member, "IAMDeleteRootUserCredentials")
            .await
            .map(Self)
    }

    /// IAM, as the member's root user.
    pub fn iam(&self) -> &Client {
        &self.0
    }
}

async fn assume_root(
    operator: &Operator,
    member: &Member,
    task_policy: &str,
) -> Result<Client, Failure> {
    let partition = operator.partition();
    let arn = format!("arn:{partition}:iam::aws:policy/root-task/{task_policy}");
    let mut config = aws_sdk_sts::config::Builder::from(&operator.sdk);
    config.set_retry_partition(operator.retry_partition.clone());
    let answer = aws_sdk_sts::Client::from_conf(config.build())
        .assume_root()
        .target_principal(member.account.as_str())
        .task_policy_arn(PolicyDescriptorType::builder().arn(arn).build())
        .send()
        .await
        .map_err(|error| {
            refused(
                operator,
                member,
                task_policy,
                code(&error),
                &aws_answer(&error),
            )
        })?;
    let keys = answer.credentials.ok_or_else(|| {
        let why = incomplete("the response has no credentials");
        refused(operator, member, task_policy, "", &why)
    })?;
    let credentials = Credentials::new(
        keys.access_key_id,
        keys.secret_access_key,
        Some(keys.session_token),
        None,
        "AssumeRoot",
    );
    let sdk = operator
        .sdk
        .to_builder()
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    let mut config = aws_sdk_iam::config::Builder::from(&sdk);
    config.set_retry_partition(operator.retry_partition.clone());
    // A list of keys that was cut short must not read as a shorter list.
    Ok(Client::from_conf(config.interceptor(WholeAnswer).build()))
}

fn refused(
    operator: &Operator,
    member: &Member,
    task_policy: &str,
    code: &str,
    failure: &CallFailure,
) -> Failure {
    let (arn, account, cause) = (&operator.arn, &member.account, &failure.cause);
    // AWS evaluates AssumeRoot with the policies of the account that calls it.
    let call = Call {
        action: "sts:AssumeRoot",
        by: arn,
        account: Some(operator.account.as_str()),
        as_root: true,
    };
    let remedy = match code {
        "RegionDisabled" => format!(
            "STS is not active in {}; use another region: `export AWS_REGION=us-east-1`",
            operator.region()
        ),
        _ => remedy(failure, &call, || {
            format!(
                "{}; if it is attached, look for a service control policy that denies root users \
                 everything without exempting aws:AssumedRoot, as AWS Control Tower's control \
                 AWS-GR_RESTRICT_ROOT_USER does unless its parameter ExemptAssumeRoot is set: \
                 {DOCS}/remediation.md#what-you-need",
                give_permissions()
            )
        }),
    };
    Failure::new(format!(
        "cannot open a root session in account {account}: sts:AssumeRoot with task policy \
         {task_policy} as {arn}: {cause}; {remedy}"
    ))
}
