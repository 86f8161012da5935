//! Reads the credential report with at most six requests, growing waits between them,
//! and no more time than the run has left.
//!
//! IAM generates the report on request and keeps it for four hours
//! (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html>).

use std::time::Duration;

use aws_sdk_iam::Client;
use aws_sdk_iam::config::Builder;
use aws_sdk_iam::config::retry::RetryConfig;
use aws_sdk_iam::operation::generate_credential_report::GenerateCredentialReportOutput;
use aws_sdk_iam::operation::get_credential_report::{
    GetCredentialReportError, GetCredentialReportOutput,
};
use aws_sdk_iam::types::ReportStateType;
use chrono::{DateTime, Utc};
use tokio::time::sleep;

use crate::aws::deadline::{Deadline, DeadlinePassed};
use crate::aws::failure::CallFailure;
use crate::aws::incomplete_response::RejectIncompleteResponse;
use crate::rule::account_id::AccountId;
use crate::rule::credential_report::{self, NoReport, RootKeys, Unreadable};

/// The most HTTP requests about the report in one run.
const REQUESTS: u32 = 6;
/// The wait before the first repeated request; each further wait is half a
/// second longer.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const WAIT_INCREMENT: Duration = Duration::from_millis(500);

const GET: &str = "GetCredentialReport";
const GENERATE: &str = "GenerateCredentialReport";

/// The result of one request about the report.
enum ReportPoll {
    Ready(Box<GetCredentialReportOutput>),
    /// There is no report, or it has expired: IAM has to generate one.
    Absent,
    /// IAM has generated it.
    Generated,
    /// IAM is generating it.
    InProgress,
}

/// Why a request about the report has no result.
enum PollFailure {
    OutOfTime(DeadlinePassed),
    Failed(CallFailure),
}

impl From<DeadlinePassed> for PollFailure {
    fn from(passed: DeadlinePassed) -> Self {
        Self::OutOfTime(passed)
    }
}

/// Reads the root user's access keys from the credential report.
///
/// # Errors
/// [`NoReport`] says why there are no details. The verdict is reported without them.
pub async fn read_root_keys(
    iam: &Client,
    account: &AccountId,
    deadline: Deadline,
) -> Result<RootKeys, NoReport> {
    let mut call = GET;
    let mut requested = false;
    let mut why = NoReport::NoTime;
    let (mut wait, mut next_wait) = (Duration::ZERO, FIRST_WAIT);
    for _ in 0..REQUESTS {
        if wait >= deadline.left() {
            break;
        }
        sleep(wait).await;
        let poll = match call {
            GENERATE => generate(iam, deadline).await,
            _ => get(iam, deadline).await,
        };
        let at_once = match poll {
            Ok(ReportPoll::Ready(report)) => return parse_report(&report, account),
            Ok(state) => {
                requested |= call == GENERATE;
                let to_generate = matches!(state, ReportPoll::Absent) && !requested;
                if to_generate {
                    call = GENERATE;
                } else {
                    call = GET;
                    why = NoReport::NotReady;
                }
                to_generate || matches!(state, ReportPoll::Generated)
            }
            Err(PollFailure::Failed(failure)) => {
                let code = failure.code;
                why = NoReport::Failed { call, code };
                if !failure.retryable {
                    break;
                }
                false
            }
            Err(PollFailure::OutOfTime(passed)) => return Err(out_of_time(passed, call, why)),
        };
        wait = Duration::ZERO;
        if !at_once {
            wait = next_wait;
            next_wait += WAIT_INCREMENT;
        }
    }
    Err(why)
}

/// Returns why there is no report after the time ran out: the reason of the last
/// complete poll, or that the first request was interrupted.
fn out_of_time(passed: DeadlinePassed, call: &'static str, before: NoReport) -> NoReport {
    match (passed, before) {
        (DeadlinePassed::DuringTheCall, NoReport::NoTime) => NoReport::CutOff { call },
        (_, before) => before,
    }
}

/// Turns off the SDK's retries, so that each call is one request.
fn without_retries() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

async fn get(iam: &Client, deadline: Deadline) -> Result<ReportPoll, PollFailure> {
    let complete = RejectIncompleteResponse::<GetCredentialReportOutput>::xml(|_| Ok(()));
    let sent = iam
        .get_credential_report()
        .customize()
        .config_override(without_retries())
        .interceptor(complete)
        .send();
    let error = match deadline.run(sent).await? {
        Ok(report) => return Ok(ReportPoll::Ready(Box::new(report))),
        Err(error) => error,
    };
    match error.as_service_error() {
        Some(
            GetCredentialReportError::CredentialReportNotPresentException(_)
            | GetCredentialReportError::CredentialReportExpiredException(_),
        ) => Ok(ReportPoll::Absent),
        Some(GetCredentialReportError::CredentialReportNotReadyException(_)) => {
            Ok(ReportPoll::InProgress)
        }
        _ => Err(PollFailure::Failed(CallFailure::of(&error))),
    }
}

/// Requests that IAM generates a report.
async fn generate(iam: &Client, deadline: Deadline) -> Result<ReportPoll, PollFailure> {
    let complete = RejectIncompleteResponse::<GenerateCredentialReportOutput>::xml(|_| Ok(()));
    let sent = iam
        .generate_credential_report()
        .customize()
        .config_override(without_retries())
        .interceptor(complete)
        .send();
    match deadline.run(sent).await? {
        Ok(output) if output.state() == Some(&ReportStateType::Complete) => {
            Ok(ReportPoll::Generated)
        }
        Ok(_) => Ok(ReportPoll::InProgress),
        Err(error) => Err(PollFailure::Failed(CallFailure::of(&error))),
    }
}

fn parse_report(
    report: &GetCredentialReportOutput,
    account: &AccountId,
) -> Result<RootKeys, NoReport> {
    let generated_at = report
        .generated_time()
        .and_then(|time| DateTime::<Utc>::from_timestamp(time.secs(), 0));
    match (report.content(), generated_at) {
        (Some(csv), Some(generated_at)) => {
            credential_report::read(csv.as_ref(), account, generated_at)
                .map_err(NoReport::Unreadable)
        }
        _ => Err(NoReport::Unreadable(Unreadable::Malformed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_that_was_not_started_keeps_the_earlier_reason() {
        let (before, during) = (DeadlinePassed::BeforeTheCall, DeadlinePassed::DuringTheCall);
        let cut_off = NoReport::CutOff { call: GET };
        assert_eq!(out_of_time(during, GET, NoReport::NoTime), cut_off);
        assert_eq!(out_of_time(before, GET, NoReport::NoTime), NoReport::NoTime);
        for passed in [before, during] {
            let reason = out_of_time(passed, GET, NoReport::NotReady);
            assert_eq!(reason, NoReport::NotReady);
        }
    }
}
