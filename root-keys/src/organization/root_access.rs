//! What must be in place before a member account's root user can be reached
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html>).

use aws_sdk_iam::operation::list_organizations_features::ListOrganizationsFeaturesError as FeaturesError;
use aws_sdk_iam::types::FeatureType;
use aws_sdk_organizations::operation::describe_account::DescribeAccountError;
use root_access_key_rule::aws::failure::{CallFailure, FailureClass};
use root_access_key_rule::rule::account_id::AccountId;

use crate::aws::call::call_failure;
use crate::aws::caller::Caller;
use crate::aws::next_step::{Call, next_step};
use crate::docs::DOCS;
use crate::failure::Failure;
use crate::organization::account::Account;
use crate::organization::accounts;
use crate::organization::administrators::Administrators;
use crate::organization::delegated_administrators;
use crate::organization::facts::Source;
use crate::organization::paging::Listings;
use crate::organization::policies;
use crate::organization::policy_content::RecognizedPolicy;
use crate::organization::principals::ROOT_ACCESS;
use crate::organization::reachability::{Member, not_a_member, not_active};
use crate::progress::Progress;

/// Finds the member account of that ID, and returns what AWS Organizations says of it.
///
/// # Errors
/// Everything that is missing, each with what to do about it.
pub async fn find_member(
    caller: &Caller,
    account: &AccountId,
) -> Result<(Member, Account), Failure> {
    let mut missing: Vec<String> = missing_feature(caller).await?.into_iter().collect();
    let known = describe(caller, account).await?;
    missing.extend(not_a_member(&known));
    missing.extend(not_active(&known));
    if missing.is_empty() {
        let member = Member {
            account: account.clone(),
            name: known.display_name().to_owned(),
        };
        Ok((member, known))
    } else {
        Err(Failure::new(missing.join("\nroot-keys: ")))
    }
}

/// Checks what is required to reach any root user, whichever the account.
///
/// # Errors
/// What is missing, and what to do about it.
pub async fn require_root_access(caller: &Caller) -> Result<(), Failure> {
    match missing_feature(caller).await? {
        None => Ok(()),
        Some(missing) => Err(Failure::new(missing)),
    }
}

/// The one feature of centralized root access that root keys need, if it is off.
///
/// `RootSessions` is for unlocking S3 buckets and SQS queues: with
/// `RootCredentialsManagement` alone, `AssumeRoot` succeeds for the task
/// policies that list and delete credentials.
async fn missing_feature(caller: &Caller) -> Result<Option<String>, Failure> {
    let response = caller.iam().list_organizations_features().send().await;
    let response = match response {
        Ok(response) => response,
        Err(error) => {
            let failure = call_failure(&error);
            return Err(no_features(caller, error.as_service_error(), &failure).await);
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
    caller: &Caller,
    error: Option<&FeaturesError>,
    failure: &CallFailure,
) -> Failure {
    let call = "iam:ListOrganizationsFeatures";
    let account = &caller.account;
    Failure::new(match error {
        Some(FeaturesError::OrganizationNotFoundException(_)) => not_in_organization(account),
        Some(FeaturesError::OrganizationNotInAllFeaturesModeException(_)) => {
            "the organization has only consolidated billing; enable all features from the management account: \
             `aws organizations enable-all-features`"
                .to_owned()
        }
        Some(FeaturesError::ServiceAccessNotEnabledException(_)) => format!(
            "trusted access for IAM is off in this organization; turn it on from the management account: \
             `aws organizations enable-aws-service-access --service-principal {ROOT_ACCESS}`"
        ),
        Some(FeaturesError::AccountNotManagementOrDelegatedAdministratorException(_)) => format!(
            "account {account} is neither the organization's management account nor a delegated \
             administrator for IAM, so it cannot reach root users; {}",
            administrators(caller).await.sign_in()
        ),
        _ => format!(
            "cannot tell whether root access is centralized: {call} as {}: {}; {}",
            caller.arn,
            failure.cause,
            advice(caller, call, failure).await
        ),
    })
}

/// Reads what AWS Organizations says of an account.
///
/// # Errors
/// When the account is not in the organization, or the call fails.
pub async fn describe(caller: &Caller, account: &AccountId) -> Result<Account, Failure> {
    let response = caller
        .organizations()
        .describe_account()
        .account_id(account.as_str())
        .send()
        .await;
    match response {
        Ok(response) => {
            let described = response.account.as_ref().and_then(accounts::account);
            let Some(described) = described else {
                let failure = CallFailure::incomplete("it has no account");
                return Err(not_described(caller, account, None, &failure).await);
            };
            Ok(described)
        }
        Err(error) => {
            let failure = call_failure(&error);
            Err(not_described(caller, account, error.as_service_error(), &failure).await)
        }
    }
}

async fn not_described(
    caller: &Caller,
    account: &AccountId,
    error: Option<&DescribeAccountError>,
    failure: &CallFailure,
) -> Failure {
    Failure::new(match error {
        Some(DescribeAccountError::AccountNotFoundException(_)) => format!(
            "account {account} is not in this organization; list its accounts with \
             `aws organizations list-accounts`"
        ),
        Some(DescribeAccountError::AwsOrganizationsNotInUseException(_)) => {
            not_in_organization(&caller.account)
        }
        _ => format!(
            "cannot tell whether account {account} is a member of this organization: \
             organizations:DescribeAccount as {}: {}; {}",
            caller.arn,
            failure.cause,
            advice(caller, "organizations:DescribeAccount", failure).await
        ),
    })
}

/// Lists all accounts of the organization.
///
/// # Errors
/// When they cannot be listed to the end.
pub async fn accounts(
    caller: &Caller,
    progress: &Progress,
) -> Result<(Vec<Account>, Source), Failure> {
    let own = [caller.account.as_str()];
    let listings = Listings::new(&caller.sdk, progress.clone());
    accounts::list(&caller.organizations(), &listings, &own, async |failure| {
        let (call, arn, cause) = (accounts::LIST, &caller.arn, &failure.cause);
        let advice = advice(caller, call, &failure).await;
        Failure::new(format!(
            "cannot list the accounts of the organization: {call} as {arn}: {cause}; {advice}"
        ))
    })
    .await
}

/// Reads the service control policies that are recognized, and their targets.
///
/// # Errors
/// When one of the calls fails.
pub async fn policies(
    caller: &Caller,
    progress: &Progress,
) -> Result<Vec<RecognizedPolicy>, Failure> {
    let client = caller.organizations();
    let listings = Listings::new(&caller.sdk, progress.clone());
    let read = policies::read(&client, &listings, async |call, failure| {
        let (arn, cause) = (&caller.arn, &failure.cause);
        let advice = advice(caller, call, &failure).await;
        Failure::new(format!("{call} as {arn}: {cause}; {advice}"))
    });
    Ok(read.await?.0)
}

async fn administrators(caller: &Caller) -> Administrators {
    delegated_administrators::visible(&caller.organizations(), ROOT_ACCESS).await
}

/// What to do about a call that failed. A permission helps only in an account
/// that may act for the organization.
async fn advice(caller: &Caller, action: &str, failure: &CallFailure) -> String {
    let account = caller.account.as_str();
    if failure.explicit_deny || failure.class != FailureClass::Denied {
        let call = Call {
            action,
            by: &caller.arn,
            account: Some(account),
            as_root: false,
        };
        return next_step(failure, &call, attach_policy);
    }
    let administrators = administrators(caller).await;
    match administrators.include(account) {
        Some(true) => attach_policy(),
        Some(false) => administrators.sign_in(),
        None => format!(
            "{}; if account {account} is one of these, {}",
            administrators.sign_in(),
            attach_policy()
        ),
    }
}

fn not_in_organization(account: &AccountId) -> String {
    format!(
        "account {account} is not in an organization, so it cannot open root sessions; \
         sign in as the root user: {DOCS}/remediation.md#your-own-account"
    )
}

/// Says how to get the permissions that reaching root users needs.
#[must_use]
pub fn attach_policy() -> String {
    "create a policy with the permissions that this command needs and attach it: `aws iam create-policy \
     --policy-name RootKeys --policy-document file://root-keys/operator-policy.json`"
        .to_owned()
}
