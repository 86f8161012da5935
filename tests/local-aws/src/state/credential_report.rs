//! The credential report as IAM writes it: CSV, 22 columns, the root user first.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>

use chrono::{DateTime, Duration, SecondsFormat, Utc};

use crate::state::account::{Account, RootKey};

/// For this time a report is returned unchanged; then it has expired.
pub(crate) const LIFETIME: Duration = Duration::hours(4);

impl Account {
    /// The credential report generated at that time.
    #[must_use]
    pub fn report_at(&self, generated_at: DateTime<Utc>) -> Vec<u8> {
        let own = self.report_csv.clone();
        own.unwrap_or_else(|| csv(self, generated_at))
    }
}

const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
    password_last_changed,password_next_rotation,mfa_active,access_key_1_active,\
    access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,\
    access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
    access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,\
    cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
const NO_CERTIFICATES: &str = "false,N/A,false,N/A";

/// The report of an account generated at that time: keys created later are not in it.
///
/// Two IAM users follow the root user, one of them with an active key, so that a client that reads
/// the wrong row is noticed.
fn csv(account: &Account, generated_at: DateTime<Utc>) -> Vec<u8> {
    let (id, password, mfa) = (&account.id, account.password, account.mfa);
    let [first, second] = account.root_keys.each_ref().map(|slot| {
        let known = slot.as_ref().filter(|key| key.created <= generated_at);
        key_fields(known, generated_at)
    });
    let days = |days| DateTime::UNIX_EPOCH + Duration::days(days);
    let of_user = RootKey::active(days(17_000)).last_used(days(20_000), "eu-west-1", "ec2");
    let of_user = key_fields(Some(&of_user), DateTime::<Utc>::MAX_UTC);
    let none = key_fields(None, generated_at);
    let user = |name: &str, key: &str| {
        format!(
            "{name},arn:aws:iam::{id}:user/{name},2016-07-18T00:00:00+00:00,false,N/A,N/A,N/A,false,\
             {key},{none},{NO_CERTIFICATES}"
        )
    };
    let rows = [
        COLUMNS.to_owned(),
        format!(
            "<root_account>,arn:aws:iam::{id}:root,2014-09-02T11:21:40+00:00,{password},\
             no_information,not_supported,not_supported,{mfa},{first},{second},{NO_CERTIFICATES}"
        ),
        user("alice", &of_user),
        user("deploy", &none),
    ];
    (rows.join("\n") + "\n").into_bytes()
}

/// An inactive key reads `false` like a missing one, but keeps its date.
fn key_fields(key: Option<&RootKey>, generated_at: DateTime<Utc>) -> String {
    let active = key.is_some_and(|key| key.active);
    let rotated = key.map_or("N/A".to_owned(), |key| {
        timestamp(key.changed.unwrap_or(key.created))
    });
    let used = key.and_then(|key| key.last_use(generated_at));
    let used = used.map_or("N/A,N/A,N/A".to_owned(), |used| {
        format!("{},{},{}", timestamp(used.at), used.region, used.service)
    });
    format!("{active},{rotated},{used}")
}

fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, false)
}
