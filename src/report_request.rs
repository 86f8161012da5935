//! Getting the credential report: at most six requests, with patience between
//! them, and never longer than the run can spare.
//!
//! IAM makes the report on request and keeps it for four hours
//! (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html>).

use std::error::Error;
use std::time::Duration;

use aws_sdk_iam::Client;
use aws_sdk_iam::config::Builder;
use aws_sdk_iam::config::retry::RetryConfig;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iam::operation::get_credential_report::GetCredentialReportOutput;
use aws_sdk_iam::types::ReportStateType;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use chrono::{DateTime, Utc};
use tokio::time::sleep;

use crate::credential_report::{self, RootKeys, Unreadable};
use crate::deadline::Deadline;
use crate::event::AccountId;
use crate::whole_answer::WholeAnswer;

/// How many HTTP requests one run may spend on the report.
const REQUESTS: u32 = 6;
/// The wait before the second look; each further wait is half a second longer.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGER_EACH_TIME: Duration = Duration::from_millis(500);

/// Why the annotation has to do without the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoReport {
    /// IAM refused the call, or did not answer it. The code is AWS's own
    /// (letters, digits and dots) or ours for the network's failures.
    Failed {
        /// The IAM operation.
        call: &'static str,
        /// AWS's error code, `Timeout`, `ConnectionFailed` or `UnreadableAnswer`.
        code: String,
    },
    /// It was not ready after all the looks there was time for.
    NotReady,
    /// It came and could not be read.
    Unreadable(Unreadable),
}

/// What one look at the report showed.
enum Look {
    Ready(Box<GetCredentialReportOutput>),
    /// There is none, or one too old: one has to be made.
    Absent,
    /// It is being made.
    NotYet,
}

/// A call that failed.
struct Trouble {
    why: NoReport,
    /// Whether a later call may fare better: IAM throttles or fails, or the
    /// connection broke.
    passing: bool,
}

/// The root user's keys as the credential report has them.
///
/// # Errors
/// [`NoReport`] says why there are no details; the verdict goes out all the same.
pub async fn read_root_keys(
    iam: &Client,
    account: &AccountId,
    deadline: Deadline,
) -> Result<RootKeys, NoReport> {
    let mut asked = false;
    let mut wait = Duration::ZERO;
    let mut requests = 0;
    let mut why = NoReport::NotReady;
    while requests < REQUESTS && wait < deadline.left() {
        sleep(wait).await;
        requests += 1;
        let ready = match look(iam, deadline).await {
            Ok(Look::Ready(report)) => return understand(&report, account),
            Ok(Look::Absent) if !asked && requests < REQUESTS => {
                requests += 1;
                let ready = generate(iam, deadline).await;
                asked = ready.is_ok();
                ready
            }
            Ok(Look::Absent | Look::NotYet) => Ok(false),
            Err(trouble) => Err(trouble),
        };
        let ready = match ready {
            Ok(ready) => {
                why = NoReport::NotReady;
                ready
            }
            Err(trouble) if trouble.passing => {
                why = trouble.why;
                false
            }
            Err(trouble) => return Err(trouble.why),
        };
        wait = if ready {
            Duration::ZERO
        } else {
            FIRST_WAIT.max(wait + LONGER_EACH_TIME)
        };
    }
    Err(why)
}

/// What is counted is what is sent: one attempt, and no retry behind our back.
fn counted() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

async fn look(iam: &Client, deadline: Deadline) -> Result<Look, Trouble> {
    let call = "GetCredentialReport";
    let sent = iam
        .get_credential_report()
        .customize()
        .config_override(counted())
        .interceptor(WholeAnswer::Xml)
        .send();
    match deadline.allows(sent).await {
        None => Err(out_of_time(call)),
        Some(Ok(report)) => Ok(Look::Ready(Box::new(report))),
        Some(Err(error)) => match error.code() {
            Some("ReportNotPresent" | "ReportExpired") => Ok(Look::Absent),
            Some("ReportInProgress") => Ok(Look::NotYet),
            _ => Err(trouble(call, &error)),
        },
    }
}

/// Asks IAM to make a report; `true` if it is ready at once.
async fn generate(iam: &Client, deadline: Deadline) -> Result<bool, Trouble> {
    let call = "GenerateCredentialReport";
    let sent = iam
        .generate_credential_report()
        .customize()
        .config_override(counted())
        .send();
    match deadline.allows(sent).await {
        None => Err(out_of_time(call)),
        Some(Ok(answer)) => Ok(answer.state() == Some(&ReportStateType::Complete)),
        Some(Err(error)) => Err(trouble(call, &error)),
    }
}

fn understand(
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
        _ => Err(NoReport::Unreadable(Unreadable::Garbled)),
    }
}

fn out_of_time(call: &'static str) -> Trouble {
    let code = "Timeout".to_owned();
    Trouble {
        why: NoReport::Failed { call, code },
        passing: false,
    }
}

fn trouble<E>(call: &'static str, error: &SdkError<E, HttpResponse>) -> Trouble
where
    E: ProvideErrorMetadata + Error,
{
    let throttled = matches!(
        error.code(),
        Some("Throttling" | "ThrottlingException" | "RequestLimitExceeded")
    );
    let failing = error
        .raw_response()
        .is_some_and(|raw| raw.status().is_server_error());
    let unheard = matches!(
        error,
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_)
    );
    let code = code(error);
    Trouble {
        why: NoReport::Failed { call, code },
        passing: throttled || failing || unheard,
    }
}

/// AWS's error code as far as it is one, or a name for what the network did.
fn code<E: ProvideErrorMetadata + Error>(error: &SdkError<E, HttpResponse>) -> String {
    const LONGEST: usize = 64;
    let understood = |code: &&str| {
        (1..=LONGEST).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
    };
    match error {
        SdkError::ServiceError(_) => error
            .code()
            .filter(understood)
            .unwrap_or("UnreadableAnswer"),
        SdkError::TimeoutError(_) => "Timeout",
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "Timeout",
        SdkError::DispatchFailure(_) => "ConnectionFailed",
        _ => "UnreadableAnswer",
    }
    .to_owned()
}
