//! Lists, evaluates, and deletes access keys of root users in an AWS organization.
//!
//! The binary `root-keys` adds the command line and the credential sources of the AWS
//! CLI (`main.rs`, `cli`); another binary can use this library without them: it
//! passes an [`aws_config::SdkConfig`] to [`aws::caller::Caller::new`].
//!
//! | folder or file | what is in it |
//! |---|---|
//! | [`organization`] | facts about the organization, read from AWS |
//! | [`status`] | evaluates these facts and renders the result (pure) |
//! | [`root_session`] | root sessions: the keys of root users, and their deletion |
//! | `exemptions_object` | the exemptions in the bucket of the watch (with the feature `cli`) |
//! | [`exemption_changes`] | what a new file of exemptions changes (pure) |
//! | [`exemptions`] | accounts that stay as they are for a while (pure) |
//! | [`own_account`] | the rule's own evaluation of the current account |
//! | [`aws`] | what every call to AWS shares |
//! | [`failure`], [`text`], [`time`], [`docs`], [`progress`], [`spreadsheet`] | shared by all: failures, words, times, links, progress, cells |
//!
//! Each module imports only modules in lower rows of this table. Pure modules call neither AWS nor a clock, and
//! use no type of the AWS SDK.

pub mod aws;
pub mod docs;
pub mod exemption_changes;
pub mod exemptions;
#[cfg(feature = "cli")]
pub mod exemptions_object;
pub mod failure;
pub mod organization;
pub mod own_account;
pub mod progress;
pub mod root_session;
pub mod spreadsheet;
pub mod status;
pub mod text;
pub mod time;
