//! Reads what a preflight needs.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::facts::{DELEGATED, PreflightFacts, Recorders};
use crate::administrators::Administrators;
use crate::command_line::Mode;
use crate::failure::Failure;
use crate::status::centre::Centre;
use crate::status::facts::{Account, Seen, Source};
use crate::status::gather::kept;
use crate::status::{aggregator, home_region, organization_pack, stack_set, trust};

/// Reads every source; without the list of accounts the others mean nothing.
///
/// # Errors
/// When the accounts cannot be listed.
pub async fn facts(
    centre: &Centre,
    mode: Mode,
    aggregator: Option<&str>,
    now: DateTime<Utc>,
) -> Result<PreflightFacts, Failure> {
    let (accounts, source) = centre.accounts().await?;
    let mut sources = vec![source];
    let trusted = noted(trust::trusted(centre).await, &mut sources);
    let stack_sets_activated = if centre.is_management() {
        noted(trust::stack_sets_access(centre).await, &mut sources).map(Some)
    } else {
        Ok(None)
    };
    let administrators = administrators(centre, &mut sources).await;
    let sign_in = administrators.iter().map(|(service, known)| {
        let known = Administrators {
            service,
            management: Some(centre.management.clone()),
            delegated: known.as_ref().ok().cloned(),
        };
        (*service, known.sign_in())
    });
    let sign_in = sign_in.collect();
    let stack_set = kept(stack_set::read(centre).await, &mut sources);
    let elsewhere = match &stack_set {
        Ok(None) => home_region::stack_sets(centre).await,
        _ => Vec::new(),
    };
    let pack = match mode {
        Mode::StackSet => Ok(None),
        Mode::OrganizationPack => kept(organization_pack::read(centre).await, &mut sources),
    };
    let recorders = recorders(centre, aggregator, &accounts, &mut sources).await;
    Ok(PreflightFacts {
        mode,
        viewpoint: centre.viewpoint(),
        all_features: centre.all_features,
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

/// What was read, with its source among the others.
fn noted<T>(read: Result<(T, Source), Failure>, sources: &mut Vec<Source>) -> Seen<T> {
    let (told, source) = read.map_err(|failure| failure.to_string())?;
    sources.push(source);
    Ok(told)
}

async fn administrators(
    centre: &Centre,
    sources: &mut Vec<Source>,
) -> BTreeMap<&'static str, Seen<BTreeSet<String>>> {
    let mut administrators = BTreeMap::new();
    let mut failed: Option<String> = None;
    for service in DELEGATED {
        // The call that failed for one service fails for the others, too.
        let known = match failed.clone() {
            Some(failure) => Err(failure),
            None => noted(trust::administrators(centre, service).await, sources),
        };
        failed = known.as_ref().err().cloned();
        administrators.insert(service, known);
    }
    administrators
}

async fn recorders(
    centre: &Centre,
    name: Option<&str>,
    accounts: &[Account],
    sources: &mut Vec<Source>,
) -> Result<Recorders, Failure> {
    let (aggregator, source) = aggregator::find(centre, name).await?;
    sources.push(source);
    let (recorded, source) = aggregator.recorded(centre).await?;
    sources.push(source);
    let (failing, source) = aggregator.failing(centre).await?;
    sources.push(source);
    let left_out = accounts
        .iter()
        .filter_map(|account| Some((account.id.clone(), aggregator.leaves_out(&account.id)?)));
    Ok(Recorders {
        recorded,
        not_collected: left_out.chain(failing.accounts).collect(),
        organization: failing.organization,
    })
}
