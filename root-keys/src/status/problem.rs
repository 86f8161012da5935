//! Something wrong with an account, and what fixes it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::status::remedy::Remedy;

/// Something wrong with one account.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// Problems of one kind have one cause and one remedy.
    pub kind: Kind,
    /// What is wrong, with AWS's reason if it gave one.
    pub what: String,
    /// The command or place that fixes it in this account.
    pub remedy: String,
    /// What distinguishes it from the same problem of other accounts.
    #[serde(skip)]
    pub detail: Option<String>,
    /// What fixes it, for one account or for many.
    #[serde(skip)]
    pub fix: Remedy,
}

/// The kinds of problems, the most urgent first.
///
/// [`Kind::title`] says what each means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each title is its description")]
pub enum Kind {
    RootAccessKeys,
    NotListed,
    ResultsNotRead,
    ResultsNotCollected,
    NoStackSet,
    RecorderMissing,
    StackFailed,
    StackInoperable,
    StackInProgress,
    NoStack,
    StackInOtherRegion,
    OutsideOrganizationalUnits,
    ManagementAccountWithoutRule,
    PackFailed,
    NoPack,
    ExcludedFromPack,
    PackPending,
    RuleInOtherRegion,
    StoppedReporting,
    NoResult,
    // Of a preflight:
    ConsolidatedBilling,
    TrustedAccessOff,
    StackSetsNotActivated,
    NotDelegatedAdministrator,
    StackSetInOtherRegion,
    NothingRecorded,
    NoFunction,
    NotActive,
}

impl Problem {
    /// Makes a problem of that kind in the account; `detail` is a part of a sentence.
    #[must_use]
    pub fn new(kind: Kind, account: &str, detail: Option<String>, fix: Remedy) -> Self {
        let title = kind.title();
        Self {
            kind,
            what: match &detail {
                Some(detail) => format!("{title}: {detail}"),
                None => title.to_owned(),
            },
            remedy: fix.text(&[account]),
            detail,
            fix,
        }
    }
}

impl fmt::Display for Kind {
    /// Writes the word of the JSON document: `root-access-keys`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl Kind {
    /// Whether the problem is that the account's results are not known: it could hide a
    /// finding, so no exemption covers it.
    #[must_use]
    pub fn hides_results(self) -> bool {
        matches!(self, Self::ResultsNotRead | Self::ResultsNotCollected)
    }

    /// Says what is wrong, without the account: capital first letter, no period.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::RootAccessKeys => "The root user has access keys",
            Self::NotListed => "AWS Organizations does not list the account",
            Self::ResultsNotRead => "The results of the rule could not be read",
            Self::ResultsNotCollected => "The aggregator does not collect the account's results",
            Self::NoStackSet => "No StackSet root-access-key-rule-org is administered from here",
            Self::RecorderMissing => "The account has no customer managed configuration recorder",
            Self::StackFailed => "The StackSet's stack is not current",
            Self::StackInoperable => "The StackSet's stack is INOPERABLE",
            Self::StackInProgress => "An operation on the StackSet's stack is in progress",
            Self::NoStack => "The StackSet has no stack in the account",
            Self::StackInOtherRegion => "The StackSet's stack is in another region",
            Self::OutsideOrganizationalUnits => "The account is in none of the StackSet's OUs",
            Self::ManagementAccountWithoutRule => {
                "No rule evaluates the management account, which StackSets never reach"
            }
            Self::PackFailed => "The organization conformance pack failed",
            Self::NoPack => "The account has the function but no organization conformance pack",
            Self::ExcludedFromPack => {
                "The organization conformance pack excludes the account, and no rule evaluates it"
            }
            Self::PackPending => "The organization conformance pack has not reached the account",
            Self::RuleInOtherRegion => "The rule reports from another region",
            Self::StoppedReporting => "The rule stopped reporting",
            Self::NoResult => "The rule has no result",
            Self::ConsolidatedBilling => "The organization has only consolidated billing",
            Self::TrustedAccessOff => "Trusted access for a service is off",
            Self::StackSetsNotActivated => {
                "CloudFormation does not allow StackSets to deploy to the organization"
            }
            Self::NotDelegatedAdministrator => {
                "This account is not registered as a delegated administrator"
            }
            Self::StackSetInOtherRegion => "The StackSet is already deployed from another region",
            Self::NothingRecorded => "AWS Config has recorded nothing (no recorder, or none yet)",
            Self::NoFunction => "The account has no function, so the pack would fail",
            Self::NotActive => "The account is not active, so the pack would fail",
        }
    }
}
