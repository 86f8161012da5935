//! Connects the handler to Lambda: start, events, log.

mod diagnostic;
pub mod logging;
pub mod runtime;
pub mod startup;
