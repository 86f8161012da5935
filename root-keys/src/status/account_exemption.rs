//! An exemption as it stands with its account.

use std::fmt;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use crate::exemptions::{Exemption, grounds};
use crate::time::Time;

/// From how many days before its last day on an exemption is reported to end.
pub const ENDS_SOON: i64 = 14;

/// An account's exemption on the day of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountExemption {
    /// Who answers for it.
    pub owner: String,
    /// Why it is needed.
    pub reason: String,
    /// Where it was approved.
    pub ticket: Option<String>,
    /// The last day, in UTC: `2027-01-31`.
    #[serde(serialize_with = "day")]
    pub expires: NaiveDate,
    /// From the day of the report to the last day; negative once it has expired.
    pub days_left: i64,
    /// Whether it is in force.
    pub state: ExemptionState,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn day<S: Serializer>(day: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

/// Whether an exemption is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExemptionState {
    /// It is not: the account is open again if it needs action.
    Expired,
    /// It is, and ends within [`ENDS_SOON`] days.
    EndsSoon,
    /// It is.
    InForce,
}

impl fmt::Display for ExemptionState {
    /// Writes the word of the JSON document: `in-force`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl AccountExemption {
    /// Describes the exemption on the day of `at`.
    #[must_use]
    pub fn new(exemption: &Exemption, at: Time) -> Self {
        let days_left = exemption.days_left(at);
        Self {
            owner: exemption.owner.clone(),
            reason: exemption.reason.clone(),
            ticket: exemption.ticket.clone(),
            expires: exemption.expires,
            days_left,
            state: match days_left {
                ..0 => ExemptionState::Expired,
                0..=ENDS_SOON => ExemptionState::EndsSoon,
                _ => ExemptionState::InForce,
            },
        }
    }

    /// Says until when it is in force, or since when no longer.
    #[must_use]
    pub fn term(&self) -> String {
        let Self { expires, .. } = self;
        match (self.state, self.days_left) {
            (ExemptionState::Expired, _) => format!("expired on {expires}"),
            (ExemptionState::InForce, _) => format!("until {expires}"),
            (ExemptionState::EndsSoon, 0) => format!("ends today, {expires}"),
            (ExemptionState::EndsSoon, 1) => format!("ends tomorrow, {expires}"),
            (ExemptionState::EndsSoon, days) => format!("ends in {days} days, {expires}"),
        }
    }

    /// Says who answers for it and why: `payments team: SES relay, SEC-12`.
    #[must_use]
    pub fn grounds(&self) -> String {
        grounds(&self.owner, &self.reason, self.ticket.as_deref())
    }
}
