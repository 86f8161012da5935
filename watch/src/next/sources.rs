//! Which sources a report saw: what was not found in one that was not read may still be
//! there.

use root_keys::organization::facts::Facts;
use root_keys::status::account_status::{AccountCompliance, AccountStatus};
use root_keys::status::problem::Kind;

use crate::cause::Cause;

/// Which sources were read to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sources {
    /// The StackSet and the organization conformance pack.
    pub rollout: bool,
    /// The aggregator, and it collects from the whole organization.
    pub results: bool,
    /// The exemptions.
    pub exemptions: bool,
}

impl Sources {
    /// Says which of the facts could be read.
    #[must_use]
    pub fn of(facts: &Facts, exemptions: bool) -> Self {
        // A report from a region in which the rule is not says nothing about it.
        let here = facts.elsewhere.is_empty();
        let results = facts.results.as_ref();
        Self {
            rollout: here && facts.stack_set.is_ok() && facts.pack.is_ok(),
            results: here && results.is_ok_and(|it| it.organization.is_none()),
            exemptions,
        }
    }

    /// Whether every source that evaluates an account was read.
    #[must_use]
    pub fn all(self) -> bool {
        self.rollout && self.results
    }

    /// Whether a problem of that cause would have been found in the account. If it
    /// would not, it stays open.
    #[must_use]
    pub fn would_show(self, cause: &Cause, status: &AccountStatus) -> bool {
        let results = status.compliance != AccountCompliance::NotVisible;
        match cause {
            // Only a later result says that the keys are gone.
            Cause::Problem(Kind::RootAccessKeys) => matches!(
                status.compliance,
                AccountCompliance::Compliant | AccountCompliance::Stale
            ),
            // Every report says anew what could be seen, and which accounts are listed.
            Cause::NotVisible
            | Cause::Problem(Kind::ResultsNotRead | Kind::ResultsNotCollected | Kind::NotListed) => {
                true
            }
            Cause::Problem(Kind::StoppedReporting | Kind::RuleInOtherRegion) => {
                results && self.results
            }
            Cause::Problem(_) | Cause::Other(_) => results && self.all(),
        }
    }
}
