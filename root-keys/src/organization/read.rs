//! Reads every source of `status`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::failure::Failure;
use crate::organization::account::Account;
use crate::organization::aggregated_results::Regions;
use crate::organization::aggregator::{self, Aggregator};
use crate::organization::clients::OrganizationClients;
use crate::organization::facts::{
    AggregatedResults, Facts, OrganizationPack, OtherRegion, RuleResult, Source, SourceResult,
    StackSet,
};
use crate::organization::sources::keep_if_any;
use crate::organization::{newest_results, organization_pack, other_regions, stack_set};

/// Reads everything that `root-keys status` evaluates.
///
/// # Errors
/// Only when the accounts cannot be listed. If another source cannot be read, the facts
/// have the reason.
pub async fn facts(
    clients: &OrganizationClients,
    aggregator: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Facts, Failure> {
    let (accounts, source) = clients.accounts().await?;
    let mut sources = vec![source];
    let stack_set = keep_if_any(stack_set::read(clients).await, &mut sources);
    let pack = match &stack_set {
        Ok(Some(stack_set)) if stack_set.brings_the_rule => Ok(None),
        _ => keep_if_any(organization_pack::read(clients).await, &mut sources),
    };
    let results = Box::pin(results(clients, &accounts, aggregator)).await;
    let results = results.map_err(|failure| failure.to_string());
    let results = results.map(|(results, more)| {
        sources.extend(more);
        results
    });
    let policies = clients.policies().await.map_err(|it| it.to_string());
    let policies = policies.map(|(policies, more)| {
        sources.extend(more);
        policies
    });
    let elsewhere = elsewhere(clients, &stack_set, &pack, &results).await;
    Ok(Facts {
        viewpoint: clients.viewpoint.clone(),
        accounts,
        stack_set,
        pack,
        results,
        policies,
        elsewhere,
        sources,
        now,
    })
}

async fn results(
    clients: &OrganizationClients,
    accounts: &[Account],
    name: Option<&str>,
) -> Result<(AggregatedResults, Vec<Source>), Failure> {
    let (aggregator, found) = aggregator::find(clients, name).await?;
    let (failing, failed) = aggregator.failed_sources(clients).await?;
    let (results, listed) = aggregator.results(clients).await?;
    let mut sources = vec![found, failed, listed];
    let (other_regions, more) =
        results_in_other_regions(clients, &aggregator, accounts, &results).await?;
    sources.extend(more);
    let (read, source) = Box::pin(newest_results::read(clients, &aggregator, results)).await;
    sources.push(source);
    let mut by_account: BTreeMap<String, Vec<RuleResult>> = BTreeMap::new();
    for result in read {
        let account = result.account.clone();
        by_account.entry(account).or_default().push(result);
    }
    for results in by_account.values_mut() {
        results.sort_by(|a, b| a.rule.cmp(&b.rule));
    }
    let left_out = accounts
        .iter()
        .filter_map(|account| Some((account.id.clone(), aggregator.leaves_out(&account.id)?)));
    let results = AggregatedResults {
        aggregator: aggregator.name.clone(),
        by_account,
        other_regions,
        not_collected: failing.accounts.into_iter().chain(left_out).collect(),
        organization: failing.organization,
    };
    Ok((results, sources))
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
) -> Vec<OtherRegion> {
    let known = stack_set.as_ref().ok().and_then(Option::as_ref);
    let deployed_here =
        known.is_some_and(|it| !it.instances.is_empty() || it.other_regions.is_empty());
    let has_results = results
        .as_ref()
        .is_ok_and(|known| !known.by_account.is_empty());
    if deployed_here || has_results || matches!(pack, Ok(Some(_))) {
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
