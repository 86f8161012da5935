//! `latest.json`: what the watch knows from its last report. The object in the bucket is
//! written last, so that whatever it names exists. Pure.

use serde::Deserialize;

mod check;
mod document;

pub use document::{
    ClosedProblem, Closure, Counts, DigestKind, Files, KnownExemption, Latest, MAX_BYTES,
    MAX_CLOSED, MAX_TREND, OpenAccount, OpenProblem, SCHEMA,
};

/// What the bucket has of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Previous {
    /// There is no `latest.json`: this is the first run.
    First,
    /// It was read.
    Known(Box<Latest>),
    /// It is there and could not be read: why, in a sentence.
    Unreadable(String),
}

impl Previous {
    /// Returns the last report, if there is one and it could be read.
    #[must_use]
    pub fn latest(&self) -> Option<&Latest> {
        match self {
            Self::Known(latest) => Some(latest),
            Self::First | Self::Unreadable(_) => None,
        }
    }
}

impl Latest {
    /// Reads the object; fields that this version does not know are ignored.
    ///
    /// # Errors
    /// When it is larger than [`MAX_BYTES`], is not of this form, or contradicts itself.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > MAX_BYTES {
            return Err(format!("it has more than {MAX_BYTES} bytes"));
        }
        let version: Version = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if version.schema != SCHEMA {
            let found = version.schema;
            return Err(format!(
                "its schema is {found}, and this version of the watch reads {SCHEMA}"
            ));
        }
        let latest: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        latest.check()?;
        Ok(latest)
    }

    /// Returns the object as JSON in one line.
    #[must_use]
    pub fn json(&self) -> String {
        // Text, numbers and lists under fixed names: there is nothing that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether another run of that day has nothing to add: everything was seen, and what was
    /// to be published was.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let nothing = matches!(self.digest, DigestKind::Nothing | DigestKind::SwitchedOff);
        self.not_visible.is_empty() && (self.published || nothing)
    }

    /// Returns what is to be recorded once the run has published the digest, or has not.
    ///
    /// What a digest named that was not published stays new for the next one.
    #[must_use]
    pub fn after_publishing(mut self, published: bool) -> Self {
        self.published = published;
        if !published {
            return self;
        }
        let accounts = self.open.values_mut();
        for problem in accounts.flat_map(|it| it.problems.values_mut()) {
            problem.announced = true;
        }
        self.closed.clear();
        self.closed_not_listed = 0;
        self.exemptions.retain(|_, it| it.in_force);
        self.last_digest = Some(self.day);
        if self.digest == DigestKind::AllCompliant {
            self.all_compliant = Some(self.day);
        }
        self
    }
}

/// The first thing to know about a document.
#[derive(Deserialize)]
struct Version {
    schema: u32,
}
