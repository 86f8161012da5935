//! Writes the annotation for the dashboard, at most 256 characters.
//!
//! It contains only fields that could be read: days, numbers, and names of
//! services and regions in `[A-Za-z0-9.-]`. AWS Config rejects an empty
//! annotation and one of more than 256 characters, and the rule would then have no
//! result. Half of this file is tests, because single characters decide whether the
//! words fit.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, Utc};

use crate::rule::credential_report::{
    KeySlot, LastUse, NoReport, RootKeys, USE_RECORDED_SINCE, Unreadable,
};
use crate::rule::verdict::AccountSummary;

/// The most characters that AWS Config accepts
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_Evaluation.html>).
pub const MAX_CHARACTERS: usize = 256;

/// Returns the annotation of an account whose root user has no access key.
#[must_use]
pub fn compliant(summary: &AccountSummary) -> String {
    if summary.no_password {
        "The root user has no access keys and no password."
    } else {
        "The root user has no access keys."
    }
    .to_owned()
}

/// Returns the annotation of an account whose root user has access keys, with the
/// details in the credential report and the ages on the day of `triggered_at`.
///
/// # Examples
/// ```
/// use root_access_key_rule::rule::annotation::non_compliant;
/// use root_access_key_rule::rule::credential_report::{KeySlot, LastUse, RootKeys};
///
/// let key = KeySlot {
///     active: true,
///     last_rotated: "2019-03-04".parse().ok(),
///     last_use: LastUse::NoneOnRecord,
/// };
/// let report = RootKeys {
///     generated_at: "2026-03-01T05:00:00Z".parse().unwrap(),
///     slots: [Some(key), None],
/// };
/// let triggered_at = "2026-03-01T06:00:00Z".parse().unwrap();
/// assert_eq!(
///     non_compliant(&Ok(report), triggered_at),
///     "The root user has access keys. Key 1: active, created or last changed 2019-03-04 \
///      (2554 days ago), no use on record since 2015-04-22. Credential report of \
///      2026-03-01 05:00 UTC."
/// );
/// ```
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

/// Describes the keys that the report shows, in the most detailed words that fit, or
/// otherwise in the fewest.
fn shown(keys: &RootKeys, today: NaiveDate) -> String {
    let mut text = in_full(keys, today);
    for omit in [Omit::Nothing, Omit::Ages, Omit::AgesAndRegions] {
        if text.chars().count() <= MAX_CHARACTERS {
            break;
        }
        text = in_brief(keys, today, omit);
    }
    text
}

fn in_full(keys: &RootKeys, today: NaiveDate) -> String {
    let mut text = "The root user has access keys.".to_owned();
    for (number, key) in numbered(keys) {
        let changed = last_change(key, |day| {
            match today.signed_duration_since(day).num_days() {
                0 => " (today)".to_owned(),
                1 => " (1 day ago)".to_owned(),
                days @ 2.. => format!(" ({days} days ago)"),
                _ => String::new(),
            }
        });
        let used = match &key.last_use {
            LastUse::On {
                day,
                service,
                region,
            } => format!("last used {day}{}", place([service, region], ", ")),
            other => no_use(other),
        };
        let activity = activity(key);
        let _ = write!(text, " Key {number}: {activity}, {changed}, {used}.");
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

/// What the brief form leaves out so that two keys fit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Omit {
    Nothing,
    Ages,
    AgesAndRegions,
}

/// Writes the same facts in fewer words. The longest real values of two keys fit:
/// without the ages up to a service of 20 characters and a region of 15, without
/// the regions up to a service of 36.
fn in_brief(keys: &RootKeys, today: NaiveDate, omit: Omit) -> String {
    let mut text = if none_active(keys) {
        "Delete inactive keys:"
    } else {
        "Root access keys:"
    }
    .to_owned();
    for (number, key) in numbered(keys) {
        let changed = last_change(key, |day| {
            match today.signed_duration_since(day).num_days() {
                days @ 0.. if omit == Omit::Nothing => format!(" ({days} d)"),
                _ => String::new(),
            }
        });
        let used = match &key.last_use {
            LastUse::On {
                day,
                service,
                region,
            } => {
                let region = region.clone().filter(|_| omit != Omit::AgesAndRegions);
                format!("used {day}{}", place([service, &region], " "))
            }
            other => no_use(other),
        };
        let name = match omit {
            Omit::Nothing => format!("Key {number}:"),
            Omit::Ages | Omit::AgesAndRegions => format!("#{number}"),
        };
        let activity = activity(key);
        let _ = write!(text, " {name} {activity}, {changed}, {used};");
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

/// Describes the key's date, which the report has for creation, rotation and changes of
/// status alike.
fn last_change(key: &KeySlot, age: impl Fn(NaiveDate) -> String) -> String {
    match key.last_rotated {
        Some(day) => format!("created or last changed {day}{}", age(day)),
        None => "creation or last change unknown".to_owned(),
    }
}

/// Describes a key without a use on record. It never says "never used": the key can be
/// older than the record of uses, whatever its `last_rotated`, and the report does not
/// have the latest uses.
fn no_use(last_use: &LastUse) -> String {
    match last_use {
        LastUse::NoneOnRecord => format!("no use on record since {USE_RECORDED_SINCE}"),
        _ => "last use unknown".to_owned(),
    }
}

/// Returns service and region in parentheses, or nothing if neither is known.
fn place(names: [&Option<String>; 2], separator: &str) -> String {
    let known: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
    if known.is_empty() {
        String::new()
    } else {
        format!(" ({})", known.join(separator))
    }
}

fn no_details(why: &NoReport) -> String {
    match why {
        NoReport::Failed { call, code } => format!("iam:{call} failed ({code})"),
        NoReport::NoTime => "no time was left for the credential report".to_owned(),
        NoReport::CutOff { call } => {
            format!("iam:{call} did not respond in the time left for it")
        }
        NoReport::NotReady => "the credential report was not ready in time".to_owned(),
        NoReport::Unreadable(Unreadable::Malformed) => {
            "the credential report could not be read".to_owned()
        }
        NoReport::Unreadable(Unreadable::NoColumn(column)) => {
            format!("the credential report has no column {column}")
        }
        NoReport::Unreadable(Unreadable::NoRootRow) => {
            "the credential report has no row for the root user".to_owned()
        }
        NoReport::Unreadable(Unreadable::OtherAccount(other)) => {
            format!("the credential report is for account {other}")
        }
    }
}

/// Shortens a text to at most 256 characters, after a complete word and with an
/// ellipsis.
fn cut(text: String) -> String {
    let Some((past, _)) = text.char_indices().nth(MAX_CHARACTERS) else {
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
            last_rotated: Some(day("2015-04-22")),
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

    fn two_keys(active: bool, service: &str, region: &str) -> String {
        let two = annotation(
            key(active, service, region),
            Some(key(active, service, region)),
        );
        let words = if active { " active" } else { " inactive" };
        assert!(two.chars().count() <= MAX_CHARACTERS, "{two}");
        assert_eq!(two.matches(&format!("{words}, ")).count(), 2, "{two}");
        let date = "created or last changed 2015-04-22";
        assert_eq!(two.matches(date).count(), 2, "{two}");
        assert_eq!(
            two.matches(&format!("used 2026-11-20 ({service}")).count(),
            2
        );
        assert!(two.ends_with("; report 2026-11-21 10:00Z"), "{two}");
        two
    }

    #[test]
    fn the_age_of_a_key_is_in_days_and_a_future_day_has_none() {
        for (changed, words) in [
            ("2026-11-21", "2026-11-21 (today), "),
            ("2026-11-20", "2026-11-20 (1 day ago), "),
            ("2026-11-19", "2026-11-19 (2 days ago), "),
            ("2026-11-22", "2026-11-22, "),
        ] {
            let changed = Some(day(changed));
            let key = key(true, "s3", "us-east-1");
            let text = annotation(
                KeySlot {
                    last_rotated: changed,
                    ..key
                },
                None,
            );
            let expected = format!("created or last changed {words}");
            assert!(text.contains(&expected), "{text}");
        }
    }

    /// The longest region that AWS has: 15 characters.
    const REGION: &str = "us-isof-south-1";

    #[test]
    fn two_keys_with_typical_values_keep_their_ages_and_regions() {
        assert_eq!(
            two_keys(true, "s3", "us-east-1"),
            "Root access keys: \
             Key 1: active, created or last changed 2015-04-22 (4231 d), used 2026-11-20 (s3 us-east-1); \
             Key 2: active, created or last changed 2015-04-22 (4231 d), used 2026-11-20 (s3 us-east-1); \
             report 2026-11-21 10:00Z"
        );
    }

    #[test]
    fn a_service_of_20_characters_in_the_longest_region_fits_exactly() {
        let two = two_keys(false, "elasticloadbalancing", REGION);
        assert_eq!(
            two,
            "Delete inactive keys: \
             #1 inactive, created or last changed 2015-04-22, used 2026-11-20 (elasticloadbalancing us-isof-south-1); \
             #2 inactive, created or last changed 2015-04-22, used 2026-11-20 (elasticloadbalancing us-isof-south-1); \
             report 2026-11-21 10:00Z"
        );
        assert_eq!(two.chars().count(), MAX_CHARACTERS);
    }

    #[test]
    fn the_longest_service_leaves_the_regions_out_and_nothing_else() {
        // 35 characters; https://docs.aws.amazon.com/service-authorization/latest/reference/
        let service = "license-manager-linux-subscriptions";
        for active in [true, false] {
            assert!(!two_keys(active, service, REGION).contains(REGION));
        }
    }

    #[test]
    fn no_key_is_called_unused_whatever_its_date() {
        for last_rotated in ["2009-01-01", "2015-04-22", "2026-11-21"] {
            let key = KeySlot {
                active: true,
                last_rotated: Some(day(last_rotated)),
                last_use: LastUse::NoneOnRecord,
            };
            for text in [
                annotation(key.clone(), None),
                annotation(key.clone(), Some(key)),
            ] {
                assert!(text.contains("no use on record since 2015-04-22"), "{text}");
            }
        }
    }

    #[test]
    fn a_longer_annotation_is_cut_after_a_word_with_an_ellipsis() {
        for length in 1..400 {
            let two = annotation(
                key(true, &"s".repeat(length), REGION),
                Some(key(false, "s3", REGION)),
            );
            let count = two.chars().count();
            assert!((1..=MAX_CHARACTERS).contains(&count), "{count}: {two}");
            if two.contains('…') {
                assert!(two.ends_with('…') && !two.ends_with(" …"), "{two}");
            } else {
                assert!(two.ends_with("report 2026-11-21 10:00Z"), "{two}");
            }
        }
        let two = annotation(
            key(true, &"s".repeat(80), REGION),
            Some(key(false, "elasticloadbalancing", REGION)),
        );
        assert!(two.ends_with("(elasticloadbalancing)…"), "{two}");
    }

    #[test]
    fn a_text_of_257_characters_is_cut_and_one_of_256_is_not() {
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
