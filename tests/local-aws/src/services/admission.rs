//! Who may come in, and with what; each refusal in the words of its service.

use crate::{
    protocol::error::AwsError,
    protocol::operation::{Operation, Service, known_operations},
    protocol::signature::Signature,
    state::signer::Signer,
};

/// The operation and the signer of a request that is signed by somebody known,
/// for this service, and asks for something it has and they may do.
pub(crate) fn admit(
    service: Service,
    operation: Option<Operation>,
    signature: Option<&Signature>,
    signer: Option<Signer>,
) -> Result<(Operation, Signer), AwsError> {
    let signature = signature.ok_or_else(|| unsigned(service))?;
    let signer = signer.ok_or_else(|| unknown_signer(service))?;
    if signature.service != service.signing_name() {
        return Err(signed_for_another(service));
    }
    let operation = operation.ok_or_else(|| no_such_operation(service))?;
    signer.may(operation)?;
    Ok((operation, signer))
}

fn unsigned(service: Service) -> AwsError {
    let message = "Request is missing Authentication Token";
    if service.speaks_query() {
        AwsError::new(403, "MissingAuthenticationToken", message)
    } else {
        AwsError::new(400, "MissingAuthenticationTokenException", message)
    }
}

fn unknown_signer(service: Service) -> AwsError {
    let message = "The security token included in the request is invalid.";
    if service.speaks_query() {
        AwsError::new(403, "InvalidClientTokenId", message)
    } else {
        AwsError::new(400, "UnrecognizedClientException", message)
    }
}

fn signed_for_another(service: Service) -> AwsError {
    let name = service.signing_name();
    let message = format!("Credential should be scoped to correct service: '{name}'.");
    if service.speaks_query() {
        AwsError::new(403, "SignatureDoesNotMatch", message)
    } else {
        AwsError::new(400, "InvalidSignatureException", message)
    }
}

fn no_such_operation(service: Service) -> AwsError {
    let message = known_operations(service);
    if service.speaks_query() {
        AwsError::new(400, "InvalidAction", message)
    } else {
        AwsError::new(400, "UnknownOperationException", message)
    }
}
