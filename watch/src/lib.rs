//! The watch of an organization: once a day it reports which accounts need action, until
//! none does.
//!
//! A state machine invokes the function step by step (docs/organization.md). The steps
//! share one checkpoint in the bucket, so that a step that is retried continues where the
//! one before it ended:
//!
//! ```text
//! Lambda payload                      event.rs          checked
//!   → Reading, in slices               steps/work.rs     root_keys::organization::reading
//!   → Report → status.json|csv|html    steps/report.rs   root_keys::status, the same as `root-keys status`
//!   → one StackSet operation or none   repair.rs         decided, then stored, then started
//!   → Answer with the digest           digest.rs         the state machine publishes it
//!   → latest.json                      steps/record.rs   written last
//! ```
//!
//! | file | what is in it |
//! |---|---|
//! | [`event`], [`answer`], [`error`] | what the state machine sends and receives (pure) |
//! | [`latest`], [`cause`] | the document `latest.json` (pure) |
//! | [`next`] | makes the next one: what is open, since when, and what closed (pure) |
//! | [`digest`] | words the e-mail (pure) |
//! | [`history`] | what the page of a report shows beside today's facts (pure) |
//! | [`repair`] | which operation on the StackSet is started (pure) |
//! | [`stored`], [`keys`] | what the bucket has under which key (pure) |
//! | [`checkpoint`] | the state that the steps of a run share |
//! | [`metrics`] | the line of the log with the metrics (pure) |
//! | [`advice`] | what to do after a failed call |
//! | [`settings`] | the function's environment variables |
//! | [`bucket`] | reads and writes objects |
//! | [`steps`] | the two steps, and the time that they have |
//! | [`local`], [`log`] | between the steps and Lambda: where they run, and the log |
//!
//! Each module imports only modules in its own row or above it.

pub mod advice;
pub mod answer;
pub mod bucket;
pub mod cause;
pub mod checkpoint;
pub mod digest;
pub mod error;
pub mod event;
mod external;
pub mod history;
pub mod keys;
pub mod latest;
pub mod local;
pub mod log;
pub mod metrics;
pub mod next;
pub mod repair;
mod repair_lines;
pub mod settings;
pub mod steps;
pub mod stored;
