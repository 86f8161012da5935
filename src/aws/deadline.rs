//! Limits how long a run may take: every wait for AWS ends before Lambda's timeout,
//! so that the function can report the failure by name.

use std::time::{Duration, SystemTime};

use tokio::time::{Instant, timeout};

use crate::aws::time_budget::FAILURE_MARGIN;

/// The time by which a run must end: one second before Lambda's own deadline.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

/// The deadline passed before a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadlinePassed {
    /// Nothing was sent.
    BeforeTheCall,
    /// The call was interrupted; AWS may have received its request.
    DuringTheCall,
}

impl Deadline {
    /// Returns the deadline of an invocation that Lambda ends at `lambda_deadline`.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "a time limit, not the verdict")]
    pub fn before(lambda_deadline: SystemTime) -> Self {
        let left = lambda_deadline
            .duration_since(SystemTime::now())
            .unwrap_or_default()
            // A far-off deadline must not overflow the clock.
            .min(Duration::from_mins(15));
        Self(Instant::now() + left.saturating_sub(FAILURE_MARGIN))
    }

    /// Returns a deadline at most `limit` from now, and `reserve` before this one.
    #[must_use]
    pub(crate) fn within(self, limit: Duration, reserve: Duration) -> Self {
        let left = self.left().saturating_sub(reserve);
        Self(Instant::now() + left.min(limit))
    }

    /// Returns the time until the deadline; zero once it has passed.
    #[must_use]
    pub(crate) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Runs `call` until it ends or the deadline passes. A call that could not
    /// end in time is not started.
    ///
    /// # Errors
    /// [`DeadlinePassed`] says whether the call was started.
    pub(crate) async fn run<T>(self, call: impl Future<Output = T>) -> Result<T, DeadlinePassed> {
        let left = self.left();
        if left.is_zero() {
            return Err(DeadlinePassed::BeforeTheCall);
        }
        let outcome = timeout(left, call).await;
        outcome.map_err(|_| DeadlinePassed::DuringTheCall)
    }
}

#[cfg(test)]
#[allow(
    clippy::disallowed_methods,
    reason = "time limits are calculated from now"
)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_second_is_reserved_for_reporting_a_failure() {
        let deadline = Deadline::before(SystemTime::now() + Duration::from_secs(30));
        assert!(deadline.left() <= Duration::from_secs(29));
        assert!(deadline.left() > Duration::from_secs(28));
    }

    #[tokio::test(start_paused = true)]
    async fn work_is_not_begun_after_the_deadline() {
        let deadline = Deadline::before(SystemTime::now());
        let mut begun = false;
        assert_eq!(
            deadline.run(async { begun = true }).await,
            Err(DeadlinePassed::BeforeTheCall)
        );
        assert!(!begun);
    }

    #[tokio::test(start_paused = true)]
    async fn work_ends_at_the_deadline() {
        let deadline = Deadline::before(SystemTime::now() + Duration::from_secs(5));
        assert_eq!(
            deadline.run(std::future::pending::<()>()).await,
            Err(DeadlinePassed::DuringTheCall)
        );
        assert!(deadline.left().is_zero());
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_of_the_run_leaves_time_for_the_rest() {
        let run = Deadline::before(SystemTime::now() + Duration::from_secs(30));
        let second = Duration::from_secs(1);
        assert_eq!(run.within(12 * second, 7 * second).left(), 12 * second);
        assert!(run.within(12 * second, 20 * second).left() < 10 * second);
        assert_eq!(run.within(12 * second, 40 * second).left(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_far_off_deadline_does_not_overflow() {
        let far = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::MAX / 2);
        assert!(Deadline::before(far).left() <= Duration::from_secs(899));
    }
}
