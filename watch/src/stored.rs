//! What the bucket has under a key, as plain data (pure).

use serde::{Deserialize, Serialize};

/// An object of the bucket as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "is")]
pub enum Stored {
    /// There is none.
    Absent,
    /// It was read.
    Found {
        /// Its content.
        text: String,
        /// Its version, as S3 names it, for a conditional write.
        etag: String,
    },
    /// It could not be read.
    Unreadable {
        /// Why, and what to do, in a sentence.
        why: String,
    },
}

impl Stored {
    /// Returns the content, if it was read.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Found { text, .. } => Some(text),
            Self::Absent | Self::Unreadable { .. } => None,
        }
    }
}
