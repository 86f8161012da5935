//! What to do about one line of a plan, given what IAM has just said and what the
//! journal says.

use crate::root_session::apply::journal::KeyProgress;
use crate::root_session::plan::facts::Deletion;
use crate::root_session::root_key::RootKey;

/// What to do about one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The key is as the plan saw it: delete it.
    Delete,
    /// The key is not listed, though the journal knows of no attempt: somebody
    /// else deleted it.
    NotListed,
    /// The key is not listed, and the journal knows of an attempt whose outcome
    /// was not seen.
    Resolved,
    /// Something differs from the plan, in those words: leave the key alone.
    Skip(String),
}

/// Compares a line of the plan with the keys that IAM has just listed for its
/// account. `standing` says what the journal knows of earlier attempts.
#[must_use]
pub fn decide(line: &Deletion, listed: &[RootKey], standing: KeyProgress) -> Step {
    let planned = &line.key;
    let Some(key) = listed
        .iter()
        .find(|key| key.access_key_id == planned.access_key_id)
    else {
        return match standing {
            KeyProgress::AttemptUnresolved => Step::Resolved,
            KeyProgress::NotStarted | KeyProgress::Gone => Step::NotListed,
        };
    };
    let unknown = |key: &&RootKey| {
        key.access_key_id != planned.access_key_id && !line.other_keys.contains(&key.access_key_id)
    };
    let differs = if let Some(new) = listed.iter().find(unknown) {
        format!(
            "the root user has another key, {}, that is not in the plan",
            new.access_key_id
        )
    } else if key.status != planned.status {
        format!("its status is {}, not {}", key.status, planned.status)
    } else if key.created != planned.created {
        "its creation date differs".to_owned()
    } else if key.last_used != planned.last_used {
        match &key.last_used {
            Some(used) => format!("it was used on {} ({})", used.at, used.service),
            None => "its last use is no longer on record".to_owned(),
        }
    } else {
        return Step::Delete;
    };
    Step::Skip(format!("since the plan was made, {differs}"))
}

#[cfg(test)]
mod tests {
    use super::{Step, decide};
    use crate::root_session::apply::journal::KeyProgress;
    use crate::root_session::plan::facts::Deletion;
    use crate::root_session::plan::fixtures::{key, plan_of};
    use crate::root_session::root_key::RootKey;

    const DAY: i64 = 24 * 60 * 60;

    fn planned() -> RootKey {
        key("FIRST", 900 * DAY, Some(400 * DAY))
    }

    fn other() -> RootKey {
        key("SECOND", 900 * DAY, Some(DAY))
    }

    /// The line for the first of two keys.
    fn line() -> Deletion {
        plan_of(vec![planned(), other()]).delete.remove(0)
    }

    const ALL: [KeyProgress; 3] = [
        KeyProgress::NotStarted,
        KeyProgress::AttemptUnresolved,
        KeyProgress::Gone,
    ];

    #[test]
    fn a_key_that_is_as_the_plan_saw_it_is_deleted_whatever_became_of_the_other_one() {
        for standing in ALL {
            for listed in [
                vec![planned(), other()],
                vec![other(), planned()],
                vec![planned()],
                vec![planned(), key("SECOND", 900 * DAY, Some(0))],
            ] {
                assert_eq!(decide(&line(), &listed, standing), Step::Delete);
            }
        }
    }

    #[test]
    fn a_key_that_differs_from_the_plan_in_anything_is_left_alone() {
        let status = |status: &str| RootKey {
            status: status.to_owned(),
            ..planned()
        };
        let never_used = RootKey {
            last_used: None,
            ..planned()
        };
        let mut elsewhere = planned();
        if let Some(used) = &mut elsewhere.last_used {
            used.region = "eu-west-1".to_owned();
        }
        let unknown_age = RootKey {
            created: None,
            ..planned()
        };
        for (seen, words) in [
            (
                key("FIRST", 900 * DAY, Some(0)),
                "it was used on 2026-11-26T12:00:00Z (s3)",
            ),
            (key("FIRST", 900 * DAY, Some(500 * DAY)), "it was used on"),
            (elsewhere, "it was used on"),
            (never_used, "its last use is no longer on record"),
            (status("Inactive"), "its status is Inactive, not Active"),
            (status("Expired"), "its status is Expired, not Active"),
            (
                key("FIRST", 901 * DAY, Some(400 * DAY)),
                "its creation date differs",
            ),
            (unknown_age, "its creation date differs"),
        ] {
            for standing in ALL {
                let step = decide(&line(), std::slice::from_ref(&seen), standing);
                let Step::Skip(why) = step else {
                    panic!("{step:?}: {words}")
                };
                assert_eq!(
                    why.strip_prefix("since the plan was made, ")
                        .map(|why| why.starts_with(words)),
                    Some(true),
                    "{why}"
                );
            }
        }
    }

    #[test]
    fn a_key_that_the_plan_did_not_see_stops_the_deletion_of_the_one_it_did() {
        let new = key("THIRD", 0, None);
        let step = decide(&line(), &[planned(), new], KeyProgress::NotStarted);
        let words = "since the plan was made, the root user has another key, THIRD, that is not in the plan";
        assert_eq!(step, Step::Skip(words.to_owned()));
    }

    #[test]
    fn a_key_that_is_not_listed_is_ours_only_if_the_journal_knows_of_an_attempt() {
        for listed in [vec![], vec![other()], vec![key("THIRD", 0, None)]] {
            for (standing, step) in [
                (KeyProgress::NotStarted, Step::NotListed),
                (KeyProgress::AttemptUnresolved, Step::Resolved),
                (KeyProgress::Gone, Step::NotListed),
            ] {
                assert_eq!(decide(&line(), &listed, standing), step);
            }
        }
    }
}
