use chrono::TimeDelta;

use super::{Criteria, decide};
use crate::exemptions::{Exemption, Exemptions};
use crate::root_session::plan::facts::{KeepReason, Quarantine};
use crate::root_session::plan::fixtures::{
    ACCOUNT, DAY, key, listing, plan, read, row, unused_for,
};
use crate::root_session::plan::listing::Row;
use crate::root_session::root_key::RootKey;
use crate::time::Time;

fn exempt_until(day: &str) -> Criteria {
    let exemption = Exemption {
        account: ACCOUNT.to_owned(),
        owner: "payments team".to_owned(),
        reason: "SES relay".to_owned(),
        expires: day.parse().unwrap(),
        ticket: None,
    };
    Criteria {
        exemptions: Exemptions::from([(ACCOUNT.to_owned(), exemption)]),
        exemptions_sha256: Some("e4e".to_owned()),
        ..unused_for(90)
    }
}

/// Why the only key stays, or why it is deleted.
fn choice(key: RootKey, criteria: &Criteria) -> Result<String, (KeepReason, String)> {
    let plan = plan(vec![key], criteria);
    match (plan.delete.as_slice(), plan.keep.as_slice()) {
        ([line], []) => Ok(line.reason.clone()),
        ([], [line]) => Err((line.kind, line.reason.clone())),
        other => panic!("one key in one line: {other:?}"),
    }
}

#[test]
fn a_key_is_deleted_only_if_its_last_use_is_older_than_the_limit() {
    let used = |seconds| choice(key("K", 900 * DAY, Some(seconds)), &unused_for(90));
    let words = "last used 90 days before the keys were read";
    assert_eq!(used(90 * DAY + 1), Ok(words.to_owned()));
    for seconds in [90 * DAY, 0, -DAY] {
        let (kind, reason) = used(seconds).unwrap_err();
        assert_eq!(kind, KeepReason::UsedRecently, "{seconds}");
        assert!(reason.contains("in the 90 days before"), "{reason}");
        assert!(reason.contains("(s3)"), "{reason}");
    }
    let used_31_days_ago = key("K", 900 * DAY, Some(31 * DAY));
    assert!(choice(used_31_days_ago.clone(), &unused_for(30)).is_ok());
    assert!(choice(used_31_days_ago, &unused_for(31)).is_err());
}

#[test]
fn a_key_without_a_use_on_record_is_deleted_only_if_it_is_older_than_30_days() {
    let created = |seconds| choice(key("K", seconds, None), &unused_for(90));
    let words = "no use on record, and created 30 days before the keys were read";
    assert_eq!(created(30 * DAY + 1), Ok(words.to_owned()));
    for seconds in [30 * DAY, 0, -DAY] {
        assert_eq!(
            created(seconds).unwrap_err().0,
            KeepReason::Young,
            "{seconds}"
        );
    }
    let impossible = key("K", 30 * DAY, Some(400 * DAY));
    let young = choice(impossible, &unused_for(90));
    assert_eq!(young.unwrap_err().0, KeepReason::Young);
}

#[test]
fn a_key_of_unknown_age_stays_even_if_its_last_use_is_old() {
    let unknown = RootKey {
        created: None,
        ..key("K", 0, Some(900 * DAY))
    };
    let (kind, reason) = choice(unknown, &unused_for(90)).unwrap_err();
    assert_eq!(
        (kind, &*reason),
        (KeepReason::AgeUnknown, "IAM gave no creation date")
    );
}

#[test]
fn an_exemption_protects_up_to_its_last_day_and_is_named_once_it_has_expired() {
    let old = || key("K", 900 * DAY, None);
    for day in ["2026-11-26", "2027-11-26"] {
        let (kind, reason) = choice(old(), &exempt_until(day)).unwrap_err();
        let words = format!("exempt until {day} (payments team: SES relay)");
        assert_eq!((kind, reason), (KeepReason::Exempt, words));
    }
    let reason = choice(old(), &exempt_until("2026-11-25")).unwrap();
    let words = "; the exemption of payments team expired on 2026-11-25";
    assert!(reason.ends_with(words), "{reason}");
    let other = row("444455556666", Some(vec![old()]));
    let plan = decide(
        &listing(vec![other]),
        &exempt_until("2027-01-01"),
        "",
        read(),
    );
    assert_eq!(plan.unwrap().delete.len(), 1);
}

#[test]
fn every_account_is_counted_and_none_without_known_keys_is_deleted_from() {
    let old = key("OLD", 900 * DAY, None);
    let busy = key("BUSY", 900 * DAY, Some(DAY));
    let both = row(ACCOUNT, Some(vec![old.clone(), busy.clone()]));
    let quarantined = Row {
        quarantine: Quarantine::By(vec!["p-1".to_owned()]),
        ..both
    };
    let out_of_reach = |account| Row {
        out_of_reach: true,
        ..row(account, None)
    };
    let listing = listing(vec![
        quarantined,
        row("222222222222", None),
        row("333333333333", Some(Vec::new())),
        out_of_reach("444444444444"),
        out_of_reach("555555555555"),
    ]);
    let plan = decide(&listing, &unused_for(90), "1.2.3", read()).unwrap();
    let [line] = &plan.delete[..] else {
        panic!("{plan:?}")
    };
    assert_eq!((&*line.account, &line.key), (ACCOUNT, &old));
    assert_eq!(line.other_keys, ["BUSY"]);
    assert_eq!(line.quarantine, Quarantine::By(vec!["p-1".to_owned()]));
    let kept: Vec<_> = plan
        .keep
        .iter()
        .map(|it| (it.kind, it.key.as_ref()))
        .collect();
    let expected = [
        (KeepReason::UsedRecently, Some(&busy)),
        (KeepReason::NotReadable, None),
        (KeepReason::OutOfReach, None),
        (KeepReason::OutOfReach, None),
    ];
    assert_eq!(kept, expected);
    assert_eq!(plan.keep[1].reason, "denied");
    let summary = &plan.head.summary;
    assert_eq!((summary.accounts, summary.without_keys), (5, 1));
    assert_eq!(summary.out_of_reach, 2);
    assert_eq!(
        (summary.not_readable, summary.delete, summary.keep),
        (1, 1, 1)
    );
}

#[test]
fn a_plan_is_valid_for_24_hours_after_the_reading_began() {
    let empty = listing(Vec::new());
    let at = |now| decide(&empty, &unused_for(90), "", now);
    let second = TimeDelta::seconds(1);
    let end = read() + TimeDelta::hours(24);
    let plan = at(end - second).unwrap();
    assert_eq!(plan.head.expires, Time(end));
    assert!(at(end).unwrap_err().contains("more than 24 hours ago"));
    assert_eq!(plan.check_validity(end - second), Ok(()));
    let expired = plan.check_validity(end).unwrap_err();
    assert!(
        expired.contains("expired at 2026-11-27T12:00:00Z"),
        "{expired}"
    );
    let skew = TimeDelta::minutes(5);
    assert!(at(read() - skew).is_ok());
    let future = at(read() - skew - second).unwrap_err();
    assert!(future.contains("in the future"), "{future}");
}

#[test]
fn a_plan_names_what_it_is_based_on() {
    let head = plan(Vec::new(), &exempt_until("2027-01-01")).head;
    assert_eq!(head.based_on.sha256, "5e1f");
    assert_eq!(head.based_on.at, Time(read()));
    assert!(head.based_on.by.ends_with("role/operator"));
    assert_eq!(head.exemptions.as_deref(), Some("e4e"));
    assert_eq!((head.unused_for_days, &*head.version), (90, "1.2.3"));
}
