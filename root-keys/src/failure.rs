//! Why an operation failed, in words for the person who has to act on it.

use std::error::Error;
use std::fmt;

/// One or more sentences: what was attempted, for which account, what AWS
/// responded, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(String);

impl Failure {
    /// Makes a failure from its text: lower case at the start, no period at the end.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Failure {}
