//! What IAM says: the calls, and the plain facts they leave behind.

use std::error::Error;

use aws_sdk_iam::Client;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iam::operation::RequestId;
use aws_sdk_iam::operation::get_account_summary::GetAccountSummaryOutput;
use aws_sdk_iam::types::SummaryKeyType;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::deadline::Deadline;
use crate::error::{RuleError, aws_answer};
use crate::event::AccountId;
use crate::whole_answer::WholeAnswer;

/// The facts of IAM's account summary that the verdict rests on
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSummary {
    /// `AccountAccessKeysPresent`: 0 if the root user has no access key. AWS
    /// does not say whether more than 1 can occur; active and inactive keys
    /// count alike.
    pub access_keys_present: u32,
    /// Whether IAM says that the root user has no console password
    /// (`AccountPasswordPresent` is 0).
    pub no_password: bool,
}

/// Asks IAM for the account summary; `GetAccountSummary` once, retried by the
/// SDK. Returns the facts and the request id of the answer they came with.
///
/// # Errors
/// `EvidenceUnavailable` if the answer did not come, was not whole, or lacks a
/// usable `AccountAccessKeysPresent`.
pub async fn read_account_summary(
    iam: &Client,
    account: &AccountId,
    deadline: Deadline,
) -> Result<(AccountSummary, Option<String>), RuleError> {
    let call = iam
        .get_account_summary()
        .customize()
        .interceptor(WholeAnswer::Xml)
        .send();
    let answer = deadline
        .allows(call)
        .await
        .ok_or_else(|| unavailable(account, "no answer before the run's deadline", RETRIED))?
        .map_err(|error| refused(account, &error))?;
    let summary = facts(&answer).map_err(|why| unavailable(account, why, RETRIED))?;
    Ok((summary, answer.request_id().map(str::to_owned)))
}

const RETRIED: &str =
    "Lambda runs this again; if it stays so, see the health of IAM in this partition";

/// The facts of a whole answer.
fn facts(answer: &GetAccountSummaryOutput) -> Result<AccountSummary, &'static str> {
    let map = answer.summary_map().ok_or("the answer has no SummaryMap")?;
    let access_keys_present = map
        .get(&SummaryKeyType::AccountAccessKeysPresent)
        .ok_or("the answer has no AccountAccessKeysPresent")?;
    Ok(AccountSummary {
        access_keys_present: u32::try_from(*access_keys_present)
            .map_err(|_| "the answer's AccountAccessKeysPresent is negative")?,
        no_password: map.get(&SummaryKeyType::AccountPasswordPresent) == Some(&0),
    })
}

fn refused<E>(account: &AccountId, error: &SdkError<E, HttpResponse>) -> RuleError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let denied = matches!(error.code(), Some("AccessDenied" | "AccessDeniedException"));
    let remedy = if denied {
        "allow iam:GetAccountSummary in the function's role, and look for a service control policy that denies it"
    } else {
        RETRIED
    };
    unavailable(account, &aws_answer(error), remedy)
}

fn unavailable(account: &AccountId, why: &str, remedy: &str) -> RuleError {
    RuleError::EvidenceUnavailable(format!(
        "cannot tell whether the root user of account {account} has access keys: iam:GetAccountSummary: {why}; nothing was reported to AWS Config; {remedy}"
    ))
}
