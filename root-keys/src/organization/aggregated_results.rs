//! Reads the results of the rule that AWS Config's aggregator has collected.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_config::types::{AggregateComplianceByConfigRule, ConfigRuleComplianceFilters};

use crate::aws::call::call_failure;
use crate::failure::Failure;
use crate::organization::aggregator::Aggregator;
use crate::organization::clients::OrganizationClients;
use crate::organization::facts::{RULE, RuleResult, Source};

/// Regions by account.
pub type Regions = BTreeMap<String, BTreeSet<String>>;

/// Whether it is a name of the rule: the account stack's name, or the name that a
/// conformance pack generates by adding `-conformance-pack-` and nine characters.
fn is_ours(name: &str) -> bool {
    let pack = name.strip_prefix(RULE).map(|rest| {
        let rest = rest.strip_prefix("-org").unwrap_or(rest);
        rest.strip_prefix("-conformance-pack-")
    });
    name == RULE
        || pack
            .flatten()
            .is_some_and(|generated| !generated.is_empty())
}

impl Aggregator {
    /// Reads all results of the rule in this region; AWS leaves out a rule without a
    /// result.
    ///
    /// The names that packs generate end in random characters and the filter accepts
    /// whole names only, so the results of all rules are read, a thousand a page.
    pub async fn results(
        &self,
        clients: &OrganizationClients,
    ) -> Result<(Vec<RuleResult>, Source), Failure> {
        let call = "config:DescribeAggregateComplianceByConfigRules";
        let ask = async |token| {
            let response = clients
                .config
                .describe_aggregate_compliance_by_config_rules()
                .configuration_aggregator_name(&self.name)
                .filters(
                    ConfigRuleComplianceFilters::builder()
                        .aws_region(&clients.viewpoint.region)
                        .build(),
                )
                .set_next_token(token)
                .send()
                .await;
            let response =
                response.map_err(|error| clients.refused(call, &call_failure(&error)))?;
            let rules = response
                .aggregate_compliance_by_config_rules
                .unwrap_or_default();
            Ok((rules, response.next_token))
        };
        let ours = |it: AggregateComplianceByConfigRule| {
            let rule = it.config_rule_name.filter(|name| is_ours(name))?;
            Some(RuleResult {
                account: it.account_id?,
                rule,
                compliance_type: it.compliance?.compliance_type?.as_str().to_owned(),
                details: Ok(None),
            })
        };
        clients.listings.filtered(call, ask, ours).await
    }

    /// The regions in which the account stack's rule has a result, by account.
    ///
    /// The filter takes whole names only, so a pack's rule is not among them.
    pub async fn regions(
        &self,
        clients: &OrganizationClients,
    ) -> Result<(Regions, Source), Failure> {
        let filters = ConfigRuleComplianceFilters::builder().config_rule_name(RULE);
        self.regions_of(clients, filters.build()).await
    }

    /// The regions in which any of our rules has a result in that account.
    pub async fn regions_in(
        &self,
        clients: &OrganizationClients,
        account: &str,
    ) -> Result<(Regions, Source), Failure> {
        let filters = ConfigRuleComplianceFilters::builder().account_id(account);
        self.regions_of(clients, filters.build()).await
    }

    async fn regions_of(
        &self,
        clients: &OrganizationClients,
        filters: ConfigRuleComplianceFilters,
    ) -> Result<(Regions, Source), Failure> {
        let call = "config:DescribeAggregateComplianceByConfigRules";
        let ask = async |token| {
            let response = clients
                .config
                .describe_aggregate_compliance_by_config_rules()
                .configuration_aggregator_name(&self.name)
                .filters(filters.clone())
                .set_next_token(token)
                .send()
                .await;
            let response =
                response.map_err(|error| clients.refused(call, &call_failure(&error)))?;
            let rules = response.aggregate_compliance_by_config_rules;
            Ok((rules.unwrap_or_default(), response.next_token))
        };
        let ours = |it: AggregateComplianceByConfigRule| {
            it.config_rule_name.filter(|name| is_ours(name))?;
            it.account_id.zip(it.aws_region)
        };
        let (found, source) = clients.listings.filtered(call, ask, ours).await?;
        let mut regions = Regions::new();
        for (account, region) in found {
            regions.entry(account).or_default().insert(region);
        }
        Ok((regions, source))
    }
}
