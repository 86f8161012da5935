//! Calls `iam:GetAccountSummary` and reads the facts in its response.

use aws_sdk_iam::Client;
use aws_sdk_iam::config::Builder;
use aws_sdk_iam::operation::RequestId;
use aws_sdk_iam::operation::get_account_summary::{
    GetAccountSummaryError, GetAccountSummaryOutput,
};
use aws_sdk_iam::types::SummaryKeyType;

use crate::aws::deadline::Deadline;
use crate::aws::failure::CallFailure;
use crate::aws::incomplete_response::{IncompleteResponse, RejectIncompleteResponse};
use crate::aws::retry::{RetryByClass, no_shared_quota};
use crate::rule::verdict::AccountSummary;

/// Reads the account summary with one `GetAccountSummary`, which the SDK retries
/// if it is throttled, fails, or returns an incomplete response. Returns the
/// facts and the request ID of the response.
///
/// # Errors
/// [`CallFailure`] if no attempt before `deadline` returns a complete response with
/// a usable `AccountAccessKeysPresent`.
pub async fn read_account_summary(
    iam: &Client,
    deadline: Deadline,
) -> Result<(AccountSummary, Option<String>), CallFailure> {
    let overrides = Builder::new()
        .retry_partition(no_shared_quota())
        .retry_classifier(RetryByClass::<GetAccountSummaryError>::new());
    let call = iam
        .get_account_summary()
        .customize()
        .config_override(overrides)
        .interceptor(RejectIncompleteResponse::xml(|output| {
            facts(output).map(drop)
        }))
        .send();
    let output = deadline.run(call).await?;
    let output = output.map_err(|error| CallFailure::of(&error))?;
    let summary = facts(&output).map_err(IncompleteResponse)?;
    Ok((summary, output.request_id().map(str::to_owned)))
}

/// Reads the facts from a complete response.
fn facts(output: &GetAccountSummaryOutput) -> Result<AccountSummary, &'static str> {
    let map = output.summary_map().ok_or("it has no SummaryMap")?;
    let access_keys_present = map
        .get(&SummaryKeyType::AccountAccessKeysPresent)
        .ok_or("it has no AccountAccessKeysPresent")?;
    Ok(AccountSummary {
        access_keys_present: u32::try_from(*access_keys_present)
            .map_err(|_| "its AccountAccessKeysPresent is negative")?,
        no_password: map.get(&SummaryKeyType::AccountPasswordPresent) == Some(&0),
    })
}
