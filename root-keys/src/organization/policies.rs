//! Reads the service control policies of the organization, and what the recognized
//! ones are attached to.
//!
//! The number of calls grows with the policies, not with the accounts: the policies are
//! listed once, each is described, and the targets of those that are recognized are
//! listed. Policies that AWS manages are left out: `FullAWSAccess` denies nothing.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{PolicySummary, PolicyType};
use root_access_key_rule::aws::failure::CallFailure;

use crate::aws::call::call_failure;
use crate::failure::Failure;
use crate::organization::facts::Source;
use crate::organization::paging::Listings;
use crate::organization::policy_content::{RecognizedPolicy, kinds};

const LIST: &str = "organizations:ListPolicies";
const DESCRIBE: &str = "organizations:DescribePolicy";
const TARGETS: &str = "organizations:ListTargetsForPolicy";

/// Reads them all. `refused` words the failure of a call.
///
/// # Errors
/// When one of the calls fails: then nothing is known of any policy.
pub async fn read(
    client: &Client,
    listings: &Listings,
    refused: impl AsyncFn(&'static str, CallFailure) -> Failure,
) -> Result<(Vec<RecognizedPolicy>, Vec<Source>), Failure> {
    let (listed, by_list) = list(client, listings, &refused).await?;
    let own: Vec<_> = listed.into_iter().filter(|it| !it.aws_managed).collect();
    let task = listings.progress.counting(DESCRIBE, own.len());
    let (mut recognized, mut by_targets) = (Vec::new(), listings.source(TARGETS, 0, 0));
    for (number, policy) in (1..).zip(&own) {
        let incomplete = |what| refused(DESCRIBE, CallFailure::incomplete(what));
        let Some(id) = policy.id.as_deref() else {
            return Err(incomplete("a policy has no id").await);
        };
        let Some(content) = describe(client, id, &refused).await? else {
            return Err(incomplete("it has no content").await);
        };
        let kinds = kinds(&content);
        if !kinds.is_empty() {
            let (targets, source) = targets(client, listings, id, &refused).await?;
            by_targets.requests += source.requests;
            by_targets.items += source.items;
            by_targets.at = source.at;
            recognized.extend(kinds.into_iter().map(|kind| RecognizedPolicy {
                kind,
                id: id.to_owned(),
                name: policy.name.clone().unwrap_or_default(),
                targets: targets.clone(),
            }));
        }
        task.reached(number);
    }
    let by_describe = listings.source(DESCRIBE, own.len(), own.len());
    let sources = [by_list, by_describe, by_targets].into_iter();
    Ok((recognized, sources.filter(|it| it.requests > 0).collect()))
}

async fn list(
    client: &Client,
    listings: &Listings,
    refused: &impl AsyncFn(&'static str, CallFailure) -> Failure,
) -> Result<(Vec<PolicySummary>, Source), Failure> {
    listings
        .all(LIST, async |token| {
            let request = client
                .list_policies()
                .filter(PolicyType::ServiceControlPolicy)
                .set_next_token(token);
            match request.send().await {
                Ok(page) => Ok((page.policies.unwrap_or_default(), page.next_token)),
                Err(error) => Err(refused(LIST, call_failure(&error)).await),
            }
        })
        .await
}

/// The content of the policy; `None` if the response lacks it.
async fn describe(
    client: &Client,
    id: &str,
    refused: &impl AsyncFn(&'static str, CallFailure) -> Failure,
) -> Result<Option<String>, Failure> {
    match client.describe_policy().policy_id(id).send().await {
        Ok(response) => Ok(response.policy.and_then(|policy| policy.content)),
        Err(error) => Err(refused(DESCRIBE, call_failure(&error)).await),
    }
}

async fn targets(
    client: &Client,
    listings: &Listings,
    id: &str,
    refused: &impl AsyncFn(&'static str, CallFailure) -> Failure,
) -> Result<(Vec<String>, Source), Failure> {
    let (targets, source) = listings
        .hidden()
        .all(TARGETS, async |token| {
            let request = client
                .list_targets_for_policy()
                .policy_id(id)
                .set_next_token(token);
            match request.send().await {
                Ok(page) => Ok((page.targets.unwrap_or_default(), page.next_token)),
                Err(error) => Err(refused(TARGETS, call_failure(&error)).await),
            }
        })
        .await?;
    let ids: Option<Vec<_>> = targets.into_iter().map(|it| it.target_id).collect();
    match ids {
        Some(ids) => Ok((ids, source)),
        None => Err(refused(TARGETS, CallFailure::incomplete("a target has no id")).await),
    }
}
