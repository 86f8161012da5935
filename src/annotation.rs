//! The verdict in words for the dashboard, at most 256 characters.
//!
//! Built only from fields that were understood: days, numbers, and names of
//! services and regions in `[A-Za-z0-9.-]`. AWS Config refuses an empty
//! annotation and one of more than 256 characters, and the rule would then show
//! no result at all.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, Utc};

use crate::credential_report::{KeySlot, LastUse, RootKeys, USE_RECORDED_SINCE, Unreadable};
use crate::evidence::AccountSummary;
use crate::report_request::NoReport;

/// The most characters AWS Config takes
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_Evaluation.html>).
pub const MOST_CHARACTERS: usize = 256;

/// The words for an account whose root user has no access key.
#[must_use]
pub fn compliant(summary: &AccountSummary) -> String {
    if summary.no_password {
        "The root user has no access keys and no password."
    } else {
        "The root user has no access keys."
    }
    .to_owned()
}

/// The words for an account whose root user has access keys, with what the
/// credential report knows of them on the day of `triggered_at`.
#[must_use]
pub fn non_compliant(report: &Result<RootKeys, NoReport>, triggered_at: DateTime<Utc>) -> String {
    let today = triggered_at.date_naive();
    let text = match report {
        Err(why) => format!(
            "The root user has access keys. No details: {}.",
            no_details(why)
        ),
        Ok(keys) if keys.slots.iter().all(Option::is_none) => format!(
            "The root user has access keys. The credential report of {} does not show them yet.",
            keys.generated_at.format("%Y-%m-%d %H:%M UTC")
        ),
        Ok(keys) => shown(keys, today),
    };
    cut(text)
}

/// The keys that the report shows, in the fullest words that fit.
fn shown(keys: &RootKeys, today: NaiveDate) -> String {
    let full = in_full(keys, today);
    if full.chars().count() <= MOST_CHARACTERS {
        full
    } else {
        in_brief(keys, today)
    }
}

fn in_full(keys: &RootKeys, today: NaiveDate) -> String {
    let mut text = "The root user has access keys.".to_owned();
    for (number, key) in numbered(keys) {
        let age = created(key, |day| {
            match today.signed_duration_since(day).num_days() {
                0 => " (today)".to_owned(),
                1 => " (1 day ago)".to_owned(),
                days @ 2.. => format!(" ({days} days ago)"),
                _ => String::new(),
            }
        });
        let used = used(key, "last used");
        let _ = write!(text, " Key {number}: {}, {age}, {used}.", activity(key));
    }
    if none_active(keys) {
        text.push_str(" Deactivating is not enough: delete them.");
    }
    let _ = write!(
        text,
        " Credential report of {}.",
        keys.generated_at.format("%Y-%m-%d %H:%M UTC")
    );
    text
}

/// The same facts in fewer words: the longest genuine values for two keys fit.
fn in_brief(keys: &RootKeys, today: NaiveDate) -> String {
    let mut text = if none_active(keys) {
        "Deactivated root keys still count:"
    } else {
        "Root access keys:"
    }
    .to_owned();
    for (number, key) in numbered(keys) {
        let age = created(key, |day| {
            match today.signed_duration_since(day).num_days() {
                days @ 0.. => format!(" ({days} d)"),
                _ => String::new(),
            }
        });
        let _ = write!(
            text,
            " #{number} {}, {age}, {};",
            activity(key),
            used(key, "used")
        );
    }
    let _ = write!(
        text,
        " report {}",
        keys.generated_at.format("%Y-%m-%d %H:%MZ")
    );
    text
}

fn numbered(keys: &RootKeys) -> impl Iterator<Item = (usize, &KeySlot)> {
    keys.slots
        .iter()
        .enumerate()
        .filter_map(|(index, slot)| slot.as_ref().map(|key| (index + 1, key)))
}

fn none_active(keys: &RootKeys) -> bool {
    numbered(keys).all(|(_, key)| !key.active)
}

fn activity(key: &KeySlot) -> &'static str {
    if key.active { "active" } else { "inactive" }
}

fn created(key: &KeySlot, age: impl Fn(NaiveDate) -> String) -> String {
    match key.created {
        Some(day) => format!("created {day}{}", age(day)),
        None => "creation day unknown".to_owned(),
    }
}

fn used(key: &KeySlot, last_used: &str) -> String {
    match &key.last_use {
        LastUse::Unknown => "last use unknown".to_owned(),
        LastUse::Never if key.created.is_some_and(|day| day < USE_RECORDED_SINCE) => {
            format!("no use since {USE_RECORDED_SINCE}")
        }
        LastUse::Never => "never used".to_owned(),
        LastUse::On {
            day,
            service,
            region,
        } => {
            let place: Vec<&str> = [service, region]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
            if place.is_empty() {
                format!("{last_used} {day}")
            } else {
                format!("{last_used} {day} ({})", place.join(", "))
            }
        }
    }
}

fn no_details(why: &NoReport) -> String {
    match why {
        NoReport::Failed { call, code } => format!("iam:{call} failed ({code})"),
        NoReport::NotReady => "the credential report was not ready in time".to_owned(),
        NoReport::Unreadable(Unreadable::Garbled) => {
            "the credential report could not be read".to_owned()
        }
        NoReport::Unreadable(Unreadable::NoColumn(column)) => {
            format!("the credential report has no column {column}")
        }
        NoReport::Unreadable(Unreadable::NoRootRow) => {
            "the credential report has no row for the root user".to_owned()
        }
        NoReport::Unreadable(Unreadable::OtherAccount(other)) => {
            format!("the credential report is of account {other}")
        }
    }
}

/// At most 256 characters; a longer text ends after a whole word, with an
/// ellipsis.
fn cut(text: String) -> String {
    let Some((past, _)) = text.char_indices().nth(MOST_CHARACTERS) else {
        return text;
    };
    let (last, _) = text[..past].char_indices().next_back().unwrap_or_default();
    let kept = &text[..last];
    let end = kept.rfind(' ').unwrap_or(last);
    format!("{}…", kept[..end].trim_end_matches([',', ';', ':', '(']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn key(active: bool, service: &str, region: &str) -> KeySlot {
        KeySlot {
            active,
            created: Some(day("2015-04-22")),
            last_use: LastUse::On {
                day: day("2026-11-20"),
                service: Some(service.to_owned()),
                region: Some(region.to_owned()),
            },
        }
    }

    fn annotation(first: KeySlot, second: Option<KeySlot>) -> String {
        let generated_at = time("2026-11-21T10:00:00Z");
        let report = Ok(RootKeys {
            generated_at,
            slots: [Some(first), second],
        });
        non_compliant(&report, time("2026-11-21T12:00:00Z"))
    }

    /// The longest names AWS has: 20 characters for a service, 14 for a region.
    const SERVICE: &str = "elasticloadbalancing";
    const REGION: &str = "ap-southeast-2";

    #[test]
    fn the_longest_genuine_values_for_two_keys_fit_uncut() {
        for (active, words) in [(true, "active"), (false, "inactive")] {
            let two = annotation(
                key(active, SERVICE, REGION),
                Some(key(active, SERVICE, REGION)),
            );
            assert!(two.chars().count() <= MOST_CHARACTERS, "{two}");
            assert!(!two.contains('…'), "{two}");
            assert_eq!(two.matches(SERVICE).count(), 2);
            assert_eq!(two.matches(REGION).count(), 2);
            assert_eq!(two.matches("2015-04-22 (4231 d)").count(), 2);
            assert_eq!(two.matches(words).count(), 2);
            assert!(two.ends_with("report 2026-11-21 10:00Z"), "{two}");
        }
    }

    #[test]
    fn the_tightest_wording_is_255_characters_word_for_word() {
        let two = annotation(
            key(false, SERVICE, REGION),
            Some(key(false, SERVICE, REGION)),
        );
        assert_eq!(
            two,
            "Deactivated root keys still count: \
             #1 inactive, created 2015-04-22 (4231 d), used 2026-11-20 (elasticloadbalancing, ap-southeast-2); \
             #2 inactive, created 2015-04-22 (4231 d), used 2026-11-20 (elasticloadbalancing, ap-southeast-2); \
             report 2026-11-21 10:00Z"
        );
        assert_eq!(two.chars().count(), 255);
    }

    #[test]
    fn a_key_that_was_never_used_says_so_only_if_its_use_would_be_on_record() {
        let words = |created| {
            let key = KeySlot {
                active: true,
                created: Some(day(created)),
                last_use: LastUse::Never,
            };
            annotation(key, None)
        };
        assert!(words("2015-04-21").contains("no use since 2015-04-22"));
        assert!(words("2015-04-22").contains("never used"));
    }

    #[test]
    fn words_around_longer_values_are_shortened_first() {
        let one = annotation(key(true, &"s".repeat(130), REGION), None);
        assert!(
            one.starts_with("Root access keys: #1 active, created 2015-04-22"),
            "{one}"
        );
        assert!(one.ends_with("report 2026-11-21 10:00Z"), "{one}");
    }

    #[test]
    fn then_the_text_is_cut_at_a_word_with_an_ellipsis() {
        for length in 1..400 {
            let two = annotation(
                key(true, &"s".repeat(length), REGION),
                Some(key(false, SERVICE, REGION)),
            );
            let count = two.chars().count();
            assert!((1..=MOST_CHARACTERS).contains(&count), "{count}: {two}");
            if two.contains('…') {
                assert!(two.ends_with('…') && !two.ends_with(" …"), "{two}");
            } else {
                assert!(two.ends_with("report 2026-11-21 10:00Z") || two.ends_with("10:00 UTC."));
            }
        }
        let two = annotation(
            key(true, &"s".repeat(60), REGION),
            Some(key(false, SERVICE, REGION)),
        );
        assert!(
            two.ends_with("(elasticloadbalancing, ap-southeast-2)…"),
            "{two}"
        );
    }

    #[test]
    fn text_of_256_characters_stays_and_of_257_is_cut() {
        let words = |length: usize| "é ".repeat(200).chars().take(length).collect::<String>();
        assert_eq!(cut(words(256)), words(256));
        let longer = cut(words(257));
        assert!(
            longer.ends_with("é…") && longer.chars().count() <= 256,
            "{longer}"
        );
        assert_eq!(cut("x".repeat(300)), format!("{}…", "x".repeat(255)));
    }
}
