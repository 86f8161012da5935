//! Renders the accounts as a table for people, and as CSV for spreadsheets.

use std::fmt::Write;

use root_access_key_rule::redaction::printable;

use crate::root_session::inventory::report::{Report, Summary};
use crate::root_session::inventory::row::{Outcome, Row};
use crate::root_session::root_key::{LastUse, RootKey};
use crate::spreadsheet::cell;
use crate::text::{columns, counted};
use crate::time::Time;

const TABLE: [&str; 7] = [
    "ACCOUNT",
    "NAME",
    "NEW KEYS",
    "KEY",
    "STATUS",
    "CREATED",
    "LAST USED",
];
const CSV: [&str; 15] = [
    "account",
    "account_name",
    "state",
    "organizational_unit",
    "result",
    "access_key_id",
    "status",
    "created",
    "last_used",
    "last_used_service",
    "last_used_region",
    "read_at",
    "reason",
    "prevention",
    "prevention_policies",
];

/// Renders one line for each key, or for the account that has none or was not read;
/// then the counts.
#[must_use]
pub fn table(report: &Report) -> String {
    let mut lines = vec![TABLE.map(str::to_owned).to_vec()];
    lines.extend(report.accounts.iter().flat_map(lines_of));
    // A reason is the last cell of a line with fewer cells.
    let mut text = columns(&lines);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n{}", counts(&report.summary));
    if let Some(why) = &report.policies_not_read {
        let _ = writeln!(text, "whether new keys are prevented: {}", printable(why));
    }
    text
}

fn lines_of(row: &Row) -> Vec<Vec<String>> {
    let name = row.account_name.as_deref().unwrap_or("no name");
    let account = [
        row.account.clone(),
        printable(name),
        row.prevention.words().to_owned(),
    ];
    let line = |cells: &[String]| [&account, cells].concat();
    match row.keys.as_deref() {
        None => vec![line(&[unread(row)])],
        Some([]) => vec![line(&["no root access keys".to_owned()])],
        Some(keys) => keys.iter().map(|key| line(&cells(key))).collect(),
    }
}

/// Why the keys of an account are not known.
fn unread(row: &Row) -> String {
    let reason = row.reason.as_deref().map(printable).unwrap_or_default();
    match row.result {
        Outcome::NotActive => {
            let state = row.state.as_deref().map(printable).unwrap_or_default();
            format!("not active: {state}")
        }
        _ => format!("not read: {reason}"),
    }
}

fn cells(key: &RootKey) -> [String; 4] {
    let created = key.created.as_ref().map(Time::to_string);
    let last_used = key.last_used.as_ref().map(|it| {
        let LastUse {
            at,
            service,
            region,
        } = it;
        format!("{at} ({}, {})", printable(service), printable(region))
    });
    [
        printable(&key.access_key_id),
        printable(&key.status),
        created.unwrap_or_else(|| "unknown".to_owned()),
        last_used.unwrap_or_else(|| "no use on record since 2015-04-22".to_owned()),
    ]
}

/// Says how many accounts there are of each kind.
#[must_use]
pub fn counts(summary: &Summary) -> String {
    let accounts = counted(summary.accounts, "account");
    let mut text = match summary.with_keys {
        0 if summary.read == 0 => format!("{accounts}: 0 read"),
        0 => format!(
            "{accounts}: {} read, none with root access keys",
            summary.read
        ),
        with_keys => {
            let keys = counted(summary.keys, "root access key");
            format!("{accounts}: {} read, {with_keys} with {keys}", summary.read)
        }
    };
    for (number, kind) in [
        (summary.not_active, "not active"),
        (summary.management_account, "management account"),
        (summary.not_read, "not read"),
        (summary.interrupted, "not read before the interruption"),
    ] {
        if number > 0 {
            let _ = write!(text, "; {number} {kind}");
        }
    }
    text
}

/// Renders one record for each key, or for the account that has none or was not read.
///
/// # Errors
/// None that can happen in memory.
pub fn csv(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(CSV)?;
    for row in &report.accounts {
        match row.keys.as_deref() {
            None | Some([]) => writer.write_record(record(row, None))?,
            Some(keys) => {
                for key in keys {
                    writer.write_record(record(row, Some(key)))?;
                }
            }
        }
    }
    writer.flush()?;
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

fn record(row: &Row, key: Option<&RootKey>) -> [String; CSV.len()] {
    let last_used = key.and_then(|key| key.last_used.as_ref());
    let time = |time: Option<&Time>| time.map(Time::to_string).unwrap_or_default();
    let text = |text: Option<&str>| text.map(cell).unwrap_or_default();
    [
        cell(&row.account),
        text(row.account_name.as_deref()),
        text(row.state.as_deref()),
        text(row.organizational_unit.as_deref()),
        row.result.word().to_owned(),
        text(key.map(|key| key.access_key_id.as_str())),
        text(key.map(|key| key.status.as_str())),
        time(key.and_then(|key| key.created.as_ref())),
        time(last_used.map(|it| &it.at)),
        text(last_used.map(|it| it.service.as_str())),
        text(last_used.map(|it| it.region.as_str())),
        time(row.read_at.as_ref()),
        text(row.reason.as_deref()),
        row.prevention.result.word().to_owned(),
        cell(&row.prevention.list()),
    ]
}
