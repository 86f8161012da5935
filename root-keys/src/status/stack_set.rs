//! What the StackSet says of each account.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::StackInstanceSummary;
use root_access_key_rule::aws::failure::CallFailure;
use serde::Serialize;
use serde_json::Value;

use crate::failure::{Failure, aws_answer, code};
use crate::status::centre::{Account, Centre};
use crate::status::pages::{self, Source};

/// The StackSet's name, and that of its function and pack.
pub const NAME: &str = "root-access-key-rule-org";
/// The principal under which a delegated administrator of StackSets is registered.
pub const PRINCIPAL: &str = "member.org.stacksets.cloudformation.amazonaws.com";

/// The StackSet as its administrator sees it.
#[derive(Debug)]
pub struct StackSet {
    /// The units it goes to: `ou-…`, or the root `r-…`.
    pub units: Vec<String>,
    /// Whether its template brings the rule too (mode `stack-set`).
    pub brings_the_rule: bool,
    /// The rule's frequency, where the template says it.
    pub frequency: Option<String>,
    /// Its stacks in this region, by account.
    pub instances: BTreeMap<String, Instance>,
}

/// The StackSet's stack in one account.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// `CURRENT`, `OUTDATED` or `INOPERABLE`.
    pub status: String,
    /// `SUCCEEDED`, `FAILED`, `RUNNING` …
    pub detailed_status: Option<String>,
    /// AWS's words, if something is wrong.
    pub reason: Option<String>,
    /// The unit through which the account came in.
    pub unit: Option<String>,
    source: &'static str,
}

impl StackSet {
    /// The unit through which it goes to the account, if it is known to.
    pub fn unit_of(&self, account: &Account) -> Option<&String> {
        let path = account.path.as_deref().unwrap_or_default();
        let is_in = |unit: &&String| path.split('/').any(|step| step == unit.as_str());
        self.units.iter().find(is_in)
    }

    /// Whether it is known not to go to the account.
    pub fn leaves_out(&self, account: &Account) -> bool {
        let told = account.path.is_some() && !self.units.is_empty();
        told && self.unit_of(account).is_none()
    }
}

impl Instance {
    /// Whether the stack is there, in the StackSet's present form.
    pub fn is_current(&self) -> bool {
        self.status == "CURRENT"
    }

    /// Whether an operation is under way or about to be.
    pub fn is_in_progress(&self) -> bool {
        matches!(self.detailed_status.as_deref(), Some("PENDING" | "RUNNING"))
    }

    /// The one word that says most.
    pub fn word(&self) -> &str {
        match &self.detailed_status {
            Some(detailed) if !self.is_current() && detailed != "SUCCEEDED" => detailed,
            _ => &self.status,
        }
    }
}

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
    let described_by = Source::of(call, 1, 1);
    let (instances, source) = instances(centre).await?;
    let stack_set = StackSet {
        units: described.organizational_unit_ids.unwrap_or_default(),
        brings_the_rule: template.contains("AWS::Config::ConformancePack"),
        frequency: frequency(&template),
        instances,
    };
    Ok(Some((stack_set, vec![described_by, source])))
}

async fn instances(centre: &Centre) -> Result<(BTreeMap<String, Instance>, Source), Failure> {
    let call = "cloudformation:ListStackInstances";
    let (summaries, source) = pages::all(call, async |token| {
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
    .await?;
    let here = summaries
        .into_iter()
        .filter(|summary| summary.region.as_ref() == Some(&centre.region));
    let by_account = here.filter_map(|summary| Some((summary.account.clone()?, summary.into())));
    Ok((by_account.collect(), source))
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
