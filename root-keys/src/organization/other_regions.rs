//! Looks for the StackSet in the other regions of the partition.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_cloudformation::config::Region;
use tokio::task::JoinSet;

use crate::organization::clients::OrganizationClients;
use crate::organization::facts::{OtherRegion, STACK_SET};

/// The regions that every account has
/// (<https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>);
/// regions that an account has to enable are left out.
const REGIONS: &[(&str, &[&str])] = &[
    (
        "aws",
        &[
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
            "ca-central-1",
            "sa-east-1",
            "eu-central-1",
            "eu-north-1",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-southeast-1",
            "ap-southeast-2",
        ],
    ),
    ("aws-us-gov", &["us-gov-west-1", "us-gov-east-1"]),
    ("aws-cn", &["cn-north-1", "cn-northwest-1"]),
];

/// Finds the other regions in which this account administers the StackSet.
///
/// A region that does not respond is left out: this only adds a hint to "not in
/// this region".
pub async fn with_stack_set(clients: &OrganizationClients) -> Vec<OtherRegion> {
    let partition = clients.viewpoint.arn.split(':').nth(1).unwrap_or_default();
    let known = REGIONS.iter().find(|(name, _)| *name == partition);
    let others = known.into_iter().flat_map(|(_, regions)| regions.iter());
    let mut requests = JoinSet::new();
    for region in others.filter(|region| **region != clients.viewpoint.region) {
        let client = client_in(clients, region);
        let call_as = clients.call_as();
        requests.spawn(async move {
            let response = client
                .describe_stack_set()
                .stack_set_name(STACK_SET)
                .call_as(call_as)
                .send()
                .await;
            let found = response.is_ok_and(|response| response.stack_set.is_some());
            found.then(|| OtherRegion {
                region: (*region).to_owned(),
                evidence: format!("StackSet {STACK_SET} is administered from that region"),
            })
        });
    }
    requests.join_all().await.into_iter().flatten().collect()
}

fn client_in(
    clients: &OrganizationClients,
    region: &'static str,
) -> aws_sdk_cloudformation::Client {
    let config = clients
        .cloudformation
        .config()
        .to_builder()
        .region(Region::from_static(region))
        .retry_config(RetryConfig::standard().with_max_attempts(1))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(2))
                .operation_timeout(Duration::from_secs(5))
                .build(),
        )
        .build();
    aws_sdk_cloudformation::Client::from_conf(config)
}
