//! Why a command did not do what it was asked.

use std::error::Error;
use std::io::{self, Write};
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

/// The next step after a failed call, by its class. `account` is the account
/// whose policies decide about the call; `allow` is the remedy where none of
/// them allows it.
pub fn remedy(failure: &CallFailure, account: &str, allow: impl FnOnce() -> String) -> String {
    const AGAIN: &str = "run the command again; if this persists,";
    if failure.explicit_deny {
        return lift_deny(account);
    }
    match failure.class {
        FailureClass::Denied => allow(),
        FailureClass::Throttled => "wait a minute and run the command again".to_owned(),
        FailureClass::Transient => {
            format!("{AGAIN} look for the service in the AWS Health Dashboard")
        }
        FailureClass::Credentials => sign_in(),
        FailureClass::Refused => format!("{AGAIN} report it with this message"),
        FailureClass::MalformedResponse => format!(
            "{AGAIN} look for what cuts or changes responses: a proxy, a VPN, {}",
            endpoints()
        ),
        FailureClass::NotReached | FailureClass::OutOfTime => format!(
            "check the network and {}, then run the command again",
            endpoints()
        ),
    }
}

/// How to get credentials that AWS accepts, from where they come now.
pub fn sign_in() -> String {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let how = if set("AWS_ACCESS_KEY_ID").is_some() {
        "export new values of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
            .to_owned()
    } else if let Some(profile) = set("AWS_PROFILE") {
        format!("sign in again, for example with `aws sso login --profile {profile}`")
    } else {
        "sign in, for example with `aws configure` or `export AWS_PROFILE=NAME`".to_owned()
    };
    format!("{how}, until `aws sts get-caller-identity` succeeds")
}

/// The variables that send calls elsewhere than to AWS; never their values.
fn endpoints() -> String {
    let names = env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        (name.starts_with("AWS_ENDPOINT_URL") && !value.is_empty()).then_some(name)
    });
    let mut names: Vec<_> = names.collect();
    names.sort();
    match names[..] {
        [] => "the profile's `endpoint_url` if it has one".to_owned(),
        _ => names.join(", "),
    }
}

/// AWS's error code without the ending that some services give it and others
/// do not; empty if AWS did not answer with an error.
pub fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> &str {
    let code = error.code().unwrap_or_default();
    code.strip_suffix("Exception").unwrap_or(code)
}

/// The remedy where a policy denies the call explicitly: no permission helps
/// then, and neither does another attempt.
fn lift_deny(account: &str) -> String {
    format!(
        "a policy denies this explicitly, most often a service control policy on account \
         {account} or an organizational unit above it: from the management account `aws \
         organizations list-policies-for-target --target-id {account} --filter \
         SERVICE_CONTROL_POLICY`; exempt root sessions from it (`\"Null\": \
         {{\"aws:AssumedRoot\": \"true\"}}`). AWS Control Tower's control \
         AWS-GR_RESTRICT_ROOT_USER does so where its parameter ExemptAssumeRoot is set: \
         {DOCS}/remediation.md#what-you-need"
    )
}
