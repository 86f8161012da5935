//! Exemptions in the digest: in force, ended, removed.

use root_access_key_watch::answer::Digest;

use crate::days::Watch;
use crate::organization::{Organization, Reported, day, id};

fn exempt(until: u32) -> Organization {
    let mut organization = Organization::new().with_compliant(4);
    organization.member(&id(1)).result = Reported::NonCompliant;
    organization.exempt(&id(1), "payments team", "SES relay", day(until));
    organization
}

/// The section of exemptions.
fn section(digest: Option<Digest>) -> String {
    let text = digest.unwrap().text;
    let from = text.find("EXEMPTIONS\n").map_or("", |at| &text[at..]);
    from.split("\n\n").next().unwrap_or_default().to_owned()
}

#[test]
fn an_exemption_is_named_from_fourteen_days_before_its_end_and_open_again_after_it() {
    let mut organization = exempt(20);
    organization.member(&id(2)).result = Reported::NonCompliant;
    let mut watch = Watch::new();
    for (on, words) in [
        (5, ""),
        (6, "ends in 14 days, 2026-11-20"),
        (19, "ends tomorrow, 2026-11-20"),
        (20, "ends today, 2026-11-20"),
        (21, "expired on 2026-11-20"),
        (60, "expired on 2026-11-20"),
    ] {
        let ran = watch.run(day(on), Ok(&organization));
        assert_eq!(ran.latest.open.contains_key(&id(1)), on > 20, "{on}");
        let section = section(ran.digest);
        assert_eq!(section.is_empty(), words.is_empty(), "{section}");
        assert!(section.contains(words), "{words}: {section}");
    }
}

#[test]
fn an_expired_exemption_of_an_account_that_is_well_is_named_for_fourteen_days() {
    let mut organization = exempt(20);
    organization.member(&id(1)).result = Reported::Compliant;
    organization.member(&id(2)).result = Reported::NonCompliant;
    let mut watch = Watch::new();
    let mut named = |on| !section(watch.run(day(on), Ok(&organization)).digest).is_empty();
    assert_eq!([named(33), named(34), named(35)], [true, true, false]);
}

#[test]
fn an_exemption_that_was_removed_is_named_once() {
    let mut organization = exempt(200);
    let mut watch = Watch::new();
    watch.run(day(1), Ok(&organization));
    organization.exemptions = Ok(root_keys::exemptions::Exemptions::new());
    watch.publishes = false;
    watch.run(day(2), Ok(&organization));
    watch.publishes = true;
    let words = "was removed before its end on 2027-05-19 (payments team: SES relay)";
    assert!(
        section(watch.run(day(3), Ok(&organization)).digest)
            .replace("\n    ", " ")
            .contains(words)
    );
    assert_eq!(section(watch.run(day(4), Ok(&organization)).digest), "");
}

#[test]
fn unreadable_exemptions_are_not_ended_ones() {
    let mut organization = exempt(200);
    let mut watch = Watch::new();
    watch.run(day(1), Ok(&organization));
    let readable = organization.exemptions.clone();
    organization.exemptions = Err("AccessDenied".to_owned());
    let second = watch.run(day(2), Ok(&organization));
    assert!(second.latest.open.contains_key(&id(1)));
    assert_eq!(section(second.digest), "");
    organization.exemptions = readable;
    let third = watch.run(day(3), Ok(&organization));
    assert!(third.latest.open.is_empty());
}

#[test]
fn an_exemption_of_an_account_outside_the_organization_is_named() {
    let mut organization = exempt(200);
    organization.member(&id(2)).result = Reported::NonCompliant;
    organization.exempt("121212121212", "somebody", "left", day(200));
    let section = section(Watch::new().run(day(1), Ok(&organization)).digest);
    let section = section.replace("\n    ", " ");
    assert!(
        section.contains("- 1 account with an exemption is not in the organization: 121212121212"),
        "{section}"
    );
}
