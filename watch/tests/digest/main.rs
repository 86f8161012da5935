//! What the watch publishes and remembers, from facts about an organization to the text of
//! the e-mail: through the library's own evaluation, without AWS.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod bounds;
mod days;
mod exemptions;
mod named;
mod not_visible;
mod organization;
mod properties;
mod screen;
mod screens;
