//! The service principals under which AWS Organizations knows the services.

/// Service-managed StackSets.
pub const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";
/// AWS Config's aggregators.
pub const AGGREGATORS: &str = "config.amazonaws.com";
/// AWS Config's organization conformance packs.
pub const PACKS: &str = "config-multiaccountsetup.amazonaws.com";
/// Centralized root access of IAM.
pub const ROOT_ACCESS: &str = "iam.amazonaws.com";

/// The services of which an account can be a delegated administrator.
pub const DELEGATED: [&str; 4] = [STACK_SETS, AGGREGATORS, PACKS, ROOT_ACCESS];
