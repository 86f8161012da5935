//! The credential report as IAM writes it: CSV, 22 columns, the root user first.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>

use chrono::{DateTime, SecondsFormat, Utc};

use crate::state::account::{Account, RootKey};

/// A report younger than this is served again unchanged; an older one has expired.
pub(crate) const LIFETIME: chrono::Duration = chrono::Duration::hours(4);

impl Account {
    /// The credential report made at that time.
    #[must_use]
    pub fn report_at(&self, generated_at: DateTime<Utc>) -> Vec<u8> {
        let own = self.report_csv.clone();
        own.unwrap_or_else(|| csv(self, generated_at))
    }
}

const COLUMNS: [&str; 22] = [
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
];

/// The report of an account made at that time: keys created later are not in it.
///
/// Below the root user stand two IAM users, one with an active key, as a
/// reader that takes the wrong row must not go unnoticed.
fn csv(account: &Account, generated_at: DateTime<Utc>) -> Vec<u8> {
    let rows = [
        COLUMNS.map(str::to_owned).to_vec(),
        root_row(account, generated_at),
        user_row(&account.id, "alice", true),
        user_row(&account.id, "deploy", false),
    ];
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // Writing to memory cannot fail, and each row has as many fields.
        let _ = writer.write_record(row);
    }
    writer.into_inner().unwrap_or_default()
}

fn root_row(account: &Account, generated_at: DateTime<Utc>) -> Vec<String> {
    let mut row = vec![
        "<root_account>".to_owned(),
        format!("arn:aws:iam::{}:root", account.id),
        "2014-09-02T11:21:40+00:00".to_owned(),
        account.password.to_string(),
        "no_information".to_owned(),
        "not_supported".to_owned(),
        "not_supported".to_owned(),
        account.mfa.to_string(),
    ];
    for slot in &account.root_keys {
        let known = slot.as_ref().filter(|key| key.created <= generated_at);
        row.extend(key_fields(known, generated_at));
    }
    row.extend(no_certificates());
    row
}

/// An inactive key reads `false` like a missing one, but keeps its date.
fn key_fields(key: Option<&RootKey>, generated_at: DateTime<Utc>) -> [String; 5] {
    let absent = || "N/A".to_owned();
    let used = key.and_then(|key| key.last_use(generated_at));
    let rotated = key.map(|key| key.changed.unwrap_or(key.created));
    let (at, region, service) = match used {
        Some(used) => (timestamp(used.at), used.region, used.service),
        None => (absent(), absent(), absent()),
    };
    [
        key.is_some_and(|key| key.active).to_string(),
        rotated.map_or_else(absent, timestamp),
        at,
        region,
        service,
    ]
}

fn user_row(account: &str, name: &str, active: bool) -> Vec<String> {
    let key = RootKey::active(DateTime::UNIX_EPOCH + chrono::Duration::days(17_000)).last_used(
        DateTime::UNIX_EPOCH + chrono::Duration::days(20_000),
        "eu-west-1",
        "ec2",
    );
    let mut row = vec![
        name.to_owned(),
        format!("arn:aws:iam::{account}:user/{name}"),
        "2016-07-18T00:00:00+00:00".to_owned(),
        "false".to_owned(),
        "N/A".to_owned(),
        "N/A".to_owned(),
        "N/A".to_owned(),
        "false".to_owned(),
    ];
    row.extend(key_fields(
        Some(&key).filter(|_| active),
        DateTime::<Utc>::MAX_UTC,
    ));
    row.extend(key_fields(None, DateTime::<Utc>::MAX_UTC));
    row.extend(no_certificates());
    row
}

fn no_certificates() -> [String; 4] {
    ["false", "N/A", "false", "N/A"].map(str::to_owned)
}

fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, false)
}
