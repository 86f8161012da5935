//! The result of `status`: what was evaluated, and one document of it as evidence.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::status::facts::{Facts, Source, Viewpoint};
use crate::status::issues::{self, Affected, Issue};
use crate::status::judged::{Judged, Standing};
use crate::time::Time;

/// Raised when a field changes its meaning or goes; new fields may come.
pub const SCHEMA: u32 = 2;

/// What was requested, where, and everything that came of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    #[serde(flatten)]
    pub head: Head,
    /// The aggregator that was read.
    pub aggregator: Option<String>,
    /// What could not be read, and why.
    pub not_visible: Vec<String>,
    /// How many accounts there are of each compliance.
    pub summary: BTreeMap<&'static str, usize>,
    pub accounts: Vec<Judged>,
    /// What was read to its end, and when.
    pub sources: Vec<Source>,
    pub exit_code: u8,
    /// The regions that the rule is in, if nothing of it is in this one.
    #[serde(skip)]
    pub other_regions: Vec<String>,
}

/// The first fields of every document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    schema: u32,
    command: String,
    version: &'static str,
    pub at: Time,
    pub by: String,
    pub organization: String,
    management_account: String,
    pub region: String,
}

impl Head {
    /// The head of the result of this command, at that time.
    pub fn new(viewpoint: &Viewpoint, command: &str, at: Time) -> Self {
        Self {
            schema: SCHEMA,
            command: command.to_owned(),
            version: env!("CARGO_PKG_VERSION"),
            at,
            by: viewpoint.arn.clone(),
            organization: viewpoint.organization.clone(),
            management_account: viewpoint.management.clone(),
            region: viewpoint.region.clone(),
        }
    }
}

impl Report {
    /// Puts together the facts and what they mean.
    pub fn new(facts: &Facts, accounts: Vec<Judged>) -> Self {
        let mut summary = BTreeMap::new();
        for judged in &accounts {
            *summary.entry(judged.compliance.word()).or_default() += 1;
        }
        let not_visible = not_visible(facts);
        let mut other_regions: Vec<_> =
            facts.elsewhere.iter().map(|it| it.region.clone()).collect();
        other_regions.dedup(); // sorted by region
        Self {
            head: Head::new(&facts.viewpoint, "root-keys status", Time(facts.now)),
            aggregator: facts
                .compliance
                .as_ref()
                .ok()
                .map(|it| it.aggregator.clone()),
            exit_code: exit_code(&accounts, &not_visible),
            not_visible,
            summary,
            accounts,
            sources: facts.sources.clone(),
            other_regions,
        }
    }

    /// The document in one line.
    pub fn json(&self) -> String {
        // Text, numbers and lists under fixed names: there is nothing that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// How many accounts there are of that compliance.
    pub fn count(&self, standing: Standing) -> usize {
        self.summary.get(standing.word()).copied().unwrap_or(0)
    }

    /// The problems of all accounts by kind.
    pub fn issues(&self) -> Vec<Issue<'_>> {
        issues::group(self.accounts.iter().flat_map(|judged| {
            judged.problems.iter().map(|problem| Affected {
                account: &judged.account,
                name: &judged.name,
                problem,
            })
        }))
    }
}

/// What could not be read, or not of all accounts, each in a sentence.
fn not_visible(facts: &Facts) -> Vec<String> {
    let region = &facts.viewpoint.region;
    let elsewhere = facts.elsewhere.iter().map(|it| {
        format!(
            "nothing of the rule is in {region}, but in {there}: {evidence}; run \
             `AWS_REGION={there} root-keys status`",
            there = it.region,
            evidence = it.evidence
        )
    });
    let failures = [
        facts.stack_set.as_ref().err(),
        facts.pack.as_ref().err(),
        facts.compliance.as_ref().err(),
    ];
    let organization = facts.compliance.as_ref().ok();
    let organization = organization.and_then(|it| it.organization.clone());
    elsewhere
        .chain(failures.into_iter().flatten().cloned())
        .chain(organization)
        .collect()
}

/// 0 everything there, fresh and COMPLIANT; 2 a finding; 1 could not tell; 3
/// something missing. 0 is what is left when nothing else applies.
fn exit_code(accounts: &[Judged], not_visible: &[String]) -> u8 {
    let any = |standing| accounts.iter().any(|it| it.compliance == standing);
    if any(Standing::NonCompliant) {
        2
    } else if any(Standing::NotVisible) || !not_visible.is_empty() {
        1
    } else if !accounts.iter().all(Judged::is_well) {
        3
    } else {
        0
    }
}
