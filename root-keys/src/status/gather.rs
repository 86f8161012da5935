//! Reads every source of `status`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::failure::Failure;
use crate::status::aggregator::{self, Aggregator, Regions};
use crate::status::centre::Centre;
use crate::status::facts::{
    Account, Compliance, Elsewhere, Facts, OrganizationPack, RuleResult, Seen, Source, StackSet,
};
use crate::status::{details, home_region, organization_pack, stack_set};

/// Reads every source; without the list of accounts the others mean nothing.
///
/// # Errors
/// When the accounts cannot be listed.
pub async fn facts(
    centre: &Centre,
    aggregator: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Facts, Failure> {
    let (accounts, source) = centre.accounts().await?;
    let mut sources = vec![source];
    let stack_set = kept(stack_set::read(centre).await, &mut sources);
    let pack = match &stack_set {
        Ok(Some(stack_set)) if stack_set.brings_the_rule => Ok(None),
        _ => kept(organization_pack::read(centre).await, &mut sources),
    };
    let compliance = Box::pin(compliance(centre, &accounts, aggregator)).await;
    let compliance = compliance.map_err(|failure| failure.to_string());
    let compliance = compliance.map(|(compliance, more)| {
        sources.extend(more);
        compliance
    });
    let elsewhere = elsewhere(centre, &stack_set, &pack, &compliance).await;
    Ok(Facts {
        viewpoint: centre.viewpoint(),
        accounts,
        stack_set,
        pack,
        compliance,
        elsewhere,
        sources,
        now,
    })
}

/// What was read, with its sources among the others.
pub fn kept<T>(
    read: Result<Option<(T, Vec<Source>)>, Failure>,
    sources: &mut Vec<Source>,
) -> Seen<Option<T>> {
    let read = read.map_err(|failure| failure.to_string())?;
    Ok(read.map(|(it, more)| {
        sources.extend(more);
        it
    }))
}

async fn compliance(
    centre: &Centre,
    accounts: &[Account],
    name: Option<&str>,
) -> Result<(Compliance, Vec<Source>), Failure> {
    let (aggregator, found) = aggregator::find(centre, name).await?;
    let (failing, failed) = aggregator.failing(centre).await?;
    let (results, listed) = aggregator.results(centre).await?;
    let mut sources = vec![found, failed, listed];
    let (other_regions, more) = other_regions(centre, &aggregator, accounts, &results).await?;
    sources.extend(more);
    let (read, source) = Box::pin(details::read(centre, &aggregator, results)).await;
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
    let compliance = Compliance {
        aggregator: aggregator.name.clone(),
        results: by_account,
        other_regions,
        not_collected: failing.accounts.into_iter().chain(left_out).collect(),
        organization: failing.organization,
    };
    Ok((compliance, sources))
}

/// In how many accounts a pack's rule is looked for in other regions: all of its
/// accounts' rules have to be read for that.
const SAMPLE: usize = 3;

/// Where an account without a result here has one instead; read only if there
/// is such an account.
async fn other_regions(
    centre: &Centre,
    aggregator: &Aggregator,
    accounts: &[Account],
    results: &[RuleResult],
) -> Result<(Regions, Vec<Source>), Failure> {
    let with_result: BTreeSet<&String> = results.iter().map(|result| &result.account).collect();
    let active: Vec<_> = accounts.iter().filter(|account| account.active).collect();
    if active.iter().all(|it| with_result.contains(&it.id)) {
        return Ok((Regions::new(), Vec::new()));
    }
    let (mut regions, source) = aggregator.regions(centre).await?;
    let mut sources = vec![source];
    let sample = if results.is_empty() { SAMPLE } else { 0 };
    for account in active.iter().take(sample) {
        let (more, source) = aggregator.regions_in(centre, &account.id).await?;
        for (account, known) in more {
            regions.entry(account).or_default().extend(known);
        }
        sources.push(source);
    }
    for known in regions.values_mut() {
        known.remove(&centre.region);
    }
    regions.retain(|account, known| !known.is_empty() && !with_result.contains(account));
    Ok((regions, sources))
}

/// Where the rule is, if nothing of it is in this region.
async fn elsewhere(
    centre: &Centre,
    stack_set: &Seen<Option<StackSet>>,
    pack: &Seen<Option<OrganizationPack>>,
    compliance: &Seen<Compliance>,
) -> Vec<Elsewhere> {
    let known = stack_set.as_ref().ok().and_then(Option::as_ref);
    let deployed_here =
        known.is_some_and(|it| !it.instances.is_empty() || it.other_regions.is_empty());
    let has_results = compliance
        .as_ref()
        .is_ok_and(|known| !known.results.is_empty());
    if deployed_here || has_results || matches!(pack, Ok(Some(_))) {
        return Vec::new();
    }
    let instances = known.map(|it| &it.other_regions);
    let results = compliance.as_ref().ok().map(|it| &it.other_regions);
    let mut found = BTreeSet::new();
    for region in instances.into_iter().flat_map(BTreeMap::values).flatten() {
        found.insert(Elsewhere {
            region: region.clone(),
            evidence: "the StackSet's stacks are in that region".to_owned(),
        });
    }
    for region in results.into_iter().flat_map(BTreeMap::values).flatten() {
        found.insert(Elsewhere {
            region: region.clone(),
            evidence: "AWS Config has results of the rule in that region".to_owned(),
        });
    }
    if matches!(stack_set, Ok(None)) {
        found.extend(home_region::stack_sets(centre).await);
    }
    found.into_iter().collect()
}
