//! AWS Config's aggregator: finds it, and reads from which accounts it collects.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_config::types::{
    AggregatedSourceStatusType, AggregatedSourceType, ConfigurationAggregator,
    ResourceCountFilters, ResourceCountGroupKey,
};

use crate::aws::call::call_failure;
use crate::docs::DOCS;
use crate::failure::Failure;
use crate::organization::clients::OrganizationClients;
use crate::organization::facts::Source;

/// An aggregator that collects from this region.
#[derive(Debug)]
pub struct Aggregator {
    pub name: String,
    /// The accounts that it collects from; `None` for the whole organization.
    pub accounts: Option<Vec<String>>,
}

/// The sources from which an aggregator collects nothing, with AWS's reason.
#[derive(Debug, Default)]
pub struct FailedSources {
    pub accounts: BTreeMap<String, String>,
    /// The organization as a whole, in a sentence.
    pub organization: Option<String>,
}

/// Finds the aggregator of that name, or one that collects from this region; one of
/// the organization is preferred to one of chosen accounts.
///
/// # Errors
/// When there is none, with the way to one.
pub async fn find(
    clients: &OrganizationClients,
    name: Option<&str>,
) -> Result<(Aggregator, Source), Failure> {
    let call = "config:DescribeConfigurationAggregators";
    let (all, source) = clients
        .listings
        .all(call, async |token| {
            let response = clients
                .config
                .describe_configuration_aggregators()
                .set_configuration_aggregator_names(name.map(|name| vec![name.to_owned()]))
                .set_next_token(token)
                .send()
                .await;
            let response = response.map_err(|error| {
                let failure = call_failure(&error);
                match error.as_service_error() {
                    Some(it) if it.is_no_such_configuration_aggregator_exception() => {
                        no_aggregator(clients, name, &BTreeSet::new())
                    }
                    _ => clients.refused(call, &failure),
                }
            })?;
            let aggregators = response.configuration_aggregators.unwrap_or_default();
            Ok((aggregators, response.next_token))
        })
        .await?;
    let regions = collected_regions(&all);
    let mut usable: Vec<_> = all
        .into_iter()
        .filter_map(|it| usable(clients, it))
        .collect();
    // Stable: of equals the first by name.
    usable.sort_by(|a, b| (a.accounts.is_some(), &a.name).cmp(&(b.accounts.is_some(), &b.name)));
    match usable.into_iter().next() {
        Some(aggregator) => Ok((aggregator, source)),
        None => Err(no_aggregator(clients, name, &regions)),
    }
}

fn usable(
    clients: &OrganizationClients,
    aggregator: ConfigurationAggregator,
) -> Option<Aggregator> {
    let covers = |all: bool, regions: Option<Vec<String>>| {
        all || regions.is_some_and(|regions| regions.contains(&clients.viewpoint.region))
    };
    let name = aggregator.configuration_aggregator_name?;
    if let Some(source) = aggregator.organization_aggregation_source {
        let accounts = None;
        return covers(source.all_aws_regions, source.aws_regions)
            .then_some(Aggregator { name, accounts });
    }
    let sources = aggregator.account_aggregation_sources.unwrap_or_default();
    let source = sources.into_iter().next()?;
    let accounts = Some(source.account_ids);
    covers(source.all_aws_regions, source.aws_regions).then_some(Aggregator { name, accounts })
}

/// The regions that these aggregators collect from.
fn collected_regions(aggregators: &[ConfigurationAggregator]) -> BTreeSet<String> {
    let of_organization = aggregators
        .iter()
        .filter_map(|it| it.organization_aggregation_source.as_ref())
        .filter_map(|source| source.aws_regions.as_ref());
    let of_accounts = aggregators
        .iter()
        .filter_map(|it| it.account_aggregation_sources.as_ref())
        .flatten()
        .filter_map(|source| source.aws_regions.as_ref());
    of_organization
        .chain(of_accounts)
        .flatten()
        .cloned()
        .collect()
}

fn no_aggregator(
    clients: &OrganizationClients,
    name: Option<&str>,
    regions: &BTreeSet<String>,
) -> Failure {
    let (account, region) = (&clients.viewpoint.account, &clients.viewpoint.region);
    let which = name.map_or_else(String::new, |name| format!(" named {name}"));
    let only = if regions.is_empty() {
        String::new()
    } else {
        let regions: Vec<_> = regions.iter().map(String::as_str).collect();
        format!(" (its aggregators collect from {})", regions.join(", "))
    };
    Failure::new(format!(
        "compliance is not visible from here: account {account} has no aggregator{which} in {region} \
         that collects from {region}{only}; check `aws configservice \
         describe-configuration-aggregators`, or create one: {DOCS}/organization.md#an-aggregator"
    ))
}

impl Aggregator {
    /// Reads the sources from which it collects nothing in this region.
    pub async fn failed_sources(
        &self,
        clients: &OrganizationClients,
    ) -> Result<(FailedSources, Source), Failure> {
        let call = "config:DescribeConfigurationAggregatorSourcesStatus";
        let (failed, source) = clients
            .listings
            .all(call, async |token| {
                let response = clients
                    .config
                    .describe_configuration_aggregator_sources_status()
                    .configuration_aggregator_name(&self.name)
                    .update_status(AggregatedSourceStatusType::Failed)
                    .set_next_token(token)
                    .send()
                    .await;
                let response =
                    response.map_err(|error| clients.refused(call, &call_failure(&error)))?;
                let statuses = response.aggregated_source_status_list.unwrap_or_default();
                Ok((statuses, response.next_token))
            })
            .await?;
        let mut found = FailedSources::default();
        for it in failed {
            let code = it.last_error_code.as_deref().unwrap_or("no code");
            let message = it.last_error_message.as_deref().unwrap_or("no message");
            let why = format!("{code}: {message}");
            let elsewhere = it
                .aws_region
                .is_some_and(|region| region != clients.viewpoint.region);
            if it.source_type == Some(AggregatedSourceType::Organization) {
                // The list of accounts does not depend on the region.
                found.organization = Some(format!(
                    "aggregator {} collects nothing new from the organization: {why}; \
                     {DOCS}/organization.md#an-aggregator",
                    self.name
                ));
            } else if let Some(account) = it.source_id.filter(|_| !elsewhere) {
                found.accounts.insert(account, why);
            }
        }
        Ok((found, source))
    }

    /// The accounts in which AWS Config has recorded something in this region,
    /// and so has, or had, a recorder.
    pub async fn recorded(
        &self,
        clients: &OrganizationClients,
    ) -> Result<(BTreeSet<String>, Source), Failure> {
        let call = "config:GetAggregateDiscoveredResourceCounts";
        let (counts, source) = clients
            .listings
            .all(call, async |token| {
                let response = clients
                    .config
                    .get_aggregate_discovered_resource_counts()
                    .configuration_aggregator_name(&self.name)
                    .group_by_key(ResourceCountGroupKey::AccountId)
                    .filters(
                        ResourceCountFilters::builder()
                            .region(&clients.viewpoint.region)
                            .build(),
                    )
                    .set_next_token(token)
                    .send()
                    .await;
                let response =
                    response.map_err(|error| clients.refused(call, &call_failure(&error)))?;
                Ok((
                    response.grouped_resource_counts.unwrap_or_default(),
                    response.next_token,
                ))
            })
            .await?;
        let there = counts.into_iter().filter(|count| count.resource_count > 0);
        Ok((there.map(|count| count.group_name).collect(), source))
    }

    /// Says why it has no results of that account; `None` if it collects from it.
    pub fn leaves_out(&self, account: &str) -> Option<String> {
        let accounts = self.accounts.as_ref()?;
        let collected = accounts.iter().any(|known| known == account);
        (!collected).then(|| format!("aggregator {} does not collect from it", self.name))
    }
}
