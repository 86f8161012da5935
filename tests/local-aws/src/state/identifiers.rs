//! The identifiers of the organization and the principals of the services that act in it.

/// The organization's ID.
pub(crate) const ID: &str = "o-localaws01";

/// The organization's root.
pub(crate) const ROOT: &str = "r-loca";

/// The principal of service-managed StackSets.
pub(crate) const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";

/// The principal of organization conformance packs.
pub(crate) const PACKS: &str = "config-multiaccountsetup.amazonaws.com";
/// IAM's feature that lets an administrator open root sessions in members.
pub(crate) const ROOT_CREDENTIALS_MANAGEMENT: &str = "RootCredentialsManagement";
/// The principal of IAM.
pub(crate) const IAM: &str = "iam.amazonaws.com";
