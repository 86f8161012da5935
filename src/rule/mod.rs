//! The rule itself, from the event to the words on the dashboard. Pure: nothing
//! here calls AWS, reads a clock or prints.

pub mod account_id;
pub mod annotation;
pub mod credential_report;
pub mod event;
pub mod verdict;
