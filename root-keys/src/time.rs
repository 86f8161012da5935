//! Times as this command writes them.

use std::fmt;

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};

/// A time in UTC, written to the second: `2026-11-25T13:00:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub DateTime<Utc>);

impl Time {
    /// Drops the fraction of a second, which is not written.
    #[must_use]
    pub fn to_the_second(self) -> Self {
        Self(self.0.trunc_subsecs(0))
    }

    /// Converts seconds since 1970-01-01T00:00:00Z; `None` if the calendar does not
    /// reach so far.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        DateTime::from_timestamp(seconds, 0).map(Self)
    }

    /// Says how long before `now` it was, in the unit that matters: `45 min ago`, `3 h
    /// ago`, `12 days ago`; or `in the future`, where a clock is wrong.
    #[must_use]
    pub fn ago(self, now: DateTime<Utc>) -> String {
        let age = now - self.0;
        match age.num_minutes() {
            ..0 => "in the future".to_owned(),
            minutes @ 0..60 => format!("{minutes} min ago"),
            _ if age.num_hours() < 48 => format!("{} h ago", age.num_hours()),
            _ => format!("{} days ago", age.num_days()),
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%dT%H:%M:%SZ"))
    }
}

impl Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = DateTime::parse_from_rfc3339(&text).map_err(serde::de::Error::custom)?;
        Ok(Self(time.with_timezone(&Utc)))
    }
}
