//! Reads every source of a preflight.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::failure::Failure;
use crate::organization::account::Account;
use crate::organization::administrators::Administrators;
use crate::organization::clients::OrganizationClients;
use crate::organization::facts::{Source, SourceResult};
use crate::organization::principals::DELEGATED;
use crate::organization::rollout_facts::{Recorders, RolloutFacts, RolloutMode};
use crate::organization::sources::{keep, keep_if_any};
use crate::organization::{
    aggregator, organization_pack, other_regions, stack_set, trusted_access,
};

/// Reads everything that `root-keys status --preflight` evaluates.
///
/// # Errors
/// Only when the accounts cannot be listed. If another source cannot be read, the facts
/// have the reason.
pub async fn facts(
    clients: &OrganizationClients,
    mode: RolloutMode,
    aggregator: Option<&str>,
    now: DateTime<Utc>,
) -> Result<RolloutFacts, Failure> {
    let (accounts, source) = clients.accounts().await?;
    let mut sources = vec![source];
    let trusted = keep(trusted_access::trusted(clients).await, &mut sources);
    let stack_sets_activated = if clients.viewpoint.is_management() {
        keep(
            trusted_access::stack_sets_access(clients).await,
            &mut sources,
        )
        .map(Some)
    } else {
        Ok(None)
    };
    let administrators = administrators(clients, &mut sources).await;
    let sign_in = administrators.iter().map(|(service, known)| {
        let known = Administrators {
            service,
            management: Some(clients.viewpoint.management.clone()),
            delegated: known.as_ref().ok().cloned(),
        };
        (*service, known.sign_in())
    });
    let sign_in = sign_in.collect();
    let stack_set = keep_if_any(stack_set::read(clients).await, &mut sources);
    let elsewhere = match &stack_set {
        Ok(None) => other_regions::with_stack_set(clients).await,
        _ => Vec::new(),
    };
    let pack = match mode {
        RolloutMode::StackSet => Ok(None),
        RolloutMode::OrganizationPack => {
            keep_if_any(organization_pack::read(clients).await, &mut sources)
        }
    };
    let recorders = recorders(clients, aggregator, &accounts, &mut sources).await;
    Ok(RolloutFacts {
        mode,
        viewpoint: clients.viewpoint.clone(),
        all_features: clients.all_features,
        accounts,
        trusted,
        stack_sets_activated,
        administrators,
        sign_in,
        stack_set,
        pack,
        recorders: recorders.map_err(|failure| failure.to_string()),
        elsewhere,
        sources,
        now,
    })
}

async fn administrators(
    clients: &OrganizationClients,
    sources: &mut Vec<Source>,
) -> BTreeMap<&'static str, SourceResult<BTreeSet<String>>> {
    let mut administrators = BTreeMap::new();
    let mut failed: Option<String> = None;
    for service in DELEGATED {
        // The call that failed for one service fails for the others, too.
        let known = match failed.clone() {
            Some(failure) => Err(failure),
            None => keep(
                trusted_access::administrators(clients, service).await,
                sources,
            ),
        };
        failed = known.as_ref().err().cloned();
        administrators.insert(service, known);
    }
    administrators
}

async fn recorders(
    clients: &OrganizationClients,
    name: Option<&str>,
    accounts: &[Account],
    sources: &mut Vec<Source>,
) -> Result<Recorders, Failure> {
    let (aggregator, source) = aggregator::find(clients, name).await?;
    sources.push(source);
    let (recorded, source) = aggregator.recorded(clients).await?;
    sources.push(source);
    let (failed, source) = aggregator.failed_sources(clients).await?;
    sources.push(source);
    let left_out = accounts
        .iter()
        .filter_map(|account| Some((account.id.clone(), aggregator.leaves_out(&account.id)?)));
    Ok(Recorders {
        recorded,
        not_collected: left_out.chain(failed.accounts).collect(),
        organization: failed.organization,
    })
}
