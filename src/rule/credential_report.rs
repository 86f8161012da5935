//! Reads the root user's row of the credential report: the facts about two access key
//! slots in the CSV.
//!
//! Format:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>.
//! Note that `access_key_N_active` is FALSE for an inactive key as well as for no
//! key, and only the rotation date distinguishes them. That date is the last of
//! creation, rotation and changes of status. Use is recorded since 2015-04-22.

use chrono::{DateTime, NaiveDate, Utc};
use csv::{ByteRecord, ReaderBuilder};

use crate::rule::account_id::AccountId;

/// The root user's name in the report.
const ROOT_USER: &[u8] = b"<root_account>";

/// The day on which AWS began to record the use of access keys.
pub const USE_RECORDED_SINCE: NaiveDate = NaiveDate::from_ymd_opt(2015, 4, 22).unwrap();

/// The root user's access keys in the report. They add words to a verdict and never
/// change it (docs/decisions.md).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootKeys {
    /// When IAM generated the report; up to four hours ago.
    pub generated_at: DateTime<Utc>,
    /// Slots 1 and 2; `None` if the report shows no key.
    pub slots: [Option<KeySlot>; 2],
}

/// One access key of the root user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySlot {
    /// Whether the key can sign requests now.
    pub active: bool,
    /// The day it was created, rotated, activated or deactivated, whichever was
    /// last; UTC. The report has no creation date.
    pub last_rotated: Option<NaiveDate>,
    /// Its last use.
    pub last_use: LastUse,
}

/// When and for what a key was last used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastUse {
    /// The report has no use on record. The key may have been used before
    /// [`USE_RECORDED_SINCE`], or just before the report was made.
    NoneOnRecord,
    /// The report does not say.
    Unknown,
    /// It was used.
    On {
        /// The day, UTC.
        day: NaiveDate,
        /// The service's name in its endpoints, such as `s3`.
        service: Option<String>,
        /// The region, such as `us-east-1`.
        region: Option<String>,
    },
}

/// Why a credential report cannot be used for this account's root user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// It is no credential report, or an incomplete one.
    Malformed,
    /// A required column is missing.
    NoColumn(&'static str),
    /// It has no row for the root user.
    NoRootRow,
    /// Its root row is for another account.
    OtherAccount(AccountId),
}

/// Why the annotation has no details from the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoReport {
    /// A call failed.
    Failed {
        /// The IAM operation.
        call: &'static str,
        /// AWS's error code, or our own code if AWS sent none.
        code: String,
    },
    /// No call was made, because no time was left for it.
    NoTime,
    /// The time for the report ended during a call.
    CutOff {
        /// The IAM operation.
        call: &'static str,
    },
    /// IAM had not finished the report after all polls in the time for them.
    NotReady,
    /// The report could not be read.
    Unreadable(Unreadable),
}

/// Finds the root user of `account` in a report that IAM generated at `generated_at`.
///
/// # Errors
/// [`Unreadable`] if there is no such row, or if the row does not show
/// whether a slot has a key.
///
/// # Examples
/// ```
/// use root_access_key_rule::rule::{account_id::AccountId, credential_report};
///
/// let csv = "user,arn,\
///     access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
///     access_key_1_last_used_region,access_key_1_last_used_service,\
///     access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,\
///     access_key_2_last_used_region,access_key_2_last_used_service\n\
///     <root_account>,arn:aws:iam::111122223333:root,\
///     true,2019-03-04T08:00:00Z,2024-01-02T09:00:00Z,us-east-1,s3,\
///     false,N/A,N/A,N/A,N/A\n";
/// let account = AccountId::new("111122223333").unwrap();
/// let generated_at = "2026-03-01T05:00:00Z".parse().unwrap();
///
/// let keys = credential_report::read(csv.as_bytes(), &account, generated_at).unwrap();
/// let [first, second] = keys.slots;
/// assert!(first.is_some_and(|key| key.active));
/// assert!(second.is_none());
/// ```
pub fn read(
    csv: &[u8],
    account: &AccountId,
    generated_at: DateTime<Utc>,
) -> Result<RootKeys, Unreadable> {
    let mut rows = ReaderBuilder::new().flexible(true).from_reader(csv);
    let columns = rows
        .byte_headers()
        .map_err(|_| Unreadable::Malformed)?
        .clone();
    let user = column(&columns, "user")?;
    let mut row = ByteRecord::new();
    while rows
        .read_byte_record(&mut row)
        .map_err(|_| Unreadable::Malformed)?
    {
        if row.get(user) == Some(ROOT_USER) {
            let row = RootRow {
                columns: &columns,
                row: &row,
            };
            row.check_account(account)?;
            return Ok(RootKeys {
                generated_at,
                slots: [row.slot(&SLOT_1)?, row.slot(&SLOT_2)?],
            });
        }
    }
    Err(Unreadable::NoRootRow)
}

/// The columns of one key slot.
struct SlotColumns {
    active: &'static str,
    last_rotated: &'static str,
    last_used_date: &'static str,
    last_used_region: &'static str,
    last_used_service: &'static str,
}

const SLOT_1: SlotColumns = SlotColumns {
    active: "access_key_1_active",
    last_rotated: "access_key_1_last_rotated",
    last_used_date: "access_key_1_last_used_date",
    last_used_region: "access_key_1_last_used_region",
    last_used_service: "access_key_1_last_used_service",
};

const SLOT_2: SlotColumns = SlotColumns {
    active: "access_key_2_active",
    last_rotated: "access_key_2_last_rotated",
    last_used_date: "access_key_2_last_used_date",
    last_used_region: "access_key_2_last_used_region",
    last_used_service: "access_key_2_last_used_service",
};

/// Returns the position of the column `name`. Columns may be in any order, and others
/// are ignored.
fn column(columns: &ByteRecord, name: &'static str) -> Result<usize, Unreadable> {
    columns
        .iter()
        .position(|column| column == name.as_bytes())
        .ok_or(Unreadable::NoColumn(name))
}

struct RootRow<'a> {
    columns: &'a ByteRecord,
    row: &'a ByteRecord,
}

impl RootRow<'_> {
    /// Returns the field in the column `name`; a truncated row is malformed.
    fn field(&self, name: &'static str) -> Result<&str, Unreadable> {
        let field = self.row.get(column(self.columns, name)?);
        field
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .ok_or(Unreadable::Malformed)
    }

    fn check_account(&self, account: &AccountId) -> Result<(), Unreadable> {
        let arn = self.field("arn")?;
        let named = AccountId::of_arn(arn).filter(|_| arn.ends_with(":root"));
        match named {
            Some(named) if named == *account => Ok(()),
            Some(other) => Err(Unreadable::OtherAccount(other)),
            None => Err(Unreadable::Malformed),
        }
    }

    fn slot(&self, columns: &SlotColumns) -> Result<Option<KeySlot>, Unreadable> {
        let active = parse_bool(self.field(columns.active)?).ok_or(Unreadable::Malformed)?;
        let rotated = self.field(columns.last_rotated)?;
        let last_rotated = day(rotated);
        match (active, last_rotated) {
            (false, None) if is_absent(rotated) => Ok(None),
            (false, None) => Err(Unreadable::Malformed), // a key, or none
            _ => Ok(Some(KeySlot {
                active,
                last_rotated,
                last_use: self.last_use(columns)?,
            })),
        }
    }

    fn last_use(&self, columns: &SlotColumns) -> Result<LastUse, Unreadable> {
        let date = self.field(columns.last_used_date)?;
        Ok(match day(date) {
            Some(day) => LastUse::On {
                day,
                service: name(self.field(columns.last_used_service)?),
                region: name(self.field(columns.last_used_region)?),
            },
            None if date.eq_ignore_ascii_case("N/A") => LastUse::NoneOnRecord,
            None => LastUse::Unknown,
        })
    }
}

fn parse_bool(field: &str) -> Option<bool> {
    match field {
        _ if field.eq_ignore_ascii_case("true") => Some(true),
        _ if field.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Whether the field is one of IAM's forms of an absent value.
fn is_absent(field: &str) -> bool {
    ["", "N/A", "no_information", "not_supported"]
        .iter()
        .any(|absent| field.eq_ignore_ascii_case(absent))
}

/// Returns the day of an ISO 8601 time, in UTC.
fn day(field: &str) -> Option<NaiveDate> {
    let time = DateTime::parse_from_rfc3339(field).ok()?;
    Some(time.to_utc().date_naive())
}

/// Returns the name of a service or region; other text is left out.
fn name(field: &str) -> Option<String> {
    let understood = !field.is_empty()
        && field
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
    understood.then(|| field.to_owned())
}
