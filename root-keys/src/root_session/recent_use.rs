//! Refuses to delete a key that may be in use.

use chrono::{DateTime, TimeDelta, Utc};

use crate::docs::DOCS;
use crate::failure::Failure;
use crate::organization::reachability::Member;
use crate::root_session::root_key::{LastUse, RootKey};
use crate::time::Time;

/// What used a key within this time may use it again. IAM also records a use with a
/// delay, which is always shorter than this.
const RECENT: TimeDelta = TimeDelta::days(30);

/// Checks that the key was not used within 30 days before `now`.
///
/// # Errors
/// When it was, or may have been: IAM records a use with a delay, so a younger key
/// without a recorded use proves nothing.
pub fn refuse_if_recently_used(
    key: &RootKey,
    member: &Member,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let recent = |at: &Time| now - at.0 <= RECENT;
    let why = match (&key.last_used, &key.created) {
        (Some(LastUse { at, .. }), _) if recent(at) => {
            format!("was used on {at}, less than 30 days ago")
        }
        (None, Some(created)) if recent(created) => format!(
            "was created on {created}, less than 30 days ago, and has no use on record, but \
             IAM records a use with a delay: it may be in use"
        ),
        (None, None) => "has neither a creation date nor a use on record: it may be in use".into(),
        _ => return Ok(()),
    };
    Err(Failure::new(format!(
        "nothing was deleted: access key {} of the root user of account {} {why}; deleting it \
         would break whatever uses it; find out what that is and give it other credentials \
         ({DOCS}/remediation.md#who-uses-the-key), or use --used-recently-anyway",
        key.access_key_id, member.account
    )))
}
