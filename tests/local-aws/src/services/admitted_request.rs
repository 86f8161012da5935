//! A request as the services receive it: signed, admitted, parsed.

use serde_json::Value;

use crate::{protocol::operation::Operation, state::signer::Signer};

/// Everything about a request that a service needs to answer it.
#[derive(Debug)]
pub(crate) struct AdmittedRequest {
    pub operation: Operation,
    pub signer: Signer,
    /// The region it was signed for.
    pub region: String,
    /// The form's fields (Query) or the body (JSON 1.1).
    pub parameters: Value,
    pub request_id: String,
}

impl AdmittedRequest {
    /// The account of the signer.
    pub fn caller(&self) -> &str {
        &self.signer.account
    }

    /// A parameter that is text; empty when it is absent.
    pub fn text(&self, name: &str) -> &str {
        self.parameters[name].as_str().unwrap_or_default()
    }
}
