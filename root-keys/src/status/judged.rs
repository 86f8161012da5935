//! An account as the facts show it.

use serde::Serialize;

use crate::status::evaluation::{Deployment, Evaluation};
use crate::status::facts::{Instance, PackStatus};
use crate::status::problem::Problem;

/// One account of the organization, evaluated.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    pub account: String,
    pub name: String,
    pub state: String,
    pub management_account: bool,
    /// `StackSet`, `account`, both with a `+`, `none` or `not visible`; or the status of an operation.
    pub function: String,
    /// `pack`, `account`, both with a `+`, `none` or `not visible`; or the status of an operation.
    pub rule: String,
    pub compliance: Standing,
    pub evaluations: Vec<Evaluation>,
    pub stack_instance: Option<Instance>,
    pub organization_pack: Option<PackStatus>,
    /// What is missing or wrong, and what fixes it.
    pub problems: Vec<Problem>,
}

/// Whether the account's root user is known to have no access keys: in capitals
/// what AWS Config reported, in small letters why that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Standing {
    /// A rule's last result says so and is not stale, and no other's contradicts.
    #[serde(rename = "COMPLIANT")]
    Compliant,
    /// The last result of a rule says that it has.
    #[serde(rename = "NON_COMPLIANT")]
    NonCompliant,
    /// Every result is too old to count.
    #[serde(rename = "stale")]
    Stale,
    /// No rule has a result.
    #[serde(rename = "no result")]
    NoResult,
    /// The results could not be read.
    #[serde(rename = "not visible")]
    NotVisible,
    /// AWS runs nothing in the account: it is suspended or being closed.
    #[serde(rename = "not active")]
    NotActive,
}

impl Standing {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 6] = [
        Self::NonCompliant,
        Self::NotVisible,
        Self::NoResult,
        Self::Stale,
        Self::Compliant,
        Self::NotActive,
    ];

    /// As people read it, and as JSON has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Compliant => "COMPLIANT",
            Self::NonCompliant => "NON_COMPLIANT",
            Self::Stale => "stale",
            Self::NoResult => "no result",
            Self::NotVisible => "not visible",
            Self::NotActive => "not active",
        }
    }
}

impl Judged {
    /// A result proves that the rule of that deployment was there, and the
    /// function it invoked.
    pub fn has_result_of(&self, deployment: Deployment) -> bool {
        let mut evaluations = self.evaluations.iter();
        evaluations.any(|it| it.deployment == deployment)
    }

    /// Whether nothing is to be done for it.
    pub fn is_well(&self) -> bool {
        let settled = [Standing::Compliant, Standing::NotActive].contains(&self.compliance);
        settled && self.problems.is_empty()
    }
}
