//! The result of `status`, and its JSON document.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::exemptions::Exemptions;
use crate::organization::facts::{Facts, Source, SourceResult, Viewpoint};
use crate::status::account_status::{AccountCompliance, AccountStatus};
use crate::status::issues::{self, Affected, Issue};
use crate::time::Time;

/// Raised when a field changes its meaning or is removed; fields may be added.
pub const SCHEMA: u32 = 2;

/// What was read, from where, and what it means.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    #[serde(flatten)]
    /// The first fields of the document.
    pub head: Head,
    /// The aggregator that was read.
    pub aggregator: Option<String>,
    /// What could not be read, and why.
    pub not_visible: Vec<String>,
    /// How many accounts there are of each compliance.
    pub summary: BTreeMap<&'static str, usize>,
    /// How many accounts have an exemption in force.
    pub exempt: usize,
    /// How many accounts somebody has to act on.
    pub open: usize,
    /// Accounts with an exemption that no source names, in the order of their IDs.
    pub exempt_accounts_not_found: Vec<String>,
    /// All accounts, in the order of their IDs.
    pub accounts: Vec<AccountStatus>,
    /// What was read to its end, and when.
    pub sources: Vec<Source>,
    /// 0, 1, 2 or 3, as `root-keys status --help` explains.
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
    /// The version of `root-keys`.
    pub version: &'static str,
    /// When the organization was read.
    pub at: Time,
    /// The ARN of the user or role that read it.
    pub by: String,
    /// The organization's ID.
    pub organization: String,
    management_account: String,
    /// The region that was read.
    pub region: String,
}

impl Head {
    /// Makes the head of the result of this command, at that time.
    #[must_use]
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
    /// Combines the facts with the status of each account and the exemptions.
    ///
    /// If the exemptions could not be read, no account is exempt and the report says so.
    #[must_use]
    pub fn new(
        facts: &Facts,
        mut accounts: Vec<AccountStatus>,
        exemptions: &SourceResult<Exemptions>,
    ) -> Self {
        let exempt_accounts_not_found = exempt(&mut accounts, exemptions, facts.now);
        let mut summary = BTreeMap::new();
        for status in &accounts {
            *summary.entry(status.compliance.word()).or_default() += 1;
        }
        let mut not_visible = not_visible(facts);
        let why = exemptions.as_ref().err();
        not_visible
            .extend(why.map(|why| format!("the exemptions, so no account is exempt: {why}")));
        let mut other_regions: Vec<_> =
            facts.elsewhere.iter().map(|it| it.region.clone()).collect();
        other_regions.dedup(); // sorted by region
        Self {
            head: Head::new(&facts.viewpoint, "root-keys status", facts.now),
            aggregator: facts.results.as_ref().ok().map(|it| it.aggregator.clone()),
            exit_code: exit_code(&accounts, &not_visible),
            not_visible,
            summary,
            exempt: accounts.iter().filter(|it| it.is_exempt()).count(),
            open: accounts.iter().filter(|it| it.open).count(),
            exempt_accounts_not_found,
            accounts,
            sources: facts.sources.clone(),
            other_regions,
        }
    }

    /// Returns the document as JSON in one line.
    #[must_use]
    pub fn json(&self) -> String {
        // Text, numbers and lists under fixed names: there is nothing that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Counts the accounts of that compliance.
    #[must_use]
    pub fn count(&self, standing: AccountCompliance) -> usize {
        self.summary.get(standing.word()).copied().unwrap_or(0)
    }

    /// Groups the problems of all accounts by kind, apart from those that an exemption in
    /// force covers.
    #[must_use]
    pub fn issues(&self) -> Vec<Issue<'_>> {
        issues::group(self.accounts.iter().flat_map(|status| {
            status.open_problems().map(|problem| Affected {
                account: &status.account,
                name: &status.name,
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
            "the rule is not in {region}, but it is in {there}: {evidence}; run \
             `AWS_REGION={there} root-keys status`",
            there = it.region,
            evidence = it.evidence
        )
    });
    let failures = [
        facts.stack_set.as_ref().err(),
        facts.pack.as_ref().err(),
        facts.results.as_ref().err(),
    ];
    let policies = facts
        .policies
        .as_ref()
        .err()
        .map(|why| format!("whether new root access keys are prevented: {why}"));
    let organization = facts.results.as_ref().ok();
    let organization = organization.and_then(|it| it.organization.clone());
    elsewhere
        .chain(failures.into_iter().flatten().cloned())
        .chain(organization)
        .chain(policies)
        .collect()
}

/// Notes each exemption with its account; returns the accounts that no source names.
fn exempt(
    accounts: &mut [AccountStatus],
    exemptions: &SourceResult<Exemptions>,
    at: Time,
) -> Vec<String> {
    let mut not_found = Vec::new();
    for (id, exemption) in exemptions.iter().flatten() {
        match accounts.binary_search_by(|it| it.account.cmp(id)) {
            Ok(place) => accounts[place].exempt(exemption, at),
            Err(_) => not_found.push(id.clone()),
        }
    }
    not_found
}

/// 2 a root access key; 1 something is not known; 3 something is missing; 0 if none
/// of these applies: every active account has the rule, a recent result, and is
/// COMPLIANT, or it is exempt.
fn exit_code(accounts: &[AccountStatus], not_visible: &[String]) -> u8 {
    let with_key =
        |it: &AccountStatus| it.compliance == AccountCompliance::NonCompliant && !it.is_exempt();
    let not_known = |it: &AccountStatus| {
        it.compliance == AccountCompliance::NotVisible
            || it.open_problems().any(|it| it.kind.hides_results())
    };
    if accounts.iter().any(with_key) {
        2
    } else if accounts.iter().any(not_known) || !not_visible.is_empty() {
        1
    } else if accounts.iter().any(|it| it.open) {
        3
    } else {
        0
    }
}
