//! The real `root-keys` binary against the local AWS emulator: what it prints, how it
//! ends, and what it sends.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and one prints what it measured"
)]

mod apply;
mod check;
mod credentials;
mod delete;
mod delete_outcomes;
mod endpoints;
mod exemptions_object;
mod exit_codes;
mod fleet;
mod histories;
mod library;
mod list;
mod list_accounts;
mod list_many;
mod operations;
#[path = "../../examples/page/organization.rs"]
mod organization;
mod plan;
mod planned;
mod preconditions;
mod prevention;
mod reading;
mod rollout;
mod screen;
mod shell;
mod status;
mod status_aggregator;
mod status_display;
mod status_exemptions;
mod status_page;
mod status_preflight;
mod status_regions;
mod status_rollout;
mod status_sources;
mod wire;
