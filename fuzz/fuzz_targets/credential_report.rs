//! Any bytes as a credential report: a key is reported only if the root user's own row
//! shows one, and later rows change nothing.

#![no_main]

use chrono::DateTime;
use csv::{ByteRecord, ReaderBuilder};
use libfuzzer_sys::fuzz_target;
use root_access_key_rule::rule::account_id::AccountId;
use root_access_key_rule::rule::credential_report::{KeySlot, LastUse, RootKeys, Unreadable, read};

const ACCOUNT: &str = "111122223333";

fuzz_target!(|csv: &[u8]| {
    let account = AccountId::new(ACCOUNT).expect("12 digits");
    let understood = read(csv, &account, DateTime::UNIX_EPOCH);
    match &understood {
        Ok(keys) => must_be_of_the_root_row(csv, keys),
        Err(Unreadable::OtherAccount(other)) => assert_ne!(*other, account),
        Err(_) => {}
    }
    // A row of another user, and text that is not a row, after a complete report.
    if understood.is_ok() && csv.ends_with(b"\n") {
        let longer = [csv, b"alice,arn:aws:iam::111122223333:user/alice\n\"\xff"].concat();
        assert_eq!(read(&longer, &account, DateTime::UNIX_EPOCH), understood);
    }
});

fn must_be_of_the_root_row(csv: &[u8], keys: &RootKeys) {
    let mut rows = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(csv);
    let mut rows = rows.byte_records().map_while(Result::ok);
    let columns = rows.next().expect("a first row");
    let field = |row: &ByteRecord, name: &str| {
        let place = columns.iter().position(|column| column == name.as_bytes());
        let field = row.get(place.expect("the column")).expect("the field");
        String::from_utf8(field.to_vec()).expect("UTF-8")
    };
    let user = columns
        .iter()
        .position(|column| column == b"user")
        .expect("the column");
    let root = rows
        .find(|row| row.get(user) == Some(b"<root_account>"))
        .expect("the root row");
    let arn = field(&root, "arn");
    assert_eq!(arn.split(':').nth(4), Some(ACCOUNT));
    assert!(arn.ends_with(":root"));
    for (number, slot) in [(1, &keys.slots[0]), (2, &keys.slots[1])] {
        let cell = |name: &str| field(&root, &format!("access_key_{number}_{name}"));
        let (active, rotated) = (cell("active").to_lowercase(), cell("last_rotated"));
        match slot {
            Some(key) => must_be_shown(key, &active, &rotated, &cell("last_used_date")),
            None => {
                let absent = ["", "n/a", "no_information", "not_supported"];
                assert_eq!(active, "false");
                assert!(
                    absent.contains(&rotated.to_lowercase().as_str()),
                    "{rotated}"
                );
            }
        }
    }
}

fn must_be_shown(key: &KeySlot, active: &str, rotated: &str, used: &str) {
    assert_eq!(key.active, active == "true");
    assert!(key.active || active == "false", "{active}");
    let day =
        |text: &str| DateTime::parse_from_rfc3339(text).map(|time| time.to_utc().date_naive());
    assert_eq!(key.last_rotated, day(rotated).ok());
    assert!(
        key.active || key.last_rotated.is_some(),
        "an inactive key without a date"
    );
    match &key.last_use {
        LastUse::On {
            day: on,
            service,
            region,
        } => {
            assert_eq!(Ok(*on), day(used));
            for name in [service, region].into_iter().flatten() {
                let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-';
                assert!(!name.is_empty() && name.bytes().all(plain), "{name}");
            }
        }
        LastUse::NoneOnRecord => assert_eq!(used.to_lowercase(), "n/a"),
        LastUse::Unknown => assert!(day(used).is_err(), "{used}"),
    }
}
