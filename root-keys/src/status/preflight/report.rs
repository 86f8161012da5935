//! The result of a preflight: the findings, what could not be checked, and the exit
//! code.

use serde::Serialize;

use crate::organization::facts::Source;
use crate::organization::rollout_facts::{RolloutFacts, RolloutMode};
use crate::status::preflight::delegations::{Delegation, NamedAccount, delegations};
use crate::status::preflight::findings::{self, Finding};
use crate::status::report::Head;
use crate::time::Time;

/// What no call from an administrator account can detect.
const NOT_DETECTABLE: &str = "a recorder that was stopped after it had recorded; a region that a \
    landing zone does not govern or a service control policy denies; quotas of the accounts";

/// The result of a preflight.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preflight {
    #[serde(flatten)]
    /// The first fields of the document.
    pub head: Head,
    /// What would make the rollout fail.
    pub findings: Vec<Finding>,
    /// What could not be read, and why.
    pub not_visible: Vec<String>,
    /// The accounts of which something could not be checked, and why.
    pub not_checked: Vec<Finding>,
    /// The accounts that AWS runs nothing in.
    pub not_active: Vec<NamedAccount>,
    /// Which accounts administer which service.
    pub delegations: Vec<Delegation>,
    /// What is not visible from an administrator account at all.
    pub out_of_sight: &'static str,
    sources: Vec<Source>,
    /// 0 nothing to fix, 3 something to fix, 1 no issue found, but not everything could
    /// be checked.
    pub exit_code: u8,
}

impl Preflight {
    /// Evaluates the facts.
    #[must_use]
    pub fn new(facts: &RolloutFacts) -> Self {
        let findings = findings::all(facts);
        let (not_visible, not_checked) = (not_visible(facts), findings::not_checked(facts));
        let exit_code = match (findings.len(), not_visible.len() + not_checked.len()) {
            (0, 0) => 0,
            (0, _) => 1,
            _ => 3,
        };
        let command = match facts.mode {
            RolloutMode::StackSet => "root-keys status --preflight=stack-set",
            RolloutMode::OrganizationPack => "root-keys status --preflight=organization-pack",
        };
        let inactive = facts.accounts.iter().filter(|it| !it.is_active());
        Self {
            head: Head::new(&facts.viewpoint, command, Time(facts.now)),
            findings,
            not_visible,
            not_checked,
            not_active: inactive.map(NamedAccount::of).collect(),
            delegations: delegations(facts),
            out_of_sight: NOT_DETECTABLE,
            sources: facts.sources.clone(),
            exit_code,
        }
    }

    /// Returns the document as JSON in one line.
    #[must_use]
    pub fn json(&self) -> String {
        // Text, numbers and lists under fixed names: there is nothing that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The calls that failed.
fn not_visible(facts: &RolloutFacts) -> Vec<String> {
    let administrators = facts.administrators.values();
    let mut why: Vec<&String> = [
        facts.trusted.as_ref().err(),
        facts.stack_sets_activated.as_ref().err(),
        facts.stack_set.as_ref().err(),
        facts.pack.as_ref().err(),
        facts.recorders.as_ref().err(),
        facts
            .recorders
            .as_ref()
            .ok()
            .and_then(|it| it.organization.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect();
    // The same call for each service: its failure is one failure.
    for failure in administrators.filter_map(|it| it.as_ref().err()) {
        if !why.contains(&failure) {
            why.push(failure);
        }
    }
    why.into_iter().cloned().collect()
}
