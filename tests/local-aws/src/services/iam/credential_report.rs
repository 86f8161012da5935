//! The operations of IAM on the credential report: it is requested, generated, returned again, expired.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html>

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    protocol::{
        error::AwsError,
        operation::{Operation, Service},
        query::{response, timestamp},
    },
    services::admitted_request::AdmittedRequest,
    state::{
        account::{Account, Report},
        credential_report::LIFETIME,
        world::State,
    },
};

/// Answers one operation, which may advance the report's state.
pub(crate) fn answer(state: &mut State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let now = state.now();
    let account = &mut state.held(admitted.caller())?.account;
    match admitted.operation {
        Operation::GenerateCredentialReport => Ok(generate(account, now)),
        _ => get(account, now),
    }
}

/// IAM's response to `GetCredentialReport`, byte for byte as the emulator sends it.
#[must_use]
pub fn report_answer(csv: &[u8], generated_at: DateTime<Utc>, request_id: &str) -> String {
    let report = report(csv, generated_at);
    response(Service::Iam, "GetCredentialReport", request_id, &report)
}

fn report(csv: &[u8], generated_at: DateTime<Utc>) -> Value {
    json!({
        "Content": BASE64_STANDARD.encode(csv),
        "ReportFormat": "text/csv",
        "GeneratedTime": timestamp(generated_at),
    })
}

fn generate(account: &mut Account, now: DateTime<Utc>) -> Value {
    let starts = match account.report {
        Report::NotPresent => true,
        Report::InProgress { .. } => false,
        Report::Complete { generated_at } => now - generated_at >= LIFETIME,
    };
    if starts {
        let looks = account.looks_until_ready;
        account.report = Report::InProgress { looks };
        let description = "No report exists. Starting a new report generation task";
        return json!({ "Description": description, "State": "STARTED" });
    }
    let is_complete = poll(account, now);
    json!({ "State": if is_complete { "COMPLETE" } else { "INPROGRESS" } })
}

fn get(account: &mut Account, now: DateTime<Utc>) -> Result<Value, AwsError> {
    poll(account, now);
    let (status, code, message) = match account.report {
        Report::NotPresent => (410, "ReportNotPresent", "No report is present"),
        Report::InProgress { .. } => (404, "ReportInProgress", "Report generation is in progress"),
        Report::Complete { generated_at } if now - generated_at >= LIFETIME => {
            (410, "ReportExpired", "The report has expired")
        }
        Report::Complete { generated_at } => {
            return Ok(report(&account.report_at(generated_at), generated_at));
        }
    };
    Err(AwsError::new(status, code, message))
}

/// A report is complete after a number of polls, not after a time.
fn poll(account: &mut Account, now: DateTime<Utc>) -> bool {
    if let Report::InProgress { looks } = account.report {
        account.report = match looks.checked_sub(1) {
            Some(looks) => Report::InProgress { looks },
            None => Report::Complete { generated_at: now },
        };
    }
    matches!(account.report, Report::Complete { .. })
}
