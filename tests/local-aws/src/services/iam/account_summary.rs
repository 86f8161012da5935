//! IAM's account summary: how many entities an account has, and whether its root user has keys.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>

use serde_json::{Value, json};

use crate::{
    protocol::{operation::Service, query::response},
    state::account::Account,
};

/// IAM's response to `GetAccountSummary`, byte for byte as the emulator sends it.
#[must_use]
pub fn summary_answer(account: &Account, request_id: &str) -> String {
    let summary = summary(account);
    response(Service::Iam, "GetAccountSummary", request_id, &summary)
}

/// Every key of the service model, with AWS's default quotas.
pub(crate) fn summary(account: &Account) -> Value {
    let entries = [
        ("GroupPolicySizeQuota", 5120),
        ("InstanceProfilesQuota", 1000),
        ("Policies", 8),
        ("GroupsPerUserQuota", 10),
        ("InstanceProfiles", 2),
        ("AttachedPoliciesPerUserQuota", 10),
        ("Users", 2),
        ("PoliciesQuota", 1500),
        ("Providers", 1),
        ("AccountMFAEnabled", account.mfa.into()),
        ("AccessKeysPerUserQuota", 2),
        ("AssumeRolePolicySizeQuota", 2048),
        ("PolicyVersionsInUseQuota", 10000),
        ("GlobalEndpointTokenVersion", 1),
        ("VersionsPerPolicyQuota", 5),
        ("AttachedPoliciesPerGroupQuota", 10),
        ("PolicySizeQuota", 6144),
        ("Groups", 3),
        ("AccountSigningCertificatesPresent", 0),
        ("UsersQuota", 5000),
        ("ServerCertificatesQuota", 20),
        ("MFADevices", 1),
        ("UserPolicySizeQuota", 2048),
        ("PolicyVersionsInUse", 22),
        ("ServerCertificates", 0),
        ("Roles", 31),
        ("RolesQuota", 1000),
        ("SigningCertificatesPerUserQuota", 2),
        ("MFADevicesInUse", 1),
        ("RolePolicySizeQuota", 10240),
        ("AttachedPoliciesPerRoleQuota", 10),
        ("AccountAccessKeysPresent", account.keys_present()),
        ("AccountPasswordPresent", account.password.into()),
        ("GroupsQuota", 300),
    ];
    let entries = entries.map(|(key, value)| json!({ "key": key, "value": value }));
    json!({ "SummaryMap": Value::from_iter(entries) })
}
