//! Reads every source of `status`, in one go or in slices.
//!
//! Everything but the newest results takes a few calls for each hundred accounts; the
//! newest results take one call for each account, so that reading them can be
//! interrupted: a [`Reading`] can be stored in between.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::organization::account::Account;
use crate::organization::aggregated_results::Regions;
use crate::organization::aggregator::{self, Aggregator};
use crate::organization::clients::OrganizationClients;
use crate::organization::facts::{
    AggregatedResults, Facts, OrganizationPack, OtherRegion, RuleResult, Source, SourceResult,
    StackSet,
};
use crate::organization::newest_results::{self, NewestResults};
use crate::organization::sources::keep_if_any;
use crate::organization::{organization_pack, other_regions, stack_set};
use crate::time::Time;

/// What has been read so far.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reading {
    /// Everything but the newest results.
    facts: Facts,
    newest: NewestResults,
}

impl Reading {
    /// Reads everything that `root-keys status` evaluates, except the newest result of
    /// each account; ages are calculated at `now`.
    ///
    /// # Errors
    /// Only when the accounts cannot be listed. If another source cannot be read, the
    /// facts have the reason.
    pub async fn begin(
        clients: &OrganizationClients,
        aggregator: Option<&str>,
        now: Time,
    ) -> Result<Self, Failure> {
        let (accounts, source) = clients.accounts().await?;
        let mut sources = vec![source];
        let stack_set = keep_if_any(stack_set::read(clients).await, &mut sources);
        let pack = match &stack_set {
            Ok(Some(stack_set)) if stack_set.brings_the_rule => Ok(None),
            _ => keep_if_any(organization_pack::read(clients).await, &mut sources),
        };
        let (results, found) = match results(clients, &accounts, aggregator).await {
            Ok((results, found, more)) => {
                sources.extend(more);
                (Ok(results), found)
            }
            Err(failure) => (Err(failure.to_string()), Vec::new()),
        };
        let policies = clients.policies().await.map_err(|it| it.to_string());
        let policies = policies.map(|(policies, more)| {
            sources.extend(more);
            policies
        });
        let elsewhere = elsewhere(clients, &stack_set, &pack, &results, &found).await;
        let facts = Facts {
            viewpoint: clients.viewpoint.clone(),
            accounts,
            stack_set,
            pack,
            results,
            policies,
            elsewhere,
            sources,
            now: now.to_the_second(),
        };
        let newest = NewestResults::unread(found, clients.listings.now());
        Ok(Self { facts, newest })
    }

    /// Reads newest results until all are read or `stop` returns true, at least one;
    /// returns whether all are read.
    ///
    /// `stop` is asked before each further call. The calls that have begun then are
    /// waited for: each ends within 90 seconds.
    pub async fn advance(
        &mut self,
        clients: &OrganizationClients,
        stop: impl Fn() -> bool,
    ) -> bool {
        if let Ok(results) = &self.facts.results {
            let reading =
                newest_results::read(&mut self.newest, clients, &results.aggregator, stop);
            Box::pin(reading).await;
        }
        self.newest.is_finished()
    }

    /// Returns everything that was read. A result that was not read says so.
    #[must_use]
    pub fn finish(self) -> Facts {
        let Self { mut facts, newest } = self;
        if let Ok(results) = &mut facts.results {
            let (read, source) = newest.finish();
            facts.sources.push(source);
            for result in read {
                let account = result.account.clone();
                results.by_account.entry(account).or_default().push(result);
            }
            for results in results.by_account.values_mut() {
                results.sort_by(|a, b| a.rule.cmp(&b.rule));
            }
        }
        facts
    }
}

/// Reads everything that `root-keys status` evaluates.
///
/// # Errors
/// As [`Reading::begin`].
pub async fn facts(
    clients: &OrganizationClients,
    aggregator: Option<&str>,
    now: Time,
) -> Result<Facts, Failure> {
    let mut reading = Reading::begin(clients, aggregator, now).await?;
    reading.advance(clients, || false).await;
    Ok(reading.finish())
}

/// Reads which rules have a result, and not yet the newest result of each.
async fn results(
    clients: &OrganizationClients,
    accounts: &[Account],
    name: Option<&str>,
) -> Result<(AggregatedResults, Vec<RuleResult>, Vec<Source>), Failure> {
    let (aggregator, found) = aggregator::find(clients, name).await?;
    let (failing, failed) = aggregator.failed_sources(clients).await?;
    let (results, listed) = aggregator.results(clients).await?;
    let mut sources = vec![found, failed, listed];
    let (other_regions, more) =
        results_in_other_regions(clients, &aggregator, accounts, &results).await?;
    sources.extend(more);
    let left_out = accounts
        .iter()
        .filter_map(|account| Some((account.id.clone(), aggregator.leaves_out(&account.id)?)));
    let aggregated = AggregatedResults {
        aggregator: aggregator.name.clone(),
        by_account: BTreeMap::new(),
        other_regions,
        not_collected: failing.accounts.into_iter().chain(left_out).collect(),
        organization: failing.organization,
    };
    Ok((aggregated, results, sources))
}

/// In how many accounts to look for a pack's rule in other regions, which takes the
/// results of all rules of the account.
const SAMPLE: usize = 3;

/// Where an account without a result here has one instead; read only if there
/// is such an account.
async fn results_in_other_regions(
    clients: &OrganizationClients,
    aggregator: &Aggregator,
    accounts: &[Account],
    results: &[RuleResult],
) -> Result<(Regions, Vec<Source>), Failure> {
    let with_result: BTreeSet<&String> = results.iter().map(|result| &result.account).collect();
    let active: Vec<_> = accounts
        .iter()
        .filter(|account| account.is_active())
        .collect();
    if active.iter().all(|it| with_result.contains(&it.id)) {
        return Ok((Regions::new(), Vec::new()));
    }
    let (mut regions, source) = aggregator.regions(clients).await?;
    let mut sources = vec![source];
    let sample = if results.is_empty() { SAMPLE } else { 0 };
    for account in active.iter().take(sample) {
        let (more, source) = aggregator.regions_in(clients, &account.id).await?;
        for (account, known) in more {
            regions.entry(account).or_default().extend(known);
        }
        sources.push(source);
    }
    for known in regions.values_mut() {
        known.remove(&clients.viewpoint.region);
    }
    regions.retain(|account, known| !known.is_empty() && !with_result.contains(account));
    Ok((regions, sources))
}

/// Where the rule is, if nothing of it is in this region.
async fn elsewhere(
    clients: &OrganizationClients,
    stack_set: &SourceResult<Option<StackSet>>,
    pack: &SourceResult<Option<OrganizationPack>>,
    results: &SourceResult<AggregatedResults>,
    found: &[RuleResult],
) -> Vec<OtherRegion> {
    let known = stack_set.as_ref().ok().and_then(Option::as_ref);
    let deployed_here =
        known.is_some_and(|it| !it.instances.is_empty() || it.other_regions.is_empty());
    if deployed_here || !found.is_empty() || matches!(pack, Ok(Some(_))) {
        return Vec::new();
    }
    let instances = known.map(|it| &it.other_regions);
    let results = results.as_ref().ok().map(|it| &it.other_regions);
    let mut found = BTreeSet::new();
    for region in instances.into_iter().flat_map(BTreeMap::values).flatten() {
        found.insert(OtherRegion {
            region: region.clone(),
            evidence: "the StackSet's stacks are in that region".to_owned(),
        });
    }
    for region in results.into_iter().flat_map(BTreeMap::values).flatten() {
        found.insert(OtherRegion {
            region: region.clone(),
            evidence: "AWS Config has results of the rule in that region".to_owned(),
        });
    }
    if matches!(stack_set, Ok(None)) {
        found.extend(other_regions::with_stack_set(clients).await);
    }
    found.into_iter().collect()
}
