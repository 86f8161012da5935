//! The sizes of what is published and of what is recorded, with the longest names and
//! reasons; and documents that the watch refuses to read.

use root_access_key_watch::answer::{MAX_CHAT, MAX_SUBJECT, MAX_TEXT};
use root_access_key_watch::latest::{Latest, MAX_BYTES, MAX_TREND, Previous};
use serde_json::{Value, json};

use crate::days::Watch;
use crate::organization::{Member, Organization, Reported, Stack, day, id};

/// The longest path that an account can have: five levels of organizational units.
const DEEPEST: &str = "r-ab12/ou-ab12-11111111111111111111111111111111/ou-ab12-2222222222222222222222\
                       2222222222/ou-ab12-33333333333333333333333333333333/ou-ab12-444444444444444444\
                       44444444444444/ou-ab12-55555555555555555555555555555555";

/// So many accounts, each with everything as long as it can be.
fn longest(accounts: usize) -> Organization {
    let mut organization = Organization::new();
    for number in 1..=accounts {
        let reason = format!("{number} {}", "\u{1f512}\r\n\u{202e}<&".repeat(400));
        let member = Member {
            stack: Stack::Failed(reason.clone()),
            result: if number % 2 == 0 {
                Reported::NonCompliant
            } else {
                Reported::NotRead(reason.clone())
            },
            ..Member::new(
                &"\u{1f512}\u{0}".repeat(25),
                &format!("{DEEPEST}-{}", number % 90),
            )
        };
        organization = organization.with(&id(number), member);
        organization.exempt(&id(number), &reason, &reason, day(10));
    }
    organization
}

#[test]
fn with_the_longest_texts_everything_is_within_its_bounds() {
    let mut organization = longest(1_000);
    organization.exempt("121212121212", "x", "y", day(30));
    let mut watch = Watch::new();
    for number in [1, 12] {
        let ran = watch.run(day(number), Ok(&organization));
        let digest = ran.digest.unwrap();
        assert!(
            digest.text.len() < MAX_TEXT * 3 / 4,
            "{}",
            digest.text.len()
        );
        assert!(
            digest.chat.chars().count() < MAX_CHAT,
            "{}",
            digest.chat.len()
        );
        assert!(digest.subject.encode_utf16().count() <= MAX_SUBJECT);
        assert!(
            !digest.subject.contains(char::is_control),
            "{}",
            digest.subject
        );
        let hidden = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!digest.text.contains(hidden) && !digest.chat.contains(hidden));
        assert!(
            digest.text.lines().all(|it| it.len() < 900),
            "longer than an e-mail's line"
        );
    }
    // Everything closes at once.
    for number in 1..=1_000 {
        *organization.member(&id(number)) = Member::new("x", "r-ab12");
    }
    let ran = watch.run(day(13), Ok(&organization));
    let text = ran.digest.unwrap().text;
    assert!(
        text.contains("CLOSED SINCE THE DIGEST OF 2026-11-12 (2,000 PROBLEMS)"),
        "{text}"
    );
    assert!(
        text.contains("... and 1,950 more: the report below has every account."),
        "{text}"
    );
}

#[test]
fn a_document_with_the_longest_texts_can_be_read_again() {
    let mut watch = Watch::new();
    let ran = watch.run(day(1), Ok(&longest(2_000)));
    let bytes = ran.latest.json().len();
    assert!(bytes < MAX_BYTES / 10, "{bytes}");
}

#[test]
fn the_trend_has_the_last_ninety_reports() {
    let organization = Organization::new().with_compliant(2);
    let mut watch = Watch::new();
    for number in 1..=100 {
        watch.run(day(number), Ok(&organization));
    }
    let trend = &watch.previous.latest().unwrap().trend;
    assert_eq!(trend.len(), MAX_TREND);
    assert_eq!((trend[0].day, trend[89].day), (day(11), day(100)));
}

/// A change of a document.
type Change = Box<dyn FnOnce(&mut Value)>;

/// A document with an open account, changed.
fn changed(change: impl FnOnce(&mut Value)) -> Result<Latest, String> {
    let mut watch = Watch::new();
    let mut organization = Organization::new().with_compliant(2);
    organization.member(&id(1)).result = Reported::NonCompliant;
    watch.run(day(2), Ok(&organization));
    let Previous::Known(latest) = watch.previous else {
        panic!()
    };
    let mut document = serde_json::from_str(&latest.json()).unwrap();
    change(&mut document);
    Latest::parse(document.to_string().as_bytes())
}

#[test]
fn a_document_with_fields_of_a_later_version_is_read() {
    let read = changed(|it| {
        it["later"] = json!({"a": 1});
        it["open"][id(1)]["later"] = json!(true);
        it["open"][id(1)]["problems"]["a-later-kind"] =
            json!({"since":"2026-11-01","seen":"2026-11-02","announced":true,"x":1});
    });
    assert_eq!(read.unwrap().open[&id(1)].problems.len(), 2);
}

#[test]
fn a_document_that_contradicts_itself_is_refused_with_the_reason() {
    let point = json!({"day":"2026-11-02","accounts":1,"open":0,"nonCompliant":0,"partial":false});
    let checks: [(&str, Change); 11] = [
        ("its schema is 2", Box::new(|it| it["schema"] = json!(2))),
        (
            "missing field `schema`",
            Box::new(|it| drop(it.as_object_mut().unwrap().remove("schema"))),
        ),
        (
            "missing field `open`",
            Box::new(|it| drop(it.as_object_mut().unwrap().remove("open"))),
        ),
        (
            "\"../x\" is not the key",
            Box::new(|it| it["files"]["json"] = json!("../x")),
        ),
        (
            "is not the key of a report",
            Box::new(|it| it["files"]["html"] = json!("2026/11/02/other.html")),
        ),
        (
            "more than 90 reports",
            Box::new(move |it| it["trend"] = json!(vec![point; 91])),
        ),
        (
            "not in the order of days",
            Box::new(|it| {
                let mut earlier = it["trend"][0].clone();
                earlier["day"] = json!("2026-11-01");
                it["trend"].as_array_mut().unwrap().push(earlier);
            }),
        ),
        (
            "its trend is later",
            Box::new(|it| it["trend"][0]["day"] = json!("2026-11-03")),
        ),
        (
            "its last digest is later",
            Box::new(|it| it["lastDigest"] = json!("2026-11-03")),
        ),
        (
            "\"1\" is no account ID",
            Box::new(|it| {
                let account = it["open"][id(1)].clone();
                it["open"]["1"] = account;
            }),
        ),
        (
            "account 000000000001 is later",
            Box::new(|it| {
                it["open"][id(1)]["problems"]["root-access-keys"]["seen"] = json!("2026-11-03");
            }),
        ),
    ];
    assert!(changed(|_| {}).is_ok());
    for (words, change) in checks {
        let error = changed(change).unwrap_err();
        assert!(error.contains(words), "{words}: {error}");
    }
    assert!(Latest::parse(b"{\"schema\":1,").is_err());
    assert!(
        Latest::parse(&vec![b' '; MAX_BYTES + 1])
            .unwrap_err()
            .contains("bytes")
    );
}
