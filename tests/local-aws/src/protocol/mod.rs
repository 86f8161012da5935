//! The wire: sockets, TLS, signatures, the two protocols, and faulty responses.
//!
//! Nothing here knows an account or an operation's response.

pub(crate) mod delivery;
pub(crate) mod error;
pub(crate) mod fault;
pub(crate) mod json;
pub(crate) mod operation;
pub(crate) mod other_services;
pub(crate) mod paging;
pub(crate) mod query;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod rest;
pub(crate) mod server;
pub(crate) mod signature;
pub(crate) mod tls;
