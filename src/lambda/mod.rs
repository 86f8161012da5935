//! Between Lambda and the handler: the start, the events, the log.

mod diagnostic;
pub mod logging;
pub mod runtime;
pub mod startup;
