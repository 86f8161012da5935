//! What must be in place before a member account's root user can be reached
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html>).

use aws_sdk_iam::types::FeatureType;
use aws_sdk_organizations::types::Account;
use root_access_key_rule::aws::failure::{CallFailure, FailureClass};
use root_access_key_rule::rule::account_id::AccountId;

use crate::DOCS;
use crate::account_state;
use crate::administrators::Administrators;
use crate::failure::{Call, Failure, aws_answer, code, incomplete, remedy};
use crate::operator::Operator;

/// A member account whose root user can be reached.
pub struct Member {
    pub account: AccountId,
    /// The friendly name that the organization gave it.
    pub name: String,
}

/// The principal under which a delegated administrator for IAM is registered.
const PRINCIPAL: &str = "iam.amazonaws.com";

/// Finds the member account of that id.
///
/// # Errors
/// Everything that is missing, each with what to do about it.
pub async fn member(operator: &Operator, account: &AccountId) -> Result<Member, Failure> {
    let mut missing: Vec<String> = missing_feature(operator).await?.into_iter().collect();
    let known = describe(operator, account).await?;
    missing.extend(not_a_member(account, &known));
    missing.extend(not_active(account, &known));
    if missing.is_empty() {
        Ok(Member {
            account: account.clone(),
            name: known.name().unwrap_or("no name").to_owned(),
        })
    } else {
        Err(Failure::new(missing.join("\nroot-keys: ")))
    }
}

/// Checks what reaching any root user needs, whichever the account.
///
/// # Errors
/// What is missing, and what to do about it.
pub async fn ready(operator: &Operator) -> Result<(), Failure> {
    match missing_feature(operator).await? {
        None => Ok(()),
        Some(missing) => Err(Failure::new(missing)),
    }
}

/// The one feature of centralized root access that root keys need, if it is off.
///
/// `RootSessions` is for unlocking S3 buckets and SQS queues: with
/// `RootCredentialsManagement` alone, `AssumeRoot` succeeds for the task
/// policies that list and delete credentials.
async fn missing_feature(operator: &Operator) -> Result<Option<String>, Failure> {
    let call = "iam:ListOrganizationsFeatures";
    let response = operator.iam().list_organizations_features().send().await;
    let response = match response {
        Ok(response) => response,
        Err(error) => {
            let failure = aws_answer(&error);
            return Err(no_features(operator, call, code(&error), &failure).await);
        }
    };
    let needed = FeatureType::RootCredentialsManagement;
    Ok((!response.enabled_features().contains(&needed)).then(|| {
        format!(
            "{needed} is off in this organization; turn it on from the management account: \
             `aws iam enable-organizations-root-credentials-management`"
        )
    }))
}

async fn no_features(
    operator: &Operator,
    call: &str,
    code: &str,
    failure: &CallFailure,
) -> Failure {
    let account = &operator.account;
    Failure::new(match code {
        "OrganizationNotFound" => not_in_organization(account),
        "OrganizationNotInAllFeaturesMode" => "the organization has consolidated billing only; \
             from the management account: `aws organizations enable-all-features`"
            .to_owned(),
        "ServiceAccessNotEnabled" => "trusted access of IAM is off in this organization; \
             from the management account: \
             `aws organizations enable-aws-service-access --service-principal iam.amazonaws.com`"
            .to_owned(),
        "AccountNotManagementOrDelegatedAdministrator" => format!(
            "account {account} is neither the organization's management account nor a delegated \
             administrator for IAM, so it cannot reach root users; {}",
            administrators(operator).await.sign_in()
        ),
        _ => format!(
            "cannot tell whether root access is centralized: {call} as {}: {}; {}",
            operator.arn,
            failure.cause,
            next_step(operator, call, failure).await
        ),
    })
}

/// What AWS Organizations says of an account.
///
/// # Errors
/// When it is none of the organization, or the call fails.
pub async fn describe(operator: &Operator, account: &AccountId) -> Result<Account, Failure> {
    let response = operator
        .organizations()
        .describe_account()
        .account_id(account.as_str())
        .send()
        .await;
    let (code, failure) = match &response {
        Ok(response) => match &response.account {
            Some(known) => return Ok(known.clone()),
            None => ("", incomplete("the response has no account")),
        },
        Err(error) => (code(error), aws_answer(error)),
    };
    Err(not_described(operator, account, code, &failure).await)
}

async fn not_described(
    operator: &Operator,
    account: &AccountId,
    code: &str,
    failure: &CallFailure,
) -> Failure {
    Failure::new(match code {
        "AccountNotFound" => format!(
            "account {account} is not in this organization; its accounts: \
             `aws organizations list-accounts`"
        ),
        "AWSOrganizationsNotInUse" => not_in_organization(&operator.account),
        _ => format!(
            "cannot tell whether account {account} is a member of this organization: \
             organizations:DescribeAccount as {}: {}; {}",
            operator.arn,
            failure.cause,
            next_step(operator, "organizations:DescribeAccount", failure).await
        ),
    })
}

/// A call for the organization as a whole that failed.
pub async fn refused(operator: &Operator, call: &str, failure: &CallFailure) -> Failure {
    let (arn, cause) = (&operator.arn, &failure.cause);
    let next_step = next_step(operator, call, failure).await;
    Failure::new(format!("{call} as {arn}: {cause}; {next_step}"))
}

async fn administrators(operator: &Operator) -> Administrators {
    Administrators::of(&operator.organizations(), PRINCIPAL).await
}

/// What to do about a call that failed. A permission helps only in an account
/// that may act for the organization.
async fn next_step(operator: &Operator, action: &str, failure: &CallFailure) -> String {
    let account = operator.account.as_str();
    if failure.explicit_deny || failure.class != FailureClass::Denied {
        let call = Call {
            action,
            by: &operator.arn,
            account: Some(account),
            as_root: false,
        };
        return remedy(failure, &call, give_permissions);
    }
    let administrators = administrators(operator).await;
    match administrators.include(account) {
        Some(true) => give_permissions(),
        Some(false) => administrators.sign_in(),
        None => format!(
            "{}; if account {account} is the one, {}",
            administrators.sign_in(),
            give_permissions()
        ),
    }
}

/// Why no root session reaches an account that is not a member, if it is none.
/// The organization's ARNs carry its management account.
pub fn not_a_member(account: &AccountId, known: &Account) -> Option<String> {
    let management = known.arn().and_then(AccountId::of_arn);
    match management {
        Some(management) if management != *account => None,
        Some(_) => Some(format!(
            "account {account} is the management account, whose root user no session reaches; \
             sign in as its root user: {DOCS}/remediation.md#the-management-account"
        )),
        None => Some(format!(
            "cannot tell whether account {account} is the management account: AWS Organizations \
             gave it no ARN; look: `aws organizations describe-organization`"
        )),
    }
}

/// Why no root session reaches an account that is not active, if it is none.
pub fn not_active(account: &AccountId, known: &Account) -> Option<String> {
    let state = account_state::of(known)?;
    let remedy = account_state::remedy(state)?;
    Some(format!(
        "account {account} is {state}, and only an active one lets root sessions in; {remedy}: \
         `aws organizations describe-account --account-id {account}` shows its state"
    ))
}

fn not_in_organization(account: &AccountId) -> String {
    format!(
        "account {account} is in no organization, so nobody else can reach a root user from it; \
         sign in as the root user: {DOCS}/remediation.md#your-own-account"
    )
}

/// The remedy of a call that needs a permission.
pub fn give_permissions() -> String {
    "make a policy of what this command needs and attach it: `aws iam create-policy \
     --policy-name RootKeys --policy-document file://root-keys/operator-policy.json`"
        .to_owned()
}
