//! Problems of many accounts as issues: one for each kind, with one remedy.

use std::collections::BTreeMap;

use crate::status::problem::{Kind, Problem};
use crate::status::remedy::Remedy;

/// A kind of problem and the accounts that have it.
#[derive(Debug)]
pub struct Issue<'a> {
    /// What all of them have in common.
    pub kind: Kind,
    /// In the order of the accounts' IDs.
    pub affected: Vec<Affected<'a>>,
}

/// A problem of an account.
#[derive(Debug, Clone, Copy)]
pub struct Affected<'a> {
    /// 12 digits.
    pub account: &'a str,
    /// The name in the organization.
    pub name: &'a str,
    /// What is wrong with it.
    pub problem: &'a Problem,
}

/// Groups problems into issues, the most urgent first.
pub fn group<'a>(affected: impl IntoIterator<Item = Affected<'a>>) -> Vec<Issue<'a>> {
    let mut kinds: BTreeMap<Kind, Vec<Affected<'a>>> = BTreeMap::new();
    for it in affected {
        kinds.entry(it.problem.kind).or_default().push(it);
    }
    let issue = |(kind, affected)| Issue { kind, affected };
    kinds.into_iter().map(issue).collect()
}

impl Issue<'_> {
    /// Counts the accounts that have it.
    #[must_use]
    pub fn accounts(&self) -> usize {
        ids(&self.affected).len()
    }

    /// Returns the detail of all accounts, if it is the same.
    #[must_use]
    pub fn shared_detail(&self) -> Option<&str> {
        let mut details = self.affected.iter().map(|it| it.problem.detail.as_deref());
        let first = details.next()??;
        details.all(|it| it == Some(first)).then_some(first)
    }

    /// Says what fixes it in the first `most` of the accounts.
    #[must_use]
    pub fn remedy(&self, most: usize) -> String {
        let affected = &self.affected[..most.min(self.affected.len())];
        let remedies: Vec<&Remedy> = affected.iter().map(|it| &it.problem.fix).collect();
        Remedy::of_all(&remedies, &ids(affected))
    }
}

fn ids<'a>(affected: &[Affected<'a>]) -> Vec<&'a str> {
    let mut ids: Vec<&str> = affected.iter().map(|it| it.account).collect();
    ids.dedup(); // sorted by account
    ids
}
