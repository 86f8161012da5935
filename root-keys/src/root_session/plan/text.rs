//! The plan as a table for people.

use std::fmt::Write;

use root_access_key_rule::redaction::printable;

use crate::root_session::plan::facts::{Deletion, Kept, Plan, Quarantine, Summary};
use crate::root_session::root_key::RootKey;
use crate::text::{columns, counted};

const COLUMNS: [&str; 6] = ["ACTION", "ACCOUNT", "NAME", "KEY", "QUARANTINED", "WHY"];

/// One line for each key, those to delete first; then the counts and how long the
/// plan is valid.
#[must_use]
pub fn table(plan: &Plan) -> String {
    let mut lines = vec![COLUMNS.map(str::to_owned)];
    lines.extend(plan.delete.iter().map(deleted));
    lines.extend(plan.keep.iter().map(kept));
    let mut text = columns(&lines);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n{}", counts(&plan.head.summary));
    let _ = writeln!(
        text,
        "Valid until {}; sha256 {}",
        plan.head.expires,
        plan.digest()
    );
    text
}

fn deleted(line: &Deletion) -> [String; COLUMNS.len()] {
    [
        "delete".to_owned(),
        line.account.clone(),
        printable(&line.account_name),
        printable(&line.key.access_key_id),
        quarantined(&line.quarantine),
        printable(&format!("{}, {}", line.key.status, line.reason)),
    ]
}

fn kept(line: &Kept) -> [String; COLUMNS.len()] {
    let id = |key: &RootKey| printable(&key.access_key_id);
    [
        "keep".to_owned(),
        line.account.clone(),
        printable(&line.account_name),
        line.key.as_ref().map_or_else(|| "not known".to_owned(), id),
        quarantined(&line.quarantine),
        printable(&line.reason),
    ]
}

fn quarantined(quarantine: &Quarantine) -> String {
    match quarantine {
        Quarantine::By(policies) => printable(&policies.join(", ")),
        Quarantine::None => "no".to_owned(),
        Quarantine::Unknown => "not known".to_owned(),
    }
}

/// How many keys are deleted and how many stay.
#[must_use]
pub fn counts(summary: &Summary) -> String {
    let mut text = format!(
        "{}: delete {}, keep {}; {} without root keys",
        counted(summary.accounts, "account"),
        counted(summary.delete, "root access key"),
        summary.keep,
        counted(summary.without_keys, "account"),
    );
    if summary.not_readable > 0 {
        // Writing to a string cannot fail.
        let _ = write!(text, "; {} not read", summary.not_readable);
    }
    if summary.out_of_reach > 0 {
        let _ = write!(text, "; {} out of reach", summary.out_of_reach);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::root_session::plan::decision::decide;
    use crate::root_session::plan::facts::Quarantine;
    use crate::root_session::plan::fixtures::{DAY, key, listing, read, row, unused_for};
    use crate::root_session::plan::listing::Row;

    #[test]
    fn the_table_has_a_line_for_each_key_and_each_account_that_is_not_known() {
        let keys = vec![
            key("OLD", 900 * DAY, None),
            key("BUSY", 900 * DAY, Some(DAY)),
        ];
        let strange = Row {
            account_name: "pay\u{1b}[31m roll".to_owned(),
            quarantine: Quarantine::By(vec!["p-1".to_owned(), "p-2".to_owned()]),
            ..row("111122223333", Some(keys))
        };
        let unknown = Row {
            quarantine: Quarantine::Unknown,
            ..row("222222222222", None)
        };
        let management = Row {
            out_of_reach: true,
            ..row("999999999999", None)
        };
        let none = row("333333333333", Some(Vec::new()));
        let listing = listing(vec![strange, unknown, none, management]);
        let plan = decide(&listing, &unused_for(90), "1.2.3", read()).unwrap();
        let expected = format!(
            "\
ACTION  ACCOUNT       NAME           KEY        QUARANTINED  WHY
delete  111122223333  pay [31m roll  OLD        p-1, p-2     Active, no use on record, and created 900 days before the keys were read
keep    111122223333  pay [31m roll  BUSY       p-1, p-2     used on 2026-11-25T12:00:00Z (s3), in the 90 days before the keys were read
keep    222222222222  payments       not known  not known    denied
keep    999999999999  payments       not known  no           denied

4 accounts: delete 1 root access key, keep 1; 1 account without root keys; 1 not read; 1 out of reach
Valid until 2026-11-27T12:00:00Z; sha256 {}
",
            plan.digest()
        );
        assert_eq!(table(&plan), expected);
    }
}
