//! Why an account is open, as `latest.json` names it.

use std::fmt;

use root_keys::status::problem::Kind;
use serde::de::IntoDeserializer;
use serde::de::value::Error as NotAKind;
use serde::{Deserialize, Serialize};

/// The word of [`Cause::NotVisible`].
const NOT_VISIBLE: &str = "not-visible";

/// Why an account is open, the most urgent first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Cause {
    /// A problem that a report can have.
    Problem(Kind),
    /// A kind of problem that another version of the watch wrote.
    Other(String),
    /// Nothing is known to be wrong, but the account's results could not be read.
    NotVisible,
}

impl Cause {
    /// Says what is wrong, without the account: capital first letter, no period.
    #[must_use]
    pub fn title(&self) -> &str {
        match self {
            Self::Problem(kind) => kind.title(),
            Self::Other(word) => word,
            Self::NotVisible => "The results of the account are not visible",
        }
    }

    /// Whether the cause is that the account's results are not known: it could hide a finding,
    /// so no exemption covers it.
    #[must_use]
    pub fn hides_results(&self) -> bool {
        match self {
            Self::NotVisible => true,
            Self::Problem(kind) => kind.hides_results(),
            Self::Other(_) => false,
        }
    }
}

impl From<String> for Cause {
    fn from(word: String) -> Self {
        if word == NOT_VISIBLE {
            return Self::NotVisible;
        }
        let kind: Result<Kind, NotAKind> = Kind::deserialize(word.as_str().into_deserializer());
        kind.map_or_else(|_| Self::Other(word), Self::Problem)
    }
}

impl From<Cause> for String {
    fn from(cause: Cause) -> Self {
        cause.to_string()
    }
}

impl fmt::Display for Cause {
    /// Writes the word: `root-access-keys`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem(kind) => kind.serialize(f),
            Self::Other(word) => f.write_str(word),
            Self::NotVisible => f.write_str(NOT_VISIBLE),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_cause_is_one_word_also_one_of_another_version() {
        let text =
            r#"{"root-access-keys":1,"stopped-reporting":2,"a-later-kind":3,"not-visible":4}"#;
        let causes: BTreeMap<Cause, u8> = serde_json::from_str(text).unwrap();
        let known: Vec<_> = causes.keys().cloned().collect();
        assert_eq!(
            known,
            [
                Cause::Problem(Kind::RootAccessKeys),
                Cause::Problem(Kind::StoppedReporting),
                Cause::Other("a-later-kind".to_owned()),
                Cause::NotVisible,
            ]
        );
        assert_eq!(serde_json::to_string(&causes).unwrap(), text);
    }
}
