//! What the StackSet says of each account.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudformation::types::StackInstanceSummary;
use root_access_key_rule::aws::failure::CallFailure;
use serde_json::Value;

use crate::failure::{Failure, aws_answer, code};
use crate::status::centre::Centre;
use crate::status::facts::{Instance, STACK_SET as NAME, Source, StackSet};
use crate::status::pages;

/// The principal under which a delegated administrator of StackSets is registered.
pub const PRINCIPAL: &str = "member.org.stacksets.cloudformation.amazonaws.com";

/// Reads it; `None` if none is administered from here.
///
/// # Errors
/// When CloudFormation does not tell.
pub async fn read(centre: &Centre) -> Result<Option<(StackSet, Vec<Source>)>, Failure> {
    let call = "cloudformation:DescribeStackSet";
    let answer = centre
        .cloudformation
        .describe_stack_set()
        .stack_set_name(NAME)
        .call_as(centre.call_as())
        .send()
        .await;
    let described = match answer {
        Ok(answer) => answer.stack_set,
        Err(error) if code(&error) == "StackSetNotFound" => return Ok(None),
        Err(error) => return Err(unreadable(centre, call, &aws_answer(&error)).await),
    };
    let described = described
        .ok_or_else(|| Failure::new(format!("{call}: the answer does not say; try again")))?;
    let template = described.template_body.unwrap_or_default();
    let described_by = pages::source(call, 1, 1);
    let (summaries, source) = instances(centre).await?;
    let mut instances = BTreeMap::new();
    let mut other_regions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for summary in summaries {
        match (summary.account.clone(), summary.region.clone()) {
            (Some(account), Some(region)) if region == centre.region => {
                instances.insert(account, summary.into());
            }
            (Some(account), Some(region)) => {
                other_regions.entry(account).or_default().insert(region);
            }
            _ => {}
        }
    }
    let stack_set = StackSet {
        units: described.organizational_unit_ids.unwrap_or_default(),
        brings_the_rule: template.contains("AWS::Config::ConformancePack"),
        frequency: frequency(&template),
        instances,
        other_regions,
    };
    Ok(Some((stack_set, vec![described_by, source])))
}

async fn instances(centre: &Centre) -> Result<(Vec<StackInstanceSummary>, Source), Failure> {
    let call = "cloudformation:ListStackInstances";
    pages::all(&centre.progress, call, async |token| {
        let answer = centre
            .cloudformation
            .list_stack_instances()
            .stack_set_name(NAME)
            .call_as(centre.call_as())
            .set_next_token(token)
            .send()
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Err(unreadable(centre, call, &aws_answer(&error)).await),
        };
        Ok((answer.summaries.unwrap_or_default(), answer.next_token))
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
            source: "cloudformation:ListStackInstances",
        }
    }
}

async fn unreadable(centre: &Centre, call: &str, failure: &CallFailure) -> Failure {
    let cause = &failure.cause;
    if cause.contains("delegated admin") {
        let remedy = centre.sign_in(PRINCIPAL).await;
        return Failure::new(format!("{call} as {}: {cause}; {remedy}", centre.arn));
    }
    centre.refused(call, failure)
}

/// The parameter `MaximumExecutionFrequency` of the template's pack.
fn frequency(template: &str) -> Option<String> {
    let template: Value = serde_json::from_str(template).ok()?;
    let mut resources = template["Resources"].as_object()?.values();
    let pack = resources.find(|it| it["Type"] == "AWS::Config::ConformancePack")?;
    let parameters = pack["Properties"]["ConformancePackInputParameters"].as_array()?;
    let mut parameters = parameters.iter();
    let wanted = parameters.find(|it| it["ParameterName"] == "MaximumExecutionFrequency")?;
    wanted["ParameterValue"].as_str().map(str::to_owned)
}
