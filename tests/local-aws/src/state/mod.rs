//! What exists in the emulated AWS: accounts, their rules and results, the organization, who signs.
//!
//! Data and what follows from it; no operation of AWS is answered here.

pub(crate) mod account;
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
