//! Keys, accounts and plans for the unit tests of plans and their application.

use chrono::{DateTime, TimeDelta, Utc};

use crate::exemptions::Exemptions;
use crate::root_session::plan::decision::{Criteria, decide};
use crate::root_session::plan::facts::{Plan, Quarantine};
use crate::root_session::plan::listing::{Listing, Row};
use crate::root_session::root_key::{LastUse, RootKey};
use crate::time::Time;

pub const ACCOUNT: &str = "111122223333";

/// When the reading of the keys began.
pub fn read() -> DateTime<Utc> {
    "2026-11-26T12:00:00Z".parse().unwrap()
}

fn seconds_before(seconds: i64) -> Time {
    Time(read() - TimeDelta::seconds(seconds))
}

pub const DAY: i64 = 24 * 60 * 60;

/// A key created and used so many seconds before the reading.
pub fn key(id: &str, created: i64, used: Option<i64>) -> RootKey {
    RootKey {
        access_key_id: id.to_owned(),
        status: "Active".to_owned(),
        created: Some(seconds_before(created)),
        last_used: used.map(|used| LastUse {
            at: seconds_before(used),
            service: "s3".to_owned(),
            region: "us-east-1".to_owned(),
        }),
    }
}

pub fn row(account: &str, keys: Option<Vec<RootKey>>) -> Row {
    Row {
        account: account.to_owned(),
        account_name: "payments".to_owned(),
        reason: keys.is_none().then(|| "denied".to_owned()),
        keys,
        out_of_reach: false,
        quarantine: Quarantine::None,
    }
}

pub fn listing(accounts: Vec<Row>) -> Listing {
    Listing {
        sha256: "5e1f".to_owned(),
        at: Time(read()),
        by: "arn:aws:iam::999999999999:role/operator".to_owned(),
        accounts,
    }
}

pub fn unused_for(days: u16) -> Criteria {
    Criteria {
        unused_for_days: days,
        exemptions: Exemptions::new(),
        exemptions_sha256: None,
    }
}

/// The plan for one account with these keys.
pub fn plan_of(keys: Vec<RootKey>) -> Plan {
    plan(keys, &unused_for(90))
}

/// The same under these criteria.
pub fn plan(keys: Vec<RootKey>, criteria: &Criteria) -> Plan {
    let listing = listing(vec![row(ACCOUNT, Some(keys))]);
    decide(&listing, criteria, "1.2.3", read()).unwrap()
}
