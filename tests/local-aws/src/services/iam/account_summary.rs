//! IAM: the operations that tell about a root user without speaking of its keys by name.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};

use crate::{
    protocol::error::AwsError,
    protocol::operation::{Operation, Service},
    protocol::query::{parent, response, text},
    state::account::{Account, Report},
    state::credential_report::LIFETIME,
};

/// Answers one operation, and moves the credential report's life along.
pub(crate) fn answer(
    account: &mut Account,
    operation: Operation,
    now: DateTime<Utc>,
    request_id: &str,
) -> Result<String, AwsError> {
    match operation {
        Operation::GetAccountSummary => Ok(summary_answer(account, request_id)),
        Operation::ListAccountAliases => Ok(no_aliases(request_id)),
        Operation::GenerateCredentialReport => Ok(generate(account, now, request_id)),
        _ => get_report(account, now, request_id),
    }
}

/// IAM's answer to `GetAccountSummary`, byte for byte as the stand-in sends it.
#[must_use]
pub fn summary_answer(account: &Account, request_id: &str) -> String {
    let entries = summary(account);
    response(Service::Iam, "GetAccountSummary", request_id, |result| {
        parent(result, "SummaryMap", |map| {
            for (key, value) in &entries {
                parent(map, "entry", |entry| {
                    text(entry, "key", key);
                    text(entry, "value", &value.to_string());
                });
            }
        });
    })
}

/// No account has an alias here; other tools ask before they ask what matters.
fn no_aliases(request_id: &str) -> String {
    response(Service::Iam, "ListAccountAliases", request_id, |result| {
        text(result, "IsTruncated", "false");
        parent(result, "AccountAliases", |_| ());
    })
}

/// IAM's answer to `GetCredentialReport`, byte for byte as the stand-in sends it.
#[must_use]
pub fn report_answer(csv: &[u8], generated_at: DateTime<Utc>, request_id: &str) -> String {
    response(Service::Iam, "GetCredentialReport", request_id, |result| {
        text(result, "Content", &BASE64_STANDARD.encode(csv));
        text(result, "ReportFormat", "text/csv");
        text(
            result,
            "GeneratedTime",
            &generated_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        );
    })
}

fn generate(account: &mut Account, now: DateTime<Utc>, request_id: &str) -> String {
    let started = match account.report {
        Report::NotPresent => true,
        Report::InProgress { .. } => false,
        Report::Complete { generated_at } => now - generated_at >= LIFETIME,
    };
    let state = if started {
        account.report = Report::InProgress {
            looks: account.looks_until_ready,
        };
        "STARTED"
    } else if look(account, now) {
        "COMPLETE"
    } else {
        "INPROGRESS"
    };
    response(
        Service::Iam,
        "GenerateCredentialReport",
        request_id,
        |result| {
            if started {
                text(
                    result,
                    "Description",
                    "No report exists. Starting a new report generation task",
                );
            }
            text(result, "State", state);
        },
    )
}

fn get_report(
    account: &mut Account,
    now: DateTime<Utc>,
    request_id: &str,
) -> Result<String, AwsError> {
    look(account, now);
    match account.report {
        Report::NotPresent => Err(AwsError::new(
            410,
            "ReportNotPresent",
            "No report is present",
        )),
        Report::InProgress { .. } => Err(AwsError::new(
            404,
            "ReportInProgress",
            "Report generation is in progress",
        )),
        Report::Complete { generated_at } if now - generated_at >= LIFETIME => Err(AwsError::new(
            410,
            "ReportExpired",
            "The report has expired",
        )),
        Report::Complete { generated_at } => Ok(report_answer(
            &account.report_at(generated_at),
            generated_at,
            request_id,
        )),
    }
}

/// Looking is what passes the time of a report that is being made.
fn look(account: &mut Account, now: DateTime<Utc>) -> bool {
    if let Report::InProgress { looks } = account.report {
        account.report = match looks.checked_sub(1) {
            Some(looks) => Report::InProgress { looks },
            None => Report::Complete { generated_at: now },
        };
    }
    matches!(account.report, Report::Complete { .. })
}

/// Every key of the service model, with AWS's default quotas.
fn summary(account: &Account) -> Vec<(&'static str, i64)> {
    vec![
        ("GroupPolicySizeQuota", 5120),
        ("InstanceProfilesQuota", 1000),
        ("Policies", 8),
        ("GroupsPerUserQuota", 10),
        ("InstanceProfiles", 2),
        ("AttachedPoliciesPerUserQuota", 10),
        ("Users", 2),
        ("PoliciesQuota", 1500),
        ("Providers", 1),
        ("AccountMFAEnabled", account.mfa.into()),
        ("AccessKeysPerUserQuota", 2),
        ("AssumeRolePolicySizeQuota", 2048),
        ("PolicyVersionsInUseQuota", 10000),
        ("GlobalEndpointTokenVersion", 1),
        ("VersionsPerPolicyQuota", 5),
        ("AttachedPoliciesPerGroupQuota", 10),
        ("PolicySizeQuota", 6144),
        ("Groups", 3),
        ("AccountSigningCertificatesPresent", 0),
        ("UsersQuota", 5000),
        ("ServerCertificatesQuota", 20),
        ("MFADevices", 1),
        ("UserPolicySizeQuota", 2048),
        ("PolicyVersionsInUse", 22),
        ("ServerCertificates", 0),
        ("Roles", 31),
        ("RolesQuota", 1000),
        ("SigningCertificatesPerUserQuota", 2),
        ("MFADevicesInUse", 1),
        ("RolePolicySizeQuota", 10240),
        ("AttachedPoliciesPerRoleQuota", 10),
        ("AccountAccessKeysPresent", account.keys_present()),
        ("AccountPasswordPresent", account.password.into()),
        ("GroupsQuota", 300),
    ]
}
