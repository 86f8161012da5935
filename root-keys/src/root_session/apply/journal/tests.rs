use super::{Entry, Journal, KeyProgress, Outcome, Record};
use crate::root_session::plan::facts::Plan;
use crate::root_session::plan::fixtures::{ACCOUNT, key, plan_of, read};
use crate::time::Time;

fn plan() -> Plan {
    let old = |id| key(id, 900 * 24 * 60 * 60, None);
    plan_of(vec![old("FIRST"), old("SECOND")])
}

fn entry(id: &str, record: Record) -> Entry {
    Entry {
        plan: plan().digest(),
        account: ACCOUNT.to_owned(),
        access_key_id: id.to_owned(),
        at: Time(read()),
        by: "arn".to_owned(),
        record,
    }
}

fn outcome(result: Outcome, key_is_gone: bool) -> Record {
    Record::Outcome {
        result,
        key_is_gone,
        reason: "é".to_owned(),
        deletion: Some(serde_json::json!({"result": "x"})),
    }
}

fn lines(records: &[Record]) -> Vec<u8> {
    let line = |record: &Record| entry("FIRST", record.clone()).line();
    records.iter().map(line).collect::<String>().into_bytes()
}

fn standing(bytes: &[u8]) -> KeyProgress {
    let journal = Journal::parse(bytes, &plan()).unwrap();
    assert_eq!(journal.standing(&plan().delete[1]), KeyProgress::NotStarted);
    journal.standing(&plan().delete[0])
}

#[test]
fn an_attempt_is_done_only_once_a_list_lacks_the_key() {
    use Outcome::*;
    let intent = || Record::Intent;
    for (records, expected) in [
        (vec![], KeyProgress::NotStarted),
        (vec![intent()], KeyProgress::AttemptUnresolved),
        (vec![intent(), outcome(Deleted, true)], KeyProgress::Gone),
        (
            vec![intent(), outcome(Deleted, false)],
            KeyProgress::AttemptUnresolved,
        ),
        (vec![intent(), outcome(Gone, true)], KeyProgress::Gone),
        (
            vec![intent(), outcome(Gone, false)],
            KeyProgress::AttemptUnresolved,
        ),
        (
            vec![intent(), outcome(Unknown, false)],
            KeyProgress::AttemptUnresolved,
        ),
        (
            vec![intent(), outcome(NotDeleted, false)],
            KeyProgress::NotStarted,
        ),
        (vec![outcome(NotListed, true)], KeyProgress::Gone),
        (vec![outcome(Skipped, false)], KeyProgress::NotStarted),
        (vec![outcome(NotReadable, false)], KeyProgress::NotStarted),
    ] {
        assert_eq!(standing(&lines(&records)), expected, "{records:?}");
    }
}

#[test]
fn what_an_attempt_may_have_done_stays_possible_until_the_key_is_seen_to_be_gone() {
    use Outcome::*;
    let intent = || Record::Intent;
    for first in [vec![intent()], vec![intent(), outcome(Unknown, false)]] {
        for (later, expected) in [
            (
                vec![outcome(Skipped, false)],
                KeyProgress::AttemptUnresolved,
            ),
            (
                vec![outcome(NotReadable, false)],
                KeyProgress::AttemptUnresolved,
            ),
            (
                vec![intent(), outcome(NotDeleted, false)],
                KeyProgress::AttemptUnresolved,
            ),
            (
                vec![intent(), outcome(Unknown, false)],
                KeyProgress::AttemptUnresolved,
            ),
            (vec![outcome(Gone, true)], KeyProgress::Gone),
            (
                vec![outcome(Gone, true), outcome(Skipped, false)],
                KeyProgress::Gone,
            ),
        ] {
            let records = [first.clone(), later].concat();
            assert_eq!(standing(&lines(&records)), expected, "{records:?}");
        }
    }
}

#[test]
fn a_record_that_was_cut_short_anywhere_says_nothing() {
    let records = [Record::Intent, outcome(Outcome::Deleted, true)];
    let [before, all] = [lines(&records[..1]), lines(&records)];
    for end in before.len()..all.len() - 1 {
        assert_eq!(
            standing(&all[..end]),
            KeyProgress::AttemptUnresolved,
            "{end}"
        );
        let continued = [&all[..end], b"\n", &before].concat();
        assert_eq!(
            standing(&continued),
            KeyProgress::AttemptUnresolved,
            "{end}"
        );
    }
    assert_eq!(standing(&all[..all.len() - 1]), KeyProgress::Gone);
    for end in 0..before.len() - 1 {
        assert_eq!(standing(&before[..end]), KeyProgress::NotStarted, "{end}");
    }
}

#[test]
fn a_file_that_is_no_journal_of_the_plan_is_refused() {
    let of = |entry: &Entry| serde_json::to_vec(entry).unwrap();
    let good = entry("FIRST", Record::Intent);
    let elsewhere = Entry {
        plan: "0".to_owned(),
        ..good.clone()
    };
    let another_account = Entry {
        account: "444455556666".to_owned(),
        ..good.clone()
    };
    for (bytes, words) in [
        (b"hello\n".to_vec(), "line 1 is not a valid journal record"),
        (
            [&lines(&[Record::Intent])[..], b"{}\n"].concat(),
            "line 2 is not a valid journal record",
        ),
        (of(&elsewhere), "line 1 belongs to another plan, 0"),
        (
            of(&entry("THIRD", Record::Intent)),
            "about THIRD, which the plan does not",
        ),
        (of(&another_account), "about FIRST, which the plan does not"),
    ] {
        let error = Journal::parse(&bytes, &plan()).unwrap_err();
        assert!(error.contains(words), "{words}: {error}");
    }
    assert!(Journal::parse(&of(&good), &plan()).is_ok());
}
