//! Times of the AWS SDK.

use aws_smithy_types::DateTime;

use crate::time::Time;

/// Drops the fraction of a second; `None` if the calendar does not reach so far.
#[must_use]
pub fn time(time: &DateTime) -> Option<Time> {
    Time::from_unix_seconds(time.secs())
}
