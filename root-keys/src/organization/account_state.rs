//! The states of an account in AWS Organizations, and what each means.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html>

/// Whether AWS runs nothing in an account of that state: no sign-in, no root
/// session, no stack, no evaluation.
///
/// An unknown state is not one of them, so that the account is read.
#[must_use]
pub fn is_inactive(state: &str) -> bool {
    remedy(state).is_some()
}

/// Says what to do about an account of that state before its root user can be
/// reached; `None` if no obstacle is known.
#[must_use]
pub fn remedy(state: &str) -> Option<&'static str> {
    match state {
        "PENDING_ACTIVATION" => Some("complete its sign-up first"),
        "SUSPENDED" => Some(
            "reopen it through AWS Support within 90 days of its closure, or leave its keys to \
             AWS's closure",
        ),
        "PENDING_CLOSURE" | "CLOSED" => {
            Some("reopen it through AWS Support within 90 days, or leave its keys to AWS's closure")
        }
        _ => None,
    }
}
