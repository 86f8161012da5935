//! Decides which root keys a plan deletes, and which stay.

use chrono::{DateTime, TimeDelta, Utc};

use crate::exemptions::Exemptions;
use crate::root_session::plan::facts::{
    Basis, Deletion, Head, KeepReason, Kept, PLAN_LIFETIME, Plan, SCHEMA, Summary,
};
use crate::root_session::plan::listing::{Listing, Row};
use crate::root_session::root_key::RootKey;
use crate::time::Time;

/// How far the clock of the machine that listed may be ahead.
pub const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);
/// A key that is not older may be in use without a use on record, because IAM
/// records uses with delay.
pub const YOUNG: TimeDelta = TimeDelta::days(30);

/// How the operator narrows what is deleted.
#[derive(Debug, Clone, Default)]
pub struct Criteria {
    /// A key that was used in so many days before the reading stays; at least 30.
    pub unused_for_days: u16,
    /// Accounts whose keys stay while their exemption is in force.
    pub exemptions: Exemptions,
    /// SHA-256 of the file that they are from.
    pub exemptions_sha256: Option<String>,
}

/// Decides for every account of the document, at that moment.
///
/// # Errors
/// When the document is older than a plan is valid, or from the future.
pub fn decide(
    listing: &Listing,
    criteria: &Criteria,
    version: &str,
    now: DateTime<Utc>,
) -> Result<Plan, String> {
    let expires = Time(listing.at.0 + PLAN_LIFETIME);
    check_age(listing.at, expires, now)?;
    let (mut delete, mut keep) = (Vec::new(), Vec::new());
    for row in &listing.accounts {
        let Some(keys) = &row.keys else {
            keep.push(without_keys(row));
            continue;
        };
        for key in keys {
            match choose(key, row, listing.at, criteria) {
                Ok(reason) => delete.push(deletion(row, keys, key, reason)),
                Err((kind, reason)) => keep.push(kept(row, Some(key), kind, reason)),
            }
        }
    }
    let count = |of: fn(&Row) -> bool| listing.accounts.iter().filter(|row| of(row)).count();
    let summary = Summary {
        accounts: listing.accounts.len(),
        without_keys: count(|row| row.keys.as_ref().is_some_and(Vec::is_empty)),
        not_readable: count(|row| row.keys.is_none() && !row.out_of_reach),
        out_of_reach: count(|row| row.out_of_reach),
        delete: delete.len(),
        keep: keep.iter().filter(|it| it.key.is_some()).count(),
    };
    let head = Head {
        schema: SCHEMA,
        command: "root-keys plan".to_owned(),
        version: version.to_owned(),
        at: Time(now).to_the_second(),
        expires,
        based_on: Basis {
            sha256: listing.sha256.clone(),
            at: listing.at,
            by: listing.by.clone(),
        },
        unused_for_days: criteria.unused_for_days,
        exemptions: criteria.exemptions_sha256.clone(),
        summary,
    };
    Ok(Plan { head, delete, keep })
}

fn check_age(read: Time, expires: Time, now: DateTime<Utc>) -> Result<(), String> {
    if read.0 - now > CLOCK_SKEW {
        return Err(format!(
            "the keys were read at {read}, which is in the future; correct the clock of the machine \
             that listed them, or of this one"
        ));
    }
    if now < expires.0 {
        return Ok(());
    }
    Err(format!(
        "the keys were read at {read}, more than 24 hours ago; list them again"
    ))
}

/// Why the key is deleted, or why not.
fn choose(
    key: &RootKey,
    row: &Row,
    read: Time,
    criteria: &Criteria,
) -> Result<String, (KeepReason, String)> {
    let exemption = criteria.exemptions.get(&row.account);
    if let Some(exemption) = exemption.filter(|it| it.is_valid_at(read)) {
        return Err((KeepReason::Exempt, exemption.reason_to_keep()));
    }
    let unused_for = unused(key, read, criteria.unused_for_days)?;
    Ok(match exemption {
        Some(expired) => format!("{unused_for}; {}", expired.expiry_note()),
        None => unused_for,
    })
}

/// In which words the key is unused, or why it counts as used. A moment after the
/// reading is no age: the key stays.
fn unused(key: &RootKey, read: Time, days: u16) -> Result<String, (KeepReason, String)> {
    let Some(created) = key.created else {
        let reason = "IAM gave no creation date".to_owned();
        return Err((KeepReason::AgeUnknown, reason));
    };
    let limit = TimeDelta::days(days.into());
    match &key.last_used {
        Some(used) if read.0 - used.at.0 <= limit => Err((
            KeepReason::UsedRecently,
            format!(
                "used on {} ({}), in the {days} days before the keys were read",
                used.at, used.service
            ),
        )),
        _ if read.0 - created.0 <= YOUNG => Err((
            KeepReason::Young,
            format!("created on {created}, in the 30 days before the keys were read"),
        )),
        Some(used) => Ok(format!(
            "last used {} days before the keys were read",
            (read.0 - used.at.0).num_days()
        )),
        None => Ok(format!(
            "no use on record, and created {} days before the keys were read",
            (read.0 - created.0).num_days()
        )),
    }
}

fn deletion(row: &Row, keys: &[RootKey], key: &RootKey, reason: String) -> Deletion {
    let ids = keys.iter().map(|it| it.access_key_id.clone());
    Deletion {
        account: row.account.clone(),
        account_name: row.account_name.clone(),
        key: key.clone(),
        other_keys: ids.filter(|id| *id != key.access_key_id).collect(),
        quarantine: row.quarantine.clone(),
        reason,
    }
}

/// One line for an account whose keys are not known.
fn without_keys(row: &Row) -> Kept {
    let kind = if row.out_of_reach {
        KeepReason::OutOfReach
    } else {
        KeepReason::NotReadable
    };
    let reason = row.reason.clone().unwrap_or_else(|| "no reason".to_owned());
    kept(row, None, kind, reason)
}

fn kept(row: &Row, key: Option<&RootKey>, kind: KeepReason, reason: String) -> Kept {
    Kept {
        account: row.account.clone(),
        account_name: row.account_name.clone(),
        key: key.cloned(),
        quarantine: row.quarantine.clone(),
        kind,
        reason,
    }
}

#[cfg(test)]
mod tests;
