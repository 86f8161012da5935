//! Evaluates an account: the steps from the evidence to the annotation, with a time
//! limit for each. The function reports the finding to AWS Config; `root-keys check`
//! prints it.

use std::time::Instant;

use aws_sdk_iam::Client;
use chrono::{DateTime, Utc};

use crate::aws::account_summary::read_account_summary;
use crate::aws::deadline::Deadline;
use crate::aws::failure::CallFailure;
use crate::aws::report_polling::read_root_keys;
use crate::aws::time_budget::{CALL_TIMEOUT, CREDENTIAL_REPORT_BUDGET};
use crate::rule::account_id::AccountId;
use crate::rule::annotation;
use crate::rule::verdict::Verdict;

/// The verdict about an account, and its annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether the root user has an access key.
    pub verdict: Verdict,
    /// The annotation for the dashboard, 1–256 characters.
    pub annotation: String,
    /// The request ID of IAM's account summary.
    pub iam_request_id: Option<String>,
    /// Milliseconds spent on the account summary.
    pub evidence_ms: u64,
    /// Milliseconds spent on the credential report; 0 if it was not needed.
    pub report_ms: u64,
}

impl Finding {
    /// Evaluates the account of `iam`'s credentials; ages are calculated from `at`.
    /// Leaves the caller enough time before the deadline for one more call.
    ///
    /// # Errors
    /// [`CallFailure`] if IAM returned no account summary; a missing credential
    /// report only shortens the annotation.
    pub async fn read(
        iam: &Client,
        account: &AccountId,
        at: DateTime<Utc>,
        deadline: Deadline,
    ) -> Result<Self, CallFailure> {
        let started = Instant::now();
        let (summary, iam_request_id) = read_account_summary(iam, deadline).await?;
        let evidence_ms = milliseconds_since(started);
        let verdict = Verdict::of(&summary);
        let started = Instant::now();
        let annotation = match verdict {
            Verdict::Compliant => annotation::compliant(&summary),
            Verdict::NonCompliant => {
                let time_for_report = deadline.within(CREDENTIAL_REPORT_BUDGET, CALL_TIMEOUT);
                let report = read_root_keys(iam, account, time_for_report).await;
                annotation::non_compliant(&report, at)
            }
        };
        Ok(Self {
            verdict,
            annotation,
            iam_request_id,
            evidence_ms,
            report_ms: milliseconds_since(started),
        })
    }
}

/// Whole milliseconds since that moment.
pub(crate) fn milliseconds_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}
