//! Who may call what, and the errors that every service has, in the words of its protocol.

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

/// The codes of an error in the Query protocol and in JSON 1.1.
type Codes = [&'static str; 2];

const UNSIGNED: Codes = [
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
];
const UNKNOWN_SIGNER: Codes = ["InvalidClientTokenId", "UnrecognizedClientException"];
const OTHER_SERVICE: Codes = ["SignatureDoesNotMatch", "InvalidSignatureException"];
const NO_SUCH_OPERATION: Codes = ["InvalidAction", "UnknownOperationException"];
const DENIED: Codes = ["AccessDenied", "AccessDeniedException"];

/// The operation and the signer of a request that is admitted: it is signed by a known principal
/// for this service, and no policy denies the operation.
pub(crate) fn admit(
    organization: Option<&Organization>,
    service: Service,
    operation: Option<Operation>,
    signature: Option<&Signature>,
    signer: Option<Signer>,
) -> Result<(Operation, Signer), AwsError> {
    let error = |status, codes, message: &str| worded(service, status, codes, message);
    let unsigned = || error(403, UNSIGNED, "Request is missing Authentication Token");
    let signature = signature.ok_or_else(unsigned)?;
    let invalid = "The security token included in the request is invalid.";
    let signer = signer.ok_or_else(|| error(403, UNKNOWN_SIGNER, invalid))?;
    let name = service.signing_name();
    if signature.service != name {
        let message = format!("Credential should be scoped to correct service: '{name}'.");
        return Err(error(403, OTHER_SERVICE, &message));
    }
    let unknown = || error(400, NO_SUCH_OPERATION, &known_operations(service));
    let operation = operation.ok_or_else(unknown)?;
    let action = action(operation);
    if let Principal::RootSession(policy) = signer.principal
        && !policy.allows(operation)
    {
        let why = format!("because no session policy allows the {action} action");
        return Err(denied(operation, &signer, &why));
    }
    if organization.is_some_and(|it| it.denies(&signer, &action)) {
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

/// The request exceeds the service's rate.
pub(crate) fn throttled(service: Service) -> AwsError {
    if service == Service::S3 {
        return AwsError::new(503, "SlowDown", "Please reduce your request rate.");
    }
    let code = match service {
        Service::Organizations => "TooManyRequestsException",
        _ if service.speaks_query() => "Throttling",
        _ => "ThrottlingException",
    };
    AwsError::bad_request(code, "Rate exceeded")
}

/// The service failed with that status.
pub(crate) fn failed(service: Service, status: u16) -> AwsError {
    let code = match (service, status) {
        (_, 503) => "ServiceUnavailable",
        (Service::S3, _) => "InternalError",
        (Service::Iam, _) => "ServiceFailure",
        (Service::Organizations, _) => "ServiceException",
        _ => "InternalFailure",
    };
    let message = "The request processing has failed because of an unknown error.";
    AwsError::new(status, code, message)
}

fn denied(operation: Operation, signer: &Signer, why: &str) -> AwsError {
    let (arn, action) = (signer.arn(), action(operation));
    let resource = match signer.principal {
        Principal::Role => "*",
        Principal::RootUser | Principal::RootSession(_) => &arn,
    };
    let message =
        format!("User: {arn} is not authorized to perform: {action} on resource: {resource} {why}");
    worded(operation.service(), 403, DENIED, &message)
}

/// With the status of the Query protocol, and in Amazon S3 with its own codes; in JSON 1.1 each of these errors has status 400.
fn worded(service: Service, status: u16, [query, json]: Codes, message: &str) -> AwsError {
    if service == Service::S3 {
        let code = match query {
            "InvalidClientTokenId" => "InvalidAccessKeyId",
            "MissingAuthenticationToken" => "AccessDenied",
            "InvalidAction" => "MethodNotAllowed",
            same => same,
        };
        return AwsError::new(status, code, message);
    }
    if service.speaks_query() {
        AwsError::new(status, query, message)
    } else {
        AwsError::bad_request(json, message)
    }
}

/// As policies name it, for example `iam:DeleteAccessKey`.
fn action(operation: Operation) -> String {
    format!("{}:{operation}", operation.service().signing_name())
}
