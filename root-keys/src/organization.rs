//! What must be in place before a member account's root user can be reached
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html>).

use aws_sdk_iam::types::FeatureType;
use aws_sdk_organizations::types::{Account, AccountState};
use root_access_key_rule::event::AccountId;

use crate::DOCS;
use crate::failure::{Failure, aws_answer, code};
use crate::operator::Operator;

/// A member account whose root user can be reached.
pub struct Member {
    pub account: AccountId,
    /// The friendly name that the organization gave it.
    pub name: String,
}

/// The member account of that id.
///
/// # Errors
/// Everything that is missing, each with the command that mends it.
pub async fn member(operator: &Operator, account: &AccountId) -> Result<Member, Failure> {
    let mut missing = missing_features(operator).await?;
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

/// The features of centralized root access that are off.
async fn missing_features(operator: &Operator) -> Result<Vec<String>, Failure> {
    let answer = aws_sdk_iam::Client::new(&operator.sdk)
        .list_organizations_features()
        .send()
        .await
        .map_err(|error| no_features(operator, code(&error), &aws_answer(&error)))?;
    let needed = [
        (
            FeatureType::RootCredentialsManagement,
            "aws iam enable-organizations-root-credentials-management",
        ),
        (
            FeatureType::RootSessions,
            "aws iam enable-organizations-root-sessions",
        ),
    ];
    let off = |feature: &FeatureType| !answer.enabled_features().contains(feature);
    let sentence = |(feature, command): (FeatureType, &str)| {
        format!("{feature} is off in this organization; switch it on: `{command}`")
    };
    Ok(needed
        .into_iter()
        .filter(|(feature, _)| off(feature))
        .map(sentence)
        .collect())
}

fn no_features(operator: &Operator, code: &str, answer: &str) -> Failure {
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
        "AccountNotManagementOrDelegatedAdministrator" => not_administrator(account),
        _ => format!(
            "cannot tell whether root access is centralized: iam:ListOrganizationsFeatures as {}: \
             {answer}; {}",
            operator.arn,
            give_permissions()
        ),
    })
}

async fn describe(operator: &Operator, account: &AccountId) -> Result<Account, Failure> {
    let answer = aws_sdk_organizations::Client::new(&operator.sdk)
        .describe_account()
        .account_id(account.as_str())
        .send()
        .await
        .map_err(|error| not_described(operator, account, code(&error), &aws_answer(&error)))?;
    answer.account.ok_or_else(|| {
        not_described(
            operator,
            account,
            "",
            "the answer says nothing of the account",
        )
    })
}

fn not_described(operator: &Operator, account: &AccountId, code: &str, answer: &str) -> Failure {
    Failure::new(match code {
        "AccountNotFound" => format!(
            "account {account} is not in this organization; its accounts: \
             `aws organizations list-accounts`"
        ),
        "AWSOrganizationsNotInUse" => not_in_organization(&operator.account),
        _ => format!(
            "cannot tell whether account {account} is a member of this organization: \
             organizations:DescribeAccount as {}: {answer}; {}",
            operator.arn,
            give_permissions()
        ),
    })
}

/// The organization's ARNs carry its management account.
fn not_a_member(account: &AccountId, known: &Account) -> Option<String> {
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

fn not_active(account: &AccountId, known: &Account) -> Option<String> {
    let state = known.state()?;
    (*state != AccountState::Active).then(|| {
        format!(
            "account {account} is {state}, and only an active one lets sessions in; \
             reopen it, or leave its keys to AWS's closure: \
             `aws organizations describe-account --account-id {account}`"
        )
    })
}

fn not_in_organization(account: &AccountId) -> String {
    format!(
        "account {account} is in no organization, so nobody else can reach a root user from it; \
         sign in as the root user: {DOCS}/remediation.md#your-own-account"
    )
}

fn not_administrator(account: &AccountId) -> String {
    format!(
        "account {account} is neither the organization's management account nor its delegated \
         administrator for IAM; from the management account: \
         `aws organizations register-delegated-administrator --account-id {account} \
         --service-principal iam.amazonaws.com`"
    )
}

/// The last resort of every message about a refused call.
pub fn give_permissions() -> String {
    "if it was denied, make a policy of what this command needs and attach it: `aws iam \
     create-policy --policy-name RootKeys --policy-document file://root-keys/operator-policy.json`"
        .to_owned()
}
