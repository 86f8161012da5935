//! The status of an account, as plain data.

use serde::Serialize;

use crate::exemptions::Exemption;
use crate::organization::facts::{Instance, PackStatus};
use crate::organization::prevention::Prevention;
use crate::status::account_exemption::{AccountExemption, ExemptionState};
use crate::status::evaluation::{Deployment, Evaluation};
use crate::status::problem::Problem;
use crate::time::Time;

/// The state of an account that AWS Organizations did not list.
pub(super) const NOT_LISTED: &str = "not listed";

/// What the facts mean for one account of the organization.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountStatus {
    /// 12 digits.
    pub account: String,
    /// The name in the organization; `?` if AWS Organizations does not list it.
    pub name: String,
    /// `ACTIVE`, `SUSPENDED` …, or `not listed`.
    pub state: String,
    /// The root and the organizational units that it is in, from the root down, by ID:
    /// `r-ab12/ou-ab12-11111111`; `None` if AWS Organizations returned no path, or does not
    /// list the account.
    pub organizational_unit_path: Option<String>,
    /// Whether it is the organization's management account.
    pub management_account: bool,
    /// `StackSet`, `account`, both with a `+`, `none` or `not visible`; or the status of an operation.
    pub function: String,
    /// `pack`, `account`, both with a `+`, `none` or `not visible`; or the status of an operation.
    pub rule: String,
    /// Whether the root user is known to have no access keys.
    pub compliance: AccountCompliance,
    /// The last result of each rule in the account.
    pub evaluations: Vec<Evaluation>,
    /// The StackSet's stack in the account.
    pub stack_instance: Option<Instance>,
    /// The organization conformance pack in the account.
    pub organization_pack: Option<PackStatus>,
    /// Whether a service control policy is known to prevent new root access keys.
    pub prevention: Prevention,
    /// What is missing or wrong, and what fixes it.
    pub problems: Vec<Problem>,
    /// The account's exemption, also if it has expired; `None` without one.
    pub exemption: Option<AccountExemption>,
    /// Whether somebody has to act: the account needs action that no exemption in force
    /// covers, or its results are not known.
    pub open: bool,
}

/// Whether the account's root user is known to have no access keys: in capitals
/// what AWS Config reported, in small letters why that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum AccountCompliance {
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

impl AccountCompliance {
    /// All values, the most urgent first.
    pub const ALL: [Self; 6] = [
        Self::NonCompliant,
        Self::NotVisible,
        Self::NoResult,
        Self::Stale,
        Self::Compliant,
        Self::NotActive,
    ];

    /// Returns the word for it in text and JSON.
    #[must_use]
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

impl AccountStatus {
    /// Notes the account's exemption, as it is on the day of `at`. It changes `open` and
    /// nothing else.
    pub(super) fn exempt(&mut self, exemption: &Exemption, at: Time) {
        self.exemption = Some(AccountExemption::new(exemption, at));
        self.open = self.is_open();
    }

    pub(super) fn is_open(&self) -> bool {
        if self.is_exempt() {
            let not_visible = self.compliance == AccountCompliance::NotVisible;
            not_visible || self.open_problems().next().is_some()
        } else {
            !self.needs_no_action()
        }
    }

    /// Whether an exemption is in force.
    #[must_use]
    pub fn is_exempt(&self) -> bool {
        let exemption = self.exemption.as_ref();
        exemption.is_some_and(|it| it.state != ExemptionState::Expired)
    }

    /// Returns the problems that no exemption in force covers.
    pub fn open_problems(&self) -> impl Iterator<Item = &Problem> {
        let exempt = self.is_exempt();
        let problems = self.problems.iter();
        problems.filter(move |it| !exempt || it.kind.hides_results())
    }

    /// Whether the rule of that deployment has a result: then it was there, and so was
    /// the function that it invoked.
    #[must_use]
    pub fn has_result_of(&self, deployment: Deployment) -> bool {
        let mut evaluations = self.evaluations.iter();
        evaluations.any(|it| it.deployment == deployment)
    }

    /// Whether nothing has to be done in the account.
    #[must_use]
    pub fn needs_no_action(&self) -> bool {
        let settled =
            [AccountCompliance::Compliant, AccountCompliance::NotActive].contains(&self.compliance);
        settled && self.problems.is_empty()
    }
}
