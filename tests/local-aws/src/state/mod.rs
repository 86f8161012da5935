//! The state of the emulated AWS: accounts, their rules and results, the organization, signers.
//!
//! Only data and what follows from it; the operations are in `services`.

pub(crate) mod account;
pub(crate) mod bucket;
pub(crate) mod credential_report;
pub(crate) mod evaluation;
pub(crate) mod identifiers;
pub(crate) mod organization;
pub(crate) mod policy;
pub(crate) mod recorder;
pub(crate) mod rollout;
pub(crate) mod rule;
pub(crate) mod signer;
pub(crate) mod world;
