//! What to do after a failed call of the watch. Its reader gets an e-mail and is at no
//! terminal.

use root_access_key_rule::aws::failure::{CallFailure, FailureClass};
use root_keys::aws::next_step::Call;

/// Says what to do after a failed call.
#[must_use]
pub fn advice(failure: &CallFailure, call: &Call<'_>) -> String {
    if failure.explicit_deny {
        let policy = failure.blamed_policy.unwrap_or("policy");
        return format!(
            "exempt the watch's role from the {policy} that denies {}",
            call.action
        );
    }
    match failure.class {
        FailureClass::Denied => format!(
            "deploy the stack of the watch again, which allows {} to its role; if it is allowed already, look for \
             a service control policy that does not allow it",
            call.action
        ),
        FailureClass::Credentials => "check that the watch's role exists".to_owned(),
        FailureClass::Rejected => {
            "if tomorrow's report says the same, report it with this message".to_owned()
        }
        FailureClass::Throttled
        | FailureClass::Transient
        | FailureClass::MalformedResponse
        | FailureClass::NotReached
        | FailureClass::OutOfTime => {
            "tomorrow's report tries again; if it says the same, check the AWS Health Dashboard"
                .to_owned()
        }
    }
}
