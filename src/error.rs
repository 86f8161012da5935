//! Why a run can fail, by who must act, and the name each failure has in
//! Lambda's error type.
//!
//! A failed run reports nothing to AWS Config: "could not tell" is never a
//! verdict. Lambda retries it twice and then tells the on-failure destination;
//! returning an error *object* instead would count as success and leave the
//! last COMPLIANT in place for ever.

use std::error::Error;
use std::fmt;

use lambda_runtime::Diagnostic;

/// The longest text taken over from an AWS answer, in characters.
const LONGEST_FOREIGN_TEXT: usize = 400;

/// A failed run. The variant's name is the `errorType` that Lambda records;
/// the text says what was attempted, for which account, what AWS answered and
/// what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleError {
    /// The environment lacks what the Lambda runtime promises. Who deployed
    /// the function must act.
    InvalidEnvironment(String),
    /// The payload is not the scheduled event of an AWS Config custom rule.
    /// Who configured the trigger must act.
    InvalidEvent(String),
    /// The event speaks of another account than the function's own. Who
    /// deployed the rule must act.
    WrongAccount(String),
    /// The ConfigRule passes parameters; this rule takes none. Who configured
    /// the ConfigRule must act.
    InvalidRuleParameters(String),
    /// IAM did not give a whole answer. Who owns the function's role must act
    /// if IAM denied it; otherwise a retry usually helps.
    EvidenceUnavailable(String),
    /// AWS Config heard the evaluation and refused it. Who owns the ConfigRule
    /// or the function's role must act.
    EvaluationRejected(String),
    /// AWS Config may not have heard the evaluation. Lambda's retry repeats it
    /// identically.
    EvaluationNotDelivered(String),
    /// A defect of this rule. Its authors must act.
    InternalError(String),
}

impl RuleError {
    /// The `errorType` that Lambda records, stable across versions.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::InvalidEnvironment(_) => "InvalidEnvironment",
            Self::InvalidEvent(_) => "InvalidEvent",
            Self::WrongAccount(_) => "WrongAccount",
            Self::InvalidRuleParameters(_) => "InvalidRuleParameters",
            Self::EvidenceUnavailable(_) => "EvidenceUnavailable",
            Self::EvaluationRejected(_) => "EvaluationRejected",
            Self::EvaluationNotDelivered(_) => "EvaluationNotDelivered",
            Self::InternalError(_) => "InternalError",
        }
    }

    /// The whole cause in words.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::InvalidEnvironment(message)
            | Self::InvalidEvent(message)
            | Self::WrongAccount(message)
            | Self::InvalidRuleParameters(message)
            | Self::EvidenceUnavailable(message)
            | Self::EvaluationRejected(message)
            | Self::EvaluationNotDelivered(message)
            | Self::InternalError(message) => message,
        }
    }

    /// The same failure without any of `secrets`, which AWS's own message may
    /// have quoted.
    pub(crate) fn redacted(mut self, secrets: &[String]) -> Self {
        match &mut self {
            Self::InvalidEnvironment(message)
            | Self::InvalidEvent(message)
            | Self::WrongAccount(message)
            | Self::InvalidRuleParameters(message)
            | Self::EvidenceUnavailable(message)
            | Self::EvaluationRejected(message)
            | Self::EvaluationNotDelivered(message)
            | Self::InternalError(message) => {
                for secret in secrets {
                    *message = without_secret(message, secret);
                }
            }
        }
        self
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Error for RuleError {}

impl From<RuleError> for Diagnostic {
    fn from(error: RuleError) -> Self {
        Self {
            error_type: error.error_type().to_owned(),
            error_message: error.message().to_owned(),
        }
    }
}

/// `text` without `secret`, nor any piece of it that is long enough to matter:
/// AWS could quote it whole or shortened, and our own cut may have shortened it.
fn without_secret(text: &str, secret: &str) -> String {
    let mut rest = text;
    let mut clean = String::new();
    while let Some(next) = rest.chars().next() {
        let shared = shared_with(rest, secret);
        if shared > 0 {
            clean.push_str("[secret]");
            rest = &rest[shared..];
        } else {
            clean.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    clean
}

/// How many bytes at the start of `text` are a piece of `secret`; 0 if too few
/// to matter.
fn shared_with(text: &str, secret: &str) -> usize {
    const LONG_ENOUGH: usize = 16;
    let Some(start) = text.get(..LONG_ENOUGH) else {
        return 0;
    };
    let lengths = secret.match_indices(start).map(|(place, _)| {
        let pairs = text.bytes().zip(secret[place..].bytes());
        pairs.take_while(|(ours, theirs)| ours == theirs).count()
    });
    let longest = lengths.max().unwrap_or_default();
    // Never half a character.
    (0..=longest)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or_default()
}

/// Foreign text made fit for a log line: no control or invisible format
/// characters, at most [`LONGEST_FOREIGN_TEXT`] characters.
pub(crate) fn one_line(text: &str) -> String {
    let mut line: String = text
        .chars()
        .take(LONGEST_FOREIGN_TEXT)
        .map(|c| if is_printable(c) { c } else { ' ' })
        .collect();
    if text.chars().nth(LONGEST_FOREIGN_TEXT).is_some() {
        line.push('…');
    }
    line
}

/// Neither a control character nor one of the invisible characters that can
/// reorder or hide the text around them.
fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_becomes_one_printable_line() {
        assert_eq!(one_line("a\nb\u{202e}c\u{7f}é"), "a b c é");
    }

    #[test]
    fn foreign_text_is_cut_at_four_hundred_characters() {
        let cut = one_line(&"é".repeat(401));
        assert_eq!(cut.chars().count(), 401);
        assert!(cut.ends_with("é…"));
        assert_eq!(one_line(&"é".repeat(400)).chars().count(), 400);
    }

    #[test]
    fn a_quoted_secret_is_taken_out_whole_or_in_pieces() {
        let secret = "eyJlbmNyeXB0ZWREYXRhIjpbLTEyMSwxMjUs==";
        for quote in [secret, &secret[..16], &secret[4..], &secret[7..30]] {
            let text = without_secret(&format!("token '{quote}...' is bad"), secret);
            assert_eq!(text, "token '[secret]...' is bad");
        }
        assert_eq!(
            without_secret("nothing to hide, é", secret),
            "nothing to hide, é"
        );
    }

    #[test]
    fn lambda_hears_the_name_and_the_whole_cause() {
        let diagnostic = Diagnostic::from(RuleError::WrongAccount("why".to_owned()));
        assert_eq!(diagnostic.error_type, "WrongAccount");
        assert_eq!(diagnostic.error_message, "why");
    }
}
