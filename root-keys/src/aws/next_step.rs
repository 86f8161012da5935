//! What to do after a failed call, by the class of the failure.

use std::env;
use std::sync::OnceLock;

use root_access_key_rule::aws::failure::{CallFailure, FailureClass};

use crate::docs::DOCS;

/// A call that was attempted.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// As policies name it, for example `iam:GetAccountSummary`.
    pub action: &'a str,
    /// Who called: an ARN, or the root user of an account in words.
    pub by: &'a str,
    /// The account whose policies decide about the call; `None` if it is not known.
    pub account: Option<&'a str>,
    /// Whether it opens a session of a member's root user, or is made in one.
    pub as_root: bool,
}

/// An identity-based policy, as AWS's messages name it.
pub const IDENTITY: &str = "identity-based policy";
/// A service control policy, as AWS's messages name it.
pub const SERVICE_CONTROL: &str = "service control policy";

/// Says what to do after a failed call; `allow` is the advice where no policy of
/// the caller's account allows it.
pub fn next_step(failure: &CallFailure, call: &Call, allow: impl FnOnce() -> String) -> String {
    const AGAIN: &str = "run the command again; if this persists,";
    if failure.explicit_deny {
        return lift_deny(failure, call);
    }
    let endpoint = || endpoint(call.action);
    match (failure.class, failure.blamed_policy) {
        (FailureClass::Denied, None | Some(IDENTITY | SERVICE_CONTROL)) => allow(),
        (FailureClass::Denied, Some(policy)) => {
            format!("allow {} to {} in the {policy}", call.action, call.by)
        }
        (FailureClass::Throttled, _) => "wait a minute and run the command again".to_owned(),
        (FailureClass::Transient, _) => {
            format!("{AGAIN} check the AWS Health Dashboard for the service")
        }
        (FailureClass::Credentials, _) => sign_in(),
        (FailureClass::Rejected, _) => format!("{AGAIN} report it with this message"),
        (FailureClass::MalformedResponse, _) => format!(
            "{AGAIN} check for anything that truncates or changes responses: a proxy, a VPN, {}",
            endpoint()
        ),
        (FailureClass::NotReached, _) if !failure.retryable => {
            format!("correct {}, then run the command again", endpoint())
        }
        (FailureClass::NotReached | FailureClass::OutOfTime, _) => format!(
            "check the network and {}, then run the command again",
            endpoint()
        ),
    }
}

/// The profile in use.
#[derive(Debug)]
pub struct Profile {
    /// Its name in the AWS configuration files.
    pub name: String,
    /// Whether it signs in with IAM Identity Center.
    pub sso: bool,
}

static PROFILE: OnceLock<Profile> = OnceLock::new();

/// Makes [`sign_in`] name this profile from now on.
pub fn use_profile(profile: Profile) {
    let _ = PROFILE.set(profile);
}

/// The profile that [`use_profile`] set.
pub(super) fn profile() -> Option<&'static Profile> {
    PROFILE.get()
}

/// Says how to get credentials that AWS accepts, by where they come from now.
#[must_use]
pub fn sign_in() -> String {
    let how = if is_set("AWS_ACCESS_KEY_ID") {
        "export new values of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
            .to_owned()
    } else {
        match profile() {
            Some(Profile { name, sso: true }) => {
                format!("sign in again: `aws sso login --profile {name}`")
            }
            Some(Profile { name, sso: false }) => {
                format!("correct the profile (`aws configure list --profile {name}`)")
            }
            None => "sign in, for example with `aws configure` or `export AWS_PROFILE=NAME`".into(),
        }
    };
    format!("{how}; check with `aws sts get-caller-identity`")
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// The environment variable that sends calls of that action to another endpoint
/// than AWS's, if one is set; never its value
/// (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>).
pub(super) fn endpoint_variable(action: &str) -> Option<String> {
    let service = match action.split(':').next().unwrap_or_default() {
        "config" => "CONFIG_SERVICE".to_owned(),
        prefix => prefix.to_uppercase(),
    };
    let names = [
        format!("AWS_ENDPOINT_URL_{service}"),
        "AWS_ENDPOINT_URL".to_owned(),
    ];
    names.into_iter().find(|name| is_set(name))
}

fn endpoint(action: &str) -> String {
    let profile = || "the profile's `endpoint_url` if it has one".to_owned();
    endpoint_variable(action).unwrap_or_else(profile)
}

/// What to do where a policy denies the call explicitly: neither a permission nor
/// another attempt helps.
fn lift_deny(failure: &CallFailure, call: &Call) -> String {
    let why = match failure.blamed_policy {
        Some(SERVICE_CONTROL) => "a service control policy denies this",
        None => "a policy denies this explicitly, most often a service control policy",
        Some(policy) => {
            return format!(
                "{} {policy} denies {}: exempt {} from that {policy}",
                if policy.starts_with('i') { "an" } else { "a" },
                call.action,
                call.by
            );
        }
    };
    let found = match call.account {
        Some(account) => format!(
            "{why}; it is attached to account {account} or above it: list the policies from the \
             management account with `aws organizations list-policies-for-target --target-id \
             {account} --filter SERVICE_CONTROL_POLICY`"
        ),
        None => why.to_owned(),
    };
    if !call.as_root {
        return format!("{found}; exempt {} from it", call.by);
    }
    format!(
        "{found}; exempt root sessions from it (`\"Null\": {{\"aws:AssumedRoot\": \"true\"}}`). AWS \
         Control Tower's control AWS-GR_RESTRICT_ROOT_USER does so where its parameter \
         ExemptAssumeRoot is set: {DOCS}/remediation.md#what-you-need"
    )
}
