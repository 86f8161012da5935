//! An evaluation that AWS Config has stored.

use chrono::{DateTime, Utc};

/// An evaluation that AWS Config accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The ConfigRule that the result token belongs to.
    pub rule: String,
    /// `AWS::::Account`
    pub resource_type: String,
    /// For `AWS::::Account` the 12 digits.
    pub resource_id: String,
    /// `COMPLIANT`, `NON_COMPLIANT` or `NOT_APPLICABLE`.
    pub compliance_type: String,
    /// 1–256 characters.
    pub annotation: Option<String>,
    /// As sent, to the millisecond.
    pub ordering_timestamp: DateTime<Utc>,
    pub(crate) invoked_at: DateTime<Utc>,
    pub(crate) recorded_at: DateTime<Utc>,
}
