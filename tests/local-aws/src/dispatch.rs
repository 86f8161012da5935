//! One request's way: recorded, attributed, spoiled if a fault was ordered, answered.

use std::time::Instant;

use hyper::{Response, Version, header};
use serde_json::{Value, json};

use crate::{
    protocol::{
        error::AwsError,
        fault::{Fault, Framing, garble},
        operation::{Operation, Service},
        reply::Reply,
        request::{Request, kept_headers, parse},
        server::{Answer, Call, End},
        signature::Signature,
    },
    services::{admission, cloudformation, config, iam, organizations, sts},
    state::{
        signer::Signer,
        world::{World, lock},
    },
};

/// Everything about a request that a service needs to answer it.
struct Accepted {
    service: Service,
    operation: Operation,
    signer: Signer,
    /// The region it was signed for.
    region: String,
    parameters: Value,
    request_id: String,
}

/// Answers one request to a service, or has its connection reset (`None`).
pub(crate) async fn answer(world: World, service: Service, call: Call) -> Option<Response<Answer>> {
    let (request_id, accepted) = accept(&world, service, &call);
    let accepted = match accepted {
        Ok(accepted) => accepted,
        Err(error) => return Some(whole(Reply::error(service, &request_id, &error))),
    };
    let fault = lock(&world)
        .accounts
        .get_mut(&accepted.signer.account)
        .and_then(|held| held.faults.next(accepted.operation));
    match fault {
        None => Some(whole(truth(&world, &accepted))),
        Some(fault) => spoilt(&world, &accepted, fault).await,
    }
}

/// Keeps the request, and finds out whose it is and what it wants.
fn accept(world: &World, service: Service, call: &Call) -> (String, Result<Accepted, AwsError>) {
    let headers = &call.parts.headers;
    let (name, parameters) = parse(service, headers, &call.body);
    let operation = Operation::named(service, &name);
    let signature = Signature::read(headers);
    let token = headers
        .get("x-amz-security-token")
        .and_then(|token| token.to_str().ok());
    let mut state = lock(world);
    let signer = signature
        .as_ref()
        .and_then(|s| state.signed_by(&s.access_key_id, token));
    let admitted = admission::admit(service, operation, signature.as_ref(), signer.clone());
    state.requests.push(Request {
        service,
        operation,
        account: signer.map(|signer| signer.account),
        parameters: parameters.clone(),
        headers: kept_headers(headers),
        signature: signature.clone(),
        connection: call.connection,
        at: Instant::now(),
    });
    let request_id = format!("00000000-0000-4000-8000-{:012x}", state.requests.len());
    let accepted = admitted.map(|(operation, signer)| Accepted {
        service,
        operation,
        signer,
        region: signature
            .map(|signature| signature.region)
            .unwrap_or_default(),
        parameters,
        request_id: request_id.clone(),
    });
    (request_id, accepted)
}

/// What AWS would do and say.
fn truth(world: &World, accepted: &Accepted) -> Reply {
    let Accepted {
        service,
        operation,
        signer,
        region,
        parameters,
        request_id,
    } = accepted;
    let caller = signer.account.as_str();
    let xml = |body| Reply::xml(200, request_id, body);
    let json = |body| Reply::json(200, request_id, &body);
    let outcome = match service {
        Service::Iam => {
            let mut state = lock(world);
            iam::answer(&mut state, signer, *operation, parameters, request_id).map(xml)
        }
        Service::Sts => {
            let mut state = lock(world);
            sts::answer(&mut state, signer, *operation, parameters, request_id).map(xml)
        }
        Service::Organizations => {
            let mut state = lock(world);
            organizations::answer(&mut state, caller, *operation, parameters).map(json)
        }
        Service::CloudFormation => {
            let asked = cloudformation::request::Asked {
                caller,
                region,
                parameters,
                request_id,
            };
            cloudformation::answer(world, *operation, &asked).map(xml)
        }
        Service::Config => config::answer(world, caller, region, *operation, parameters).map(json),
    };
    outcome.unwrap_or_else(|error| Reply::error(*service, request_id, &error))
}

async fn spoilt(world: &World, accepted: &Accepted, fault: Fault) -> Option<Response<Answer>> {
    let error = |error: &AwsError| {
        Some(whole(Reply::error(
            accepted.service,
            &accepted.request_id,
            error,
        )))
    };
    let foreign = |status, content_type, body| Reply {
        status,
        content_type,
        request_id: None,
        body,
    };
    match fault {
        Fault::Throttle => error(&throttled(accepted.service)),
        Fault::ServerError(status) => error(&failed(accepted.service, status)),
        Fault::Denied => error(&denied(accepted)),
        Fault::AwsError {
            status,
            code,
            message,
        } => error(&AwsError {
            status,
            code,
            message,
        }),
        Fault::Hang => std::future::pending().await,
        Fault::Slow(time) => {
            tokio::time::sleep(time).await;
            Some(whole(truth(world, accepted)))
        }
        Fault::ResetBeforeAnswer => None,
        Fault::ResetDuringAnswer(bytes) => {
            let reply = truth(world, accepted);
            let length = reply.body.len();
            Some(wire(reply, Some(length), bytes, End::Reset))
        }
        Fault::AcceptThenReset => {
            truth(world, accepted);
            None
        }
        Fault::Cut { bytes, framing } => Some(cut(truth(world, accepted), bytes, framing)),
        Fault::Garbled(flips) => {
            let mut reply = truth(world, accepted);
            garble(&mut reply.body, &flips);
            Some(whole(reply))
        }
        Fault::ContentType(content_type) => Some(whole(Reply {
            content_type,
            ..truth(world, accepted)
        })),
        Fault::Body {
            status,
            content_type,
            body,
        } => {
            let request_id = Some(accepted.request_id.clone());
            Some(whole(Reply {
                request_id,
                ..foreign(status, content_type, body)
            }))
        }
        Fault::Foreign {
            status,
            content_type,
            body,
        } => Some(whole(foreign(status, content_type, body))),
        Fault::WithoutRequestId => Some(whole(Reply {
            request_id: None,
            ..truth(world, accepted)
        })),
        Fault::FailedEvaluations => {
            let body = json!({ "FailedEvaluations": accepted.parameters["Evaluations"] });
            Some(whole(Reply::json(200, &accepted.request_id, &body)))
        }
    }
}

fn throttled(service: Service) -> AwsError {
    let code = match service {
        Service::Organizations => "TooManyRequestsException",
        _ if service.speaks_query() => "Throttling",
        _ => "ThrottlingException",
    };
    AwsError::new(400, code, "Rate exceeded")
}

fn failed(service: Service, status: u16) -> AwsError {
    let code = match (service, status) {
        (_, 503) => "ServiceUnavailable",
        (Service::Iam, _) => "ServiceFailure",
        (Service::Organizations, _) => "ServiceException",
        _ => "InternalFailure",
    };
    AwsError::new(
        status,
        code,
        "The request processing has failed because of an unknown error.",
    )
}

fn denied(accepted: &Accepted) -> AwsError {
    let Accepted {
        service,
        operation,
        signer,
        ..
    } = accepted;
    let action = format!("{}:{operation}", service.signing_name());
    let message = format!(
        "User: {} is not authorized to perform: {action} on resource: * \
         because no identity-based policy allows the {action} action",
        signer.arn()
    );
    if service.speaks_query() {
        AwsError::new(403, "AccessDenied", message)
    } else {
        AwsError::new(400, "AccessDeniedException", message)
    }
}

fn whole(reply: Reply) -> Response<Answer> {
    let length = reply.body.len();
    wire(reply, None, length, End::Whole)
}

fn cut(mut reply: Reply, bytes: usize, framing: Framing) -> Response<Answer> {
    let length = reply.body.len();
    match framing {
        Framing::MatchingLength => {
            reply.body.truncate(bytes);
            whole(reply)
        }
        Framing::PromisedLength => wire(reply, Some(length), bytes, End::Unsaid),
        Framing::CloseDelimited => {
            let mut response = wire(reply, None, bytes, End::Unsaid);
            *response.version_mut() = Version::HTTP_10;
            response
        }
    }
}

/// The reply's first bytes as a response that says `length`, or leaves that to hyper.
fn wire(mut reply: Reply, length: Option<usize>, bytes: usize, end: End) -> Response<Answer> {
    reply.body.truncate(bytes);
    let mut response = Response::builder()
        .status(reply.status)
        .header(header::CONTENT_TYPE, reply.content_type);
    if let Some(request_id) = reply.request_id {
        response = response.header("x-amzn-requestid", request_id);
    }
    if let Some(length) = length {
        response = response.header(header::CONTENT_LENGTH, length);
    }
    let body = Answer::new(reply.body, end);
    // Only a status or content type that is none can fail here, and then the
    // test that ordered it sees a reset.
    response
        .body(body)
        .unwrap_or_else(|_| Response::new(Answer::new("", End::Reset)))
}
