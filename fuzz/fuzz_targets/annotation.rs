//! The annotation of any keys, or of no report, has 1 to 256 printable characters, is
//! the same each time, and names each key with its dates unless the text was cut.

#![no_main]

use chrono::{DateTime, NaiveDate, Utc};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use root_access_key_rule::rule::account_id::AccountId;
use root_access_key_rule::rule::annotation::{MAX_CHARACTERS, non_compliant};
use root_access_key_rule::rule::credential_report::NoReport;
use root_access_key_rule::rule::credential_report::{KeySlot, LastUse, RootKeys, Unreadable};

#[derive(Arbitrary, Debug)]
enum Report {
    Keys([Option<Key>; 2], i64),
    Failed(Vec<u8>),
    NoTime,
    CutOff,
    NotReady,
    Malformed,
    NoColumn,
    NoRootRow,
    OtherAccount(u64),
}

#[derive(Arbitrary, Debug)]
struct Key {
    active: bool,
    last_rotated: Option<u32>,
    last_use: Use,
}

#[derive(Arbitrary, Debug)]
enum Use {
    NoneOnRecord,
    Unknown,
    On(u32, Option<Vec<u8>>, Option<Vec<u8>>),
}

fuzz_target!(|input: (Report, u32)| {
    let (report, triggered_at) = input;
    let triggered_at =
        DateTime::from_timestamp(i64::from(triggered_at) * 58, 0).unwrap_or_default();
    let report = facts(report);
    let text = non_compliant(&report, triggered_at);
    let length = text.chars().count();
    assert!((1..=MAX_CHARACTERS).contains(&length), "{length}: {text}");
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(!text.contains("never used"), "{text}");
    assert_eq!(text, non_compliant(&report, triggered_at));
    if let Ok(keys) = report
        && !text.contains('…')
    {
        for (number, slot) in [(1, &keys.slots[0]), (2, &keys.slots[1])] {
            let named =
                text.contains(&format!("Key {number}:")) || text.contains(&format!("#{number} "));
            assert_eq!(named, slot.is_some(), "{text}");
        }
        let keys = || keys.slots.iter().flatten();
        for date in keys().filter_map(|key| key.last_rotated) {
            let words = format!("created or last changed {date}");
            assert!(text.contains(&words), "{text}");
        }
        let unused = keys().filter(|key| key.last_use == LastUse::NoneOnRecord);
        let words = "no use on record since 2015-04-22";
        assert_eq!(text.matches(words).count(), unused.count(), "{text}");
    }
});

fn facts(report: Report) -> Result<RootKeys, NoReport> {
    Err(match report {
        Report::Keys(slots, generated_at) => {
            let generated_at = DateTime::<Utc>::from_timestamp(generated_at, 0).unwrap_or_default();
            let slots = slots.map(|slot| slot.map(key));
            return Ok(RootKeys {
                generated_at,
                slots,
            });
        }
        Report::Failed(code) => {
            let code = name(&code).chars().filter(|c| *c != '-').take(64).collect();
            NoReport::Failed {
                call: "GetCredentialReport",
                code,
            }
        }
        Report::NoTime => NoReport::NoTime,
        Report::CutOff => NoReport::CutOff {
            call: "GenerateCredentialReport",
        },
        Report::NotReady => NoReport::NotReady,
        Report::Malformed => NoReport::Unreadable(Unreadable::Malformed),
        Report::NoColumn => NoReport::Unreadable(Unreadable::NoColumn("access_key_1_last_rotated")),
        Report::NoRootRow => NoReport::Unreadable(Unreadable::NoRootRow),
        Report::OtherAccount(number) => {
            let account = format!("{:012}", number % 1_000_000_000_000);
            let account = AccountId::new(&account).expect("12 digits");
            NoReport::Unreadable(Unreadable::OtherAccount(account))
        }
    })
}

fn key(key: Key) -> KeySlot {
    KeySlot {
        active: key.active,
        last_rotated: key.last_rotated.map(day),
        last_use: match key.last_use {
            Use::NoneOnRecord => LastUse::NoneOnRecord,
            Use::Unknown => LastUse::Unknown,
            Use::On(on, service, region) => LastUse::On {
                day: day(on),
                service: service.map(|text| name(&text)),
                region: region.map(|text| name(&text)),
            },
        },
    }
}

/// Any day of the years 0 to 9999, which RFC 3339 supports.
fn day(number: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(0, 1, 1).expect("a day");
    first + chrono::Duration::days(i64::from(number % 3_652_425))
}

/// A name that `credential_report::read` accepts.
fn name(bytes: &[u8]) -> String {
    let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    let letter = |byte: &u8| char::from(letters[usize::from(*byte) % letters.len()]);
    bytes.iter().map(letter).collect()
}
