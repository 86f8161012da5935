//! The services of AWS that the emulator knows, one folder or file each, and who may call them.

pub(crate) mod admission;
pub(crate) mod cloudformation;
pub(crate) mod config;
pub(crate) mod iam;
pub(crate) mod organizations;
pub(crate) mod sts;
