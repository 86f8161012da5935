//! AWS accounts: the keys of their root users, and the credentials that sign for them.

use chrono::{DateTime, Duration, TimeZone, Utc};

/// One AWS account as IAM sees it.
///
/// A test sets any of the fields and passes the account to
/// [`LocalAws::put_account`](crate::LocalAws::put_account).
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// 12 digits.
    pub id: String,
    /// The two slots for access keys of the root user.
    pub root_keys: [Option<RootKey>; 2],
    /// The root user has a console password (`AccountPasswordPresent`).
    pub password: bool,
    /// The root user has an MFA device (`AccountMFAEnabled`).
    pub mfa: bool,
    /// Overrides `AccountAccessKeysPresent`, which is otherwise 0 or 1, depending on the slots.
    pub access_keys_present: Option<i64>,
    /// The state of the credential report.
    pub report: Report,
    /// How many times `GetCredentialReport` responds `ReportInProgress` after
    /// `GenerateCredentialReport` has started a new report.
    pub looks_until_ready: u32,
    /// A report (any bytes) instead of the one that follows from the slots.
    pub report_csv: Option<Vec<u8>>,
    /// AWS Config has a recorder here, and it has recorded something.
    pub recorder: bool,
}

/// An access key of the root user that exists, active or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootKey {
    /// Active keys can sign; inactive ones still count as present.
    pub active: bool,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// When it was activated or deactivated last, if ever: the credential
    /// report shows that day in place of the day it was created.
    pub changed: Option<DateTime<Utc>>,
    /// Its last use; `None` if it was never used.
    pub last_used: Option<LastUse>,
    /// The interval at which something has used it again since `last_used`, as long as the key is
    /// active.
    pub used_every: Option<Duration>,
}

/// When and where an access key was used last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastUse {
    /// Rounded down to a quarter of an hour, as IAM stores it.
    pub at: DateTime<Utc>,
    /// For example `us-east-1`.
    pub region: String,
    /// The service's namespace, for example `s3`.
    pub service: String,
}

/// The state of the credential report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Report {
    /// Nobody has requested one: `ReportNotPresent`.
    #[default]
    NotPresent,
    /// IAM is generating the report: `ReportInProgress` for this many polls, then it is complete.
    InProgress {
        /// The remaining polls.
        looks: u32,
    },
    /// Generated at that time from the keys that existed then. It is returned unchanged for four
    /// hours; then it is `ReportExpired`.
    Complete {
        /// When it was generated.
        generated_at: DateTime<Utc>,
    },
}

/// The credentials that sign an account's requests, as a Lambda function has them in its environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// 20 characters, begins with `ASIA`.
    pub access_key_id: String,
    /// 40 characters.
    pub secret_access_key: String,
    /// Must accompany each request in `x-amz-security-token`.
    pub session_token: String,
}

impl Account {
    /// An account whose root user has a password and MFA but no access key, and
    /// that has no credential report.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            password: true,
            mfa: true,
            recorder: true,
            ..Self::default()
        }
    }

    /// The same with these keys in the root user's slots.
    #[must_use]
    pub fn with_root_keys(mut self, first: Option<RootKey>, second: Option<RootKey>) -> Self {
        self.root_keys = [first, second];
        self
    }

    /// The same with that credential report.
    #[must_use]
    pub fn with_report(mut self, report: Report) -> Self {
        self.report = report;
        self
    }

    /// The credentials that sign for the account.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials {
            access_key_id: format!("ASIA{:0>16}", self.id),
            secret_access_key: format!("{:/<40}", format!("local-aws/secret/of/{}", self.id)),
            session_token: format!("local-aws-session-token-of-{}", self.id),
        }
    }

    /// The access key id of the root user's key in that slot (0 or 1).
    #[must_use]
    pub fn root_key_id(&self, slot: usize) -> String {
        format!("AKIA{}KEY{}", self.id, slot + 1)
    }

    /// Whether that is an active access key of the root user.
    pub(crate) fn signs_as_root(&self, access_key_id: &str) -> bool {
        self.root_keys.iter().enumerate().any(|(slot, key)| {
            key.as_ref().is_some_and(|key| key.active) && self.root_key_id(slot) == access_key_id
        })
    }

    /// The value of `AccountAccessKeysPresent`.
    #[must_use]
    pub fn keys_present(&self) -> i64 {
        self.access_keys_present
            .unwrap_or_else(|| self.root_keys.iter().any(Option::is_some).into())
    }
}

impl RootKey {
    /// An active key that was never used.
    #[must_use]
    pub fn active(created: DateTime<Utc>) -> Self {
        Self {
            active: true,
            created,
            changed: None,
            last_used: None,
            used_every: None,
        }
    }

    /// An inactive key that was never used.
    #[must_use]
    pub fn inactive(created: DateTime<Utc>) -> Self {
        Self {
            active: false,
            ..Self::active(created)
        }
    }

    /// The same, used last then and there.
    #[must_use]
    pub fn last_used(mut self, at: DateTime<Utc>, region: &str, service: &str) -> Self {
        self.last_used = Some(LastUse {
            at,
            region: region.to_owned(),
            service: service.to_owned(),
        });
        self
    }

    /// The same, and used again every day since then.
    #[must_use]
    pub fn in_daily_use(mut self) -> Self {
        self.used_every = Some(Duration::days(1));
        self
    }

    /// Its last use before that time.
    #[must_use]
    pub fn last_use(&self, now: DateTime<Utc>) -> Option<LastUse> {
        let mut used = self.last_used.clone().filter(|used| used.at <= now)?;
        if let Some(every) = self.used_every.filter(|_| self.active) {
            let times = (now - used.at).num_seconds() / every.num_seconds().max(1);
            used.at += Duration::seconds(times * every.num_seconds());
        }
        Some(used)
    }

    /// Activates or deactivates it at that time; its last use before that time is kept.
    pub(crate) fn set_active(&mut self, active: bool, now: DateTime<Utc>) {
        if self.active != active {
            self.last_used = self.last_use(now);
            self.active = active;
            self.changed = Some(now);
        }
    }
}

/// The time of the emulator's clock until a test changes it: 2026-03-01T06:00:00.373Z.
#[must_use]
pub fn default_time() -> DateTime<Utc> {
    Utc.timestamp_nanos(1_772_344_800_373_000_000)
}

/// So many days before [`default_time`], to the second.
#[must_use]
pub fn days_ago(days: i64) -> DateTime<Utc> {
    default_time() - Duration::days(days) - Duration::milliseconds(373)
}
