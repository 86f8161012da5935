//! Who may call what, and the refusals that every service has, in its own words.

use crate::{
    protocol::{
        error::AwsError,
        operation::{Operation, Service, known_operations},
        signature::Signature,
    },
    state::{
        organization::Organization,
        signer::{Principal, Signer},
    },
};

/// The operation and the signer of a request that is signed by somebody known,
/// for this service, and asks for something it has and they may do.
pub(crate) fn admit(
    organization: Option<&Organization>,
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
    if let Principal::RootSession(policy) = signer.principal
        && !policy.allows(operation)
    {
        let why = format!(
            "because no session policy allows the {} action",
            action(operation)
        );
        return Err(denied(operation, &signer, &why));
    }
    if organization.is_some_and(|it| it.denies(&signer, &action(operation))) {
        let why = "with an explicit deny in a service control policy";
        return Err(denied(operation, &signer, why));
    }
    Ok((operation, signer))
}

/// No identity-based policy of the signer allows the operation.
pub(crate) fn not_allowed(operation: Operation, signer: &Signer) -> AwsError {
    let action = action(operation);
    let why = format!("because no identity-based policy allows the {action} action");
    denied(operation, signer, &why)
}

/// Refused for its rate.
pub(crate) fn throttled(service: Service) -> AwsError {
    let code = match service {
        Service::Organizations => "TooManyRequestsException",
        _ if service.speaks_query() => "Throttling",
        _ => "ThrottlingException",
    };
    AwsError::refused(code, "Rate exceeded")
}

/// The service failed with that status.
pub(crate) fn failed(service: Service, status: u16) -> AwsError {
    let code = match (service, status) {
        (_, 503) => "ServiceUnavailable",
        (Service::Iam, _) => "ServiceFailure",
        (Service::Organizations, _) => "ServiceException",
        _ => "InternalFailure",
    };
    let message = "The request processing has failed because of an unknown error.";
    AwsError::new(status, code, message)
}

fn denied(operation: Operation, signer: &Signer, why: &str) -> AwsError {
    let resource = match signer.principal {
        Principal::Role => "*".to_owned(),
        Principal::RootUser | Principal::RootSession(_) => signer.arn(),
    };
    let message = format!(
        "User: {} is not authorized to perform: {} on resource: {resource} {why}",
        signer.arn(),
        action(operation),
    );
    let codes = ((403, "AccessDenied"), "AccessDeniedException");
    worded(operation.service(), codes, message)
}

fn unsigned(service: Service) -> AwsError {
    let codes = (
        (403, "MissingAuthenticationToken"),
        "MissingAuthenticationTokenException",
    );
    let message = "Request is missing Authentication Token";
    worded(service, codes, message.to_owned())
}

fn unknown_signer(service: Service) -> AwsError {
    let codes = ((403, "InvalidClientTokenId"), "UnrecognizedClientException");
    let message = "The security token included in the request is invalid.";
    worded(service, codes, message.to_owned())
}

fn signed_for_another(service: Service) -> AwsError {
    let codes = ((403, "SignatureDoesNotMatch"), "InvalidSignatureException");
    let name = service.signing_name();
    let message = format!("Credential should be scoped to correct service: '{name}'.");
    worded(service, codes, message)
}

fn no_such_operation(service: Service) -> AwsError {
    let codes = ((400, "InvalidAction"), "UnknownOperationException");
    worded(service, codes, known_operations(service))
}

/// The status and code of the Query protocol, or the code of JSON 1.1, where each refusal has status 400.
fn worded(service: Service, (query, json): ((u16, &str), &str), message: String) -> AwsError {
    if service.speaks_query() {
        AwsError::new(query.0, query.1, message)
    } else {
        AwsError::refused(json, message)
    }
}

/// As policies name it, for example `iam:DeleteAccessKey`.
fn action(operation: Operation) -> String {
    format!("{}:{operation}", operation.service().signing_name())
}
