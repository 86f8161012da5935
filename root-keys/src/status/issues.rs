//! Problems of many accounts as issues: one for each kind, with one remedy.

use std::collections::BTreeMap;

use crate::status::problem::{Kind, Problem};
use crate::status::remedy::Remedy;

/// A kind of problem and the accounts that have it.
#[derive(Debug)]
pub struct Issue<'a> {
    pub kind: Kind,
    /// In the order of the accounts' ids.
    pub affected: Vec<Affected<'a>>,
}

/// A problem of an account.
#[derive(Debug, Clone, Copy)]
pub struct Affected<'a> {
    /// 12 digits.
    pub account: &'a str,
    pub name: &'a str,
    pub problem: &'a Problem,
}

/// The issues, the most urgent first.
pub fn group<'a>(affected: impl IntoIterator<Item = Affected<'a>>) -> Vec<Issue<'a>> {
    let mut kinds: BTreeMap<Kind, Vec<Affected<'a>>> = BTreeMap::new();
    for it in affected {
        kinds.entry(it.problem.kind).or_default().push(it);
    }
    let issue = |(kind, affected)| Issue { kind, affected };
    kinds.into_iter().map(issue).collect()
}

impl Issue<'_> {
    /// How many accounts have it.
    pub fn accounts(&self) -> usize {
        ids(&self.affected).len()
    }

    /// The detail of all, if they have the same one.
    pub fn shared_detail(&self) -> Option<&str> {
        let mut details = self.affected.iter().map(|it| it.problem.detail.as_deref());
        let first = details.next()??;
        details.all(|it| it == Some(first)).then_some(first)
    }

    /// What fixes it in the first `most` of the accounts.
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
