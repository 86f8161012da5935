//! Why a command did not do what it was asked.

use std::error::Error;
use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, fmt};

use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use root_access_key_rule::aws::failure::{CallFailure, FailureClass};

use crate::DOCS;

/// One or more sentences for whoever typed the command: what was attempted, for
/// which account, what AWS answered, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(String);

impl Failure {
    /// A failure in those words: lower case, no full stop.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<CallFailure> for Failure {
    fn from(failure: CallFailure) -> Self {
        Self(format!("iam:GetAccountSummary: {}", failure.cause))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(format!("cannot write the result: {error}"))
    }
}

/// What a failed call was: its class and its cause in one line. With `--verbose`
/// the SDK's own chain of causes goes to standard error.
pub fn aws_answer<E>(error: &SdkError<E, HttpResponse>) -> CallFailure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    show_chain(error);
    CallFailure::of(error)
}

/// A response of AWS's that lacks what it must have.
pub fn incomplete(why: &str) -> CallFailure {
    CallFailure {
        class: FailureClass::MalformedResponse,
        code: String::new(),
        cause: why.to_owned(),
        retryable: true,
        explicit_deny: false,
        blamed_policy: None,
    }
}

static VERBOSE: AtomicBool = AtomicBool::new(false);

/// From now on, the SDK's causes of each failed call go to standard error.
pub fn be_verbose() {
    VERBOSE.store(true, Ordering::Relaxed);
}

/// Shows the chain of causes, one a line, if that is wanted. `Display` alone: the
/// SDK's `Debug` holds raw requests and responses.
pub fn show_chain(error: &dyn Error) {
    if !VERBOSE.load(Ordering::Relaxed) {
        return;
    }
    let mut next = Some(error);
    while let Some(cause) = next {
        let line = cause.to_string().replace(char::is_control, " ");
        let _ = writeln!(io::stderr(), "root-keys: caused by: {line}");
        next = cause.source();
    }
}

/// A call that was attempted, for its remedy.
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

/// The next step after a failed call, by its class; `allow` is the remedy where
/// no policy of the caller's allows it.
pub fn remedy(failure: &CallFailure, call: &Call, allow: impl FnOnce() -> String) -> String {
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
            format!("{AGAIN} look for the service in the AWS Health Dashboard")
        }
        (FailureClass::Credentials, _) => sign_in(),
        (FailureClass::Refused, _) => format!("{AGAIN} report it with this message"),
        (FailureClass::MalformedResponse, _) => format!(
            "{AGAIN} look for what cuts or changes responses: a proxy, a VPN, {}",
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

/// Policies as AWS's messages name them.
pub const IDENTITY: &str = "identity-based policy";
/// The same.
pub const SERVICE_CONTROL: &str = "service control policy";

/// The profile in use: its name, and whether it signs in with IAM Identity Center.
static PROFILE: OnceLock<(String, bool)> = OnceLock::new();

/// From now on, [`sign_in`] speaks of that profile.
pub fn use_profile(name: &str, sso: bool) {
    let _ = PROFILE.set((name.to_owned(), sso));
}

/// How to get credentials that AWS accepts, from where they come now.
pub fn sign_in() -> String {
    let how = if is_set("AWS_ACCESS_KEY_ID") {
        "export new values of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
            .to_owned()
    } else {
        match PROFILE.get() {
            Some((name, true)) => format!("sign in again: `aws sso login --profile {name}`"),
            Some((name, false)) => {
                format!("correct the profile (`aws configure list --profile {name}`)")
            }
            None => "sign in, for example with `aws configure` or `export AWS_PROFILE=NAME`".into(),
        }
    };
    format!("{how}, until `aws sts get-caller-identity` succeeds")
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// The variable that sends calls of that action elsewhere than to AWS, if one is
/// set; never its value
/// (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>).
pub fn endpoint_variable(action: &str) -> Option<String> {
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

/// AWS's error code without the ending that some services give it and others
/// do not; empty if AWS did not answer with an error.
pub fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> &str {
    let code = error.code().unwrap_or_default();
    code.strip_suffix("Exception").unwrap_or(code)
}

/// The remedy where a policy denies the call explicitly: no permission helps
/// then, and neither does another attempt.
fn lift_deny(failure: &CallFailure, call: &Call) -> String {
    let why = match failure.blamed_policy {
        Some(SERVICE_CONTROL) => "a service control policy denies this",
        None => "a policy denies this explicitly, most often a service control policy",
        Some(policy) => {
            return format!(
                "a {policy} denies {}: exempt {} from that {policy}",
                call.action, call.by
            );
        }
    };
    let found = match call.account {
        Some(account) => format!(
            "{why} on account {account} or an organizational unit above it: from the management \
             account `aws organizations list-policies-for-target --target-id {account} --filter \
             SERVICE_CONTROL_POLICY`"
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
