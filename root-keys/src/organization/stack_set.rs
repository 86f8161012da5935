//! Reads the StackSet and its stack in each account.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudformation::types::StackInstanceSummary;
use root_access_key_rule::aws::failure::CallFailure;
use serde_json::Value;

use crate::aws::call::call_failure;
use crate::failure::Failure;
use crate::organization::clients::{OrganizationClients, incomplete};
use crate::organization::facts::{Instance, STACK_SET as NAME, Source, StackSet};
use crate::organization::principals::STACK_SETS;

/// Reads the StackSet; `None` if this account administers none in this region.
///
/// # Errors
/// When CloudFormation cannot be read.
pub async fn read(
    clients: &OrganizationClients,
) -> Result<Option<(StackSet, Vec<Source>)>, Failure> {
    let call = "cloudformation:DescribeStackSet";
    let response = clients
        .cloudformation
        .describe_stack_set()
        .stack_set_name(NAME)
        .call_as(clients.call_as())
        .send()
        .await;
    let described = match response {
        Ok(response) => response.stack_set,
        Err(error) => {
            let failure = call_failure(&error);
            return match error.as_service_error() {
                Some(it) if it.is_stack_set_not_found_exception() => Ok(None),
                _ => Err(unreadable(clients, call, &failure).await),
            };
        }
    };
    let described = described.ok_or_else(|| incomplete(call))?;
    let template = described.template_body.unwrap_or_default();
    let described_by = clients.listings.source(call, 1, 1);
    let (summaries, source) = instances(clients).await?;
    let mut instances = BTreeMap::new();
    let mut other_regions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for summary in summaries {
        match (summary.account.clone(), summary.region.clone()) {
            (Some(account), Some(region)) if region == clients.viewpoint.region => {
                instances.insert(account, summary.into());
            }
            (Some(account), Some(region)) => {
                other_regions.entry(account).or_default().insert(region);
            }
            _ => {}
        }
    }
    let stack_set = StackSet {
        organizational_units: described.organizational_unit_ids.unwrap_or_default(),
        brings_the_rule: template.contains("AWS::Config::ConformancePack"),
        frequency: frequency(&template),
        instances,
        other_regions,
    };
    Ok(Some((stack_set, vec![described_by, source])))
}

async fn instances(
    clients: &OrganizationClients,
) -> Result<(Vec<StackInstanceSummary>, Source), Failure> {
    let call = "cloudformation:ListStackInstances";
    clients
        .listings
        .all(call, async |token| {
            let response = clients
                .cloudformation
                .list_stack_instances()
                .stack_set_name(NAME)
                .call_as(clients.call_as())
                .set_next_token(token)
                .send()
                .await;
            let response = match response {
                Ok(response) => response,
                Err(error) => return Err(unreadable(clients, call, &call_failure(&error)).await),
            };
            Ok((response.summaries.unwrap_or_default(), response.next_token))
        })
        .await
}

impl From<StackInstanceSummary> for Instance {
    fn from(summary: StackInstanceSummary) -> Self {
        let detailed = summary
            .stack_instance_status
            .and_then(|it| it.detailed_status);
        Self {
            status: summary
                .status
                .map_or_else(|| "?".to_owned(), |it| it.as_str().to_owned()),
            detailed_status: detailed.map(|detailed| detailed.as_str().to_owned()),
            reason: summary.status_reason,
            unit: summary.organizational_unit_id,
            source: "cloudformation:ListStackInstances".into(),
        }
    }
}

async fn unreadable(clients: &OrganizationClients, call: &str, failure: &CallFailure) -> Failure {
    let cause = &failure.cause;
    if cause.contains("delegated admin") {
        let remedy = clients.sign_in(STACK_SETS).await;
        return Failure::new(format!(
            "{call} as {}: {cause}; {remedy}",
            clients.viewpoint.arn
        ));
    }
    clients.refused(call, failure)
}

/// The parameter `MaximumExecutionFrequency` of the template's pack.
fn frequency(template: &str) -> Option<String> {
    let template: Value = serde_json::from_str(template).ok()?;
    let mut resources = template["Resources"].as_object()?.values();
    let pack = resources.find(|it| it["Type"] == "AWS::Config::ConformancePack")?;
    let parameters = pack["Properties"]["ConformancePackInputParameters"].as_array()?;
    let mut parameters = parameters.iter();
    let frequency = parameters.find(|it| it["ParameterName"] == "MaximumExecutionFrequency")?;
    frequency["ParameterValue"].as_str().map(str::to_owned)
}
