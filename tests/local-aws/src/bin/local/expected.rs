//! The result of an evaluation, and the expected one.

use std::fmt;

use local_aws::{Evaluation, Outcome};

/// What AWS Config stores now, or why it stores nothing.
pub struct Evaluated {
    /// The compliance type, or the error type of the failed run.
    pub kind: String,
    /// The annotation, or the error message.
    pub text: String,
    /// Whether a result arrived at AWS Config and the run did not fail.
    pub is_reported: bool,
}

/// The expected result: its compliance type or error type, and words of its text. A run that is
/// expected to fail is also expected to report nothing.
pub struct Expected {
    kind: &'static str,
    words: Vec<String>,
}

impl Evaluated {
    /// `evaluations` are those that AWS Config accepted during this run. They count, not what the
    /// function returned.
    pub fn new(outcome: Outcome, evaluations: &[Evaluation]) -> Self {
        let failed = |kind: &str, text: String| Self {
            kind: kind.to_owned(),
            text,
            is_reported: false,
        };
        match (outcome, evaluations) {
            (Outcome::Response(_), [stored]) => Self {
                kind: stored.compliance_type.clone(),
                text: stored.annotation.clone().unwrap_or_default(),
                is_reported: true,
            },
            (Outcome::Response(_), _) => {
                let count = evaluations.len();
                let text = format!("the run succeeded with {count} results in AWS Config, not 1");
                failed("nothing", text)
            }
            (Outcome::Error(error), []) => failed(&error.error_type, error.error_message),
            (Outcome::Error(error), _) => {
                let (kind, message) = (error.error_type, error.error_message);
                let text = format!("a result was reported, but the run failed: {kind}: {message}");
                failed("reported", text)
            }
            (Outcome::Exited(code), _) => {
                let how = code.map_or("by a signal".to_owned(), |code| format!("with code {code}"));
                failed("exit", format!("the function's process ended {how}"))
            }
        }
    }
}

impl Expected {
    pub fn new(kind: &'static str, words: &[&str]) -> Self {
        let words = words.iter().map(ToString::to_string).collect();
        Self { kind, words }
    }

    pub fn is(&self, result: &Evaluated) -> bool {
        self.kind == result.kind && self.words.iter().all(|it| result.text.contains(it))
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, words } = self;
        write!(
            f,
            "{kind}, and a text that contains \"{}\"",
            words.join("\", \"")
        )
    }
}
