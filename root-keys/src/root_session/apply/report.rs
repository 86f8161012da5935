//! What became of the lines of a plan in one application.

use std::fmt::Write;

use root_access_key_rule::redaction::printable;

use crate::root_session::apply::journal::Outcome;
use crate::root_session::plan::facts::Deletion;

/// What became of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineResult {
    /// The journal says that the key is gone.
    AlreadyGone,
    /// The dry run found the key as the plan saw it.
    WouldDelete,
    /// It was dealt with.
    Done {
        /// How it ended.
        outcome: Outcome,
        /// Whether a list of the keys was read that lacks the key.
        key_is_gone: bool,
        /// A sentence for people.
        reason: String,
    },
    /// The application ended before it.
    NotStarted,
}

/// Why the application ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// It came to the end of the plan.
    Completely,
    /// So many lines had failed.
    TooManyFailures(usize),
    /// Ctrl-C was pressed.
    Interrupted,
    /// The plan expired meanwhile; the text says when.
    Expired(String),
}

/// All lines of a plan.
#[derive(Debug)]
pub struct Report {
    /// In the order of the plan.
    pub results: Vec<LineResult>,
    /// Why it ended.
    pub ended: StopReason,
}

/// What a shell reports of a command that Ctrl-C ended: 128 plus SIGINT.
const INTERRUPTED: u8 = 130;

impl LineResult {
    /// Whether this line failed, as opposed to one that was left alone on purpose.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        let Self::Done { outcome, .. } = self else {
            return false;
        };
        matches!(
            outcome,
            Outcome::NotDeleted | Outcome::Unknown | Outcome::NotReadable
        )
    }

    /// Whether nothing is left to do about this line.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        match self {
            Self::AlreadyGone | Self::WouldDelete => true,
            Self::Done { key_is_gone, .. } => *key_is_gone,
            Self::NotStarted => false,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::AlreadyGone => "already gone",
            Self::WouldDelete => "would delete",
            Self::NotStarted => "not started",
            Self::Done { outcome, .. } => outcome.word(),
        }
    }
}

impl Report {
    /// 0 every key is gone, or a dry run found each as the plan saw it; 3 some are left;
    /// 130 interrupted.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if self.ended == StopReason::Interrupted {
            INTERRUPTED
        } else if self.results.iter().all(LineResult::is_settled) {
            0
        } else {
            3
        }
    }

    /// Counts the lines by what became of them, and says why the application ended.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut words: Vec<&str> = Vec::new();
        for result in &self.results {
            if !words.contains(&result.word()) {
                words.push(result.word());
            }
        }
        let count = |word| self.results.iter().filter(|it| it.word() == word).count();
        let counts: Vec<_> = words
            .into_iter()
            .map(|word| format!("{} {word}", count(word)))
            .collect();
        let mut text = if counts.is_empty() {
            "the plan deletes no key".to_owned()
        } else {
            counts.join(", ")
        };
        // Writing to a string cannot fail.
        let _ = match &self.ended {
            StopReason::Completely => Ok(()),
            StopReason::TooManyFailures(number) => {
                write!(text, "; stopped after {number} failures")
            }
            StopReason::Interrupted => write!(text, "; stopped by Ctrl-C"),
            StopReason::Expired(why) => write!(text, "; stopped: {why}"),
        };
        text
    }
}

/// One line for people: what became of which key.
#[must_use]
pub fn line(deletion: &Deletion, result: &LineResult) -> String {
    let (account, id) = (&deletion.account, &deletion.key.access_key_id);
    let head = format!(
        "{:12}  {account}  {id}  {}",
        result.word(),
        deletion.account_name
    );
    printable(&match result {
        LineResult::Done { reason, .. } => format!("{head}: {reason}"),
        LineResult::AlreadyGone | LineResult::WouldDelete | LineResult::NotStarted => head,
    })
}

#[cfg(test)]
mod tests {
    use super::{LineResult, Report, StopReason, line};
    use crate::root_session::apply::journal::Outcome;
    use crate::root_session::plan::fixtures::{DAY, key, plan_of};

    fn done(outcome: Outcome, key_is_gone: bool) -> LineResult {
        LineResult::Done {
            outcome,
            key_is_gone,
            reason: "why\nnot".to_owned(),
        }
    }

    fn report(results: Vec<LineResult>, ended: StopReason) -> Report {
        Report { results, ended }
    }

    #[test]
    fn the_exit_code_is_0_only_if_every_key_is_seen_to_be_gone() {
        use Outcome::{Deleted, Gone, NotDeleted, NotListed, NotReadable, Skipped, Unknown};
        for (result, code) in [
            (LineResult::AlreadyGone, 0),
            (LineResult::WouldDelete, 0),
            (done(Deleted, true), 0),
            (done(Gone, true), 0),
            (done(NotListed, true), 0),
            (done(Deleted, false), 3),
            (done(Unknown, false), 3),
            (done(NotDeleted, false), 3),
            (done(Skipped, false), 3),
            (done(NotReadable, false), 3),
            (LineResult::NotStarted, 3),
        ] {
            let settled = LineResult::AlreadyGone;
            let both = vec![settled, result.clone()];
            let code_of = |ended| report(both.clone(), ended).exit_code();
            assert_eq!(code_of(StopReason::Completely), code, "{result:?}");
            assert_eq!(code_of(StopReason::TooManyFailures(3)), code);
            assert_eq!(code_of(StopReason::Interrupted), 130);
        }
        assert_eq!(report(Vec::new(), StopReason::Completely).exit_code(), 0);
    }

    #[test]
    fn a_line_that_was_left_alone_on_purpose_is_no_failure() {
        use Outcome::{Deleted, Gone, NotDeleted, NotListed, NotReadable, Skipped, Unknown};
        for outcome in [NotDeleted, Unknown, NotReadable] {
            assert!(done(outcome, false).is_failure(), "{outcome:?}");
        }
        for outcome in [Deleted, Gone, NotListed, Skipped] {
            assert!(!done(outcome, false).is_failure(), "{outcome:?}");
        }
        for result in [
            LineResult::AlreadyGone,
            LineResult::WouldDelete,
            LineResult::NotStarted,
        ] {
            assert!(!result.is_failure(), "{result:?}");
        }
    }

    #[test]
    fn the_summary_counts_every_line_and_says_why_it_ended() {
        let results = vec![
            done(Outcome::Deleted, true),
            done(Outcome::Skipped, false),
            done(Outcome::Deleted, true),
            LineResult::NotStarted,
        ];
        let summary = |ended| report(results.clone(), ended).summary();
        let counts = "2 deleted, 1 skipped, 1 not started";
        assert_eq!(summary(StopReason::Completely), counts);
        assert_eq!(
            summary(StopReason::TooManyFailures(3)),
            format!("{counts}; stopped after 3 failures")
        );
        assert_eq!(
            summary(StopReason::Interrupted),
            format!("{counts}; stopped by Ctrl-C")
        );
        assert_eq!(
            summary(StopReason::Expired("it expired".to_owned())),
            format!("{counts}; stopped: it expired")
        );
        let nothing = report(Vec::new(), StopReason::Completely).summary();
        assert_eq!(nothing, "the plan deletes no key");
    }

    #[test]
    fn a_line_names_fate_account_key_and_reason_on_one_line() {
        let plan = plan_of(vec![key("FIRST", 900 * DAY, None)]);
        let of = |result: LineResult| line(&plan.delete[0], &result);
        assert_eq!(
            of(done(Outcome::Skipped, false)),
            "skipped       111122223333  FIRST  payments: why not"
        );
        assert_eq!(
            of(LineResult::WouldDelete),
            "would delete  111122223333  FIRST  payments"
        );
    }
}
