//! The result of one account, and whether it is the expected one.

use std::time::Duration;

use local_aws::{Evaluation, Outcome};

use crate::fleet::{Expected, Member};

pub struct Row {
    pub account: String,
    pub what: &'static str,
    pub result: Evaluated,
    pub took: Option<Duration>,
    /// What it should have been, where it is something else.
    pub instead_of: Option<String>,
}

/// What Config holds now, or why it holds nothing.
pub enum Evaluated {
    Kept {
        compliance_type: String,
        annotation: String,
    },
    Failed {
        error_type: String,
        message: String,
    },
}

impl Row {
    /// `evaluations` are those that Config took of this run.
    pub fn new(
        member: &Member,
        outcome: Outcome,
        evaluations: &[Evaluation],
        took: Option<Duration>,
    ) -> Self {
        let result = Evaluated::new(outcome, evaluations);
        let good = evaluations.len() <= 1 && result.is(&member.expected);
        Self {
            account: member.account.id.clone(),
            what: member.what,
            result,
            took,
            instead_of: (!good).then(|| member.expected.to_string()),
        }
    }
}

impl Evaluated {
    /// What AWS Config holds counts, not what the function returns: a result must have arrived.
    pub fn new(outcome: Outcome, evaluations: &[Evaluation]) -> Self {
        let failed = |error_type: &str, message: String| Self::Failed {
            error_type: error_type.to_owned(),
            message,
        };
        match (outcome, evaluations) {
            (Outcome::Response(_), [.., kept]) => Self::Kept {
                compliance_type: kept.compliance_type.clone(),
                annotation: kept.annotation.clone().unwrap_or_default(),
            },
            (Outcome::Response(_), []) => failed(
                "nothing",
                "the run succeeded, and nothing was reported to AWS Config".to_owned(),
            ),
            (Outcome::Error(error), []) => failed(&error.error_type, error.error_message),
            (Outcome::Error(error), _) => {
                let message = format!(
                    "a result was reported, and the run failed: {}",
                    error.error_message
                );
                failed(&error.error_type, message)
            }
            (Outcome::Exited(code), _) => {
                let how = code.map_or("by a signal".to_owned(), |code| format!("with code {code}"));
                failed("exit", format!("the function's process ended {how}"))
            }
        }
    }

    fn is(&self, expected: &Expected) -> bool {
        let has = |text: &str, words: &[String]| words.iter().all(|words| text.contains(words));
        match (self, expected) {
            (
                Self::Kept {
                    compliance_type,
                    annotation,
                },
                Expected::Evaluation(wanted, words),
            ) => compliance_type == wanted && has(annotation, words),
            (
                Self::Failed {
                    error_type,
                    message,
                },
                Expected::Failure(wanted, words),
            ) => error_type == wanted && has(message, words),
            _ => false,
        }
    }
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, words) = match self {
            Self::Evaluation(kind, words) | Self::Failure(kind, words) => (kind, words),
        };
        write!(f, "{kind} with the words \"{}\"", words.join("\", \""))
    }
}
