//! The time limits of one attempt, one call and one run. Together they end before
//! Lambda ends the run at 30 s.
//!
//! The SDK's defaults never end a call that hangs, so:
//!
//! ```text
//! one call         3 attempts x 2 s + waits of at most 0.3 s and 0.6 s = 6.9 s
//! the run          GetAccountSummary 7 s + report 12 s + PutEvaluations 7 s = 26 s
//! failure margin   1 s
//! together         27 s < 30 s, the function's timeout in cdk/lib
//! ```
//!
//! If Lambda's deadline is nearer, each call ends by then (`deadline.rs`).

use std::time::Duration;

/// The longest one attempt may take, connecting included.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest one call may take, all attempts and waits included.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(7);
/// The maximum number of attempts of a call. Throttling, 5xx, timeouts, broken
/// connections and incomplete responses are retried; every other failure is final.
pub(crate) const ATTEMPTS: u32 = 3;
/// The longest wait before the second attempt; it doubles, with full jitter.
pub(crate) const INITIAL_BACKOFF: Duration = Duration::from_millis(300);
/// The longest that one run may spend on the credential report.
pub(crate) const CREDENTIAL_REPORT_BUDGET: Duration = Duration::from_secs(12);
/// The time reserved before Lambda's deadline to report a failed run by name.
pub(crate) const FAILURE_MARGIN: Duration = Duration::from_secs(1);
