//! One request's path: recorded, attributed to an account, answered, and changed by an injected fault.

use std::{mem, time::Instant};

use hyper::Response;
use serde_json::json;

use crate::{
    lambda::runtime_api::Invocation,
    protocol::{
        delivery::{complete, cut, reset_after},
        error::AwsError,
        fault::{Fault, garble},
        operation::{Operation, Service},
        reply::Reply,
        request::{Request, parse, recorded_headers},
        server::{Call, ResponseBody},
        signature::Signature,
    },
    services::{
        admission, admitted_request::AdmittedRequest, cloudformation, config, iam, organizations,
        s3, sts,
    },
    state::world::{Run, World, lock},
};

/// The response to one request, or a reset connection (`None`).
pub(crate) async fn answer(
    world: World,
    service: Service,
    call: Call,
) -> Option<Response<ResponseBody>> {
    let (request_id, admitted) = accept(&world, service, &call);
    let admitted = match admitted {
        Ok(admitted) => admitted,
        Err(error) => return Some(complete(Reply::error(service, &request_id, &error))),
    };
    let fault = lock(&world)
        .accounts
        .get_mut(admitted.caller())
        .and_then(|held| {
            let faults = &mut held.faults;
            faults.next(admitted.operation, &admitted.parameters)
        });
    match fault {
        None => Some(complete(correct(&world, &admitted))),
        Some(fault) => faulty(&world, &admitted, fault).await,
    }
}

/// Records the request, and finds out who signed it and what it requests.
fn accept(
    world: &World,
    service: Service,
    call: &Call,
) -> (String, Result<AdmittedRequest, AwsError>) {
    let headers = &call.parts.headers;
    let (name, parameters) = parse(service, &call.parts, &call.body);
    let operation = Operation::named(service, &name);
    let signature = Signature::read(headers);
    let token = headers
        .get("x-amz-security-token")
        .and_then(|token| token.to_str().ok());
    let mut state = lock(world);
    let signer = signature
        .as_ref()
        .and_then(|it| state.signed_by(&it.access_key_id, token));
    let account = signer.as_ref().map(|signer| signer.account.clone());
    let organization = state.organization.as_ref();
    let admitted = admission::admit(organization, service, operation, signature.as_ref(), signer);
    let region = signature.as_ref().map(|it| it.region.clone());
    state.requests.push(Request {
        service,
        operation,
        account,
        parameters: parameters.clone(),
        headers: recorded_headers(headers),
        signature,
        connection: call.connection,
        at: Instant::now(),
    });
    let request_id = format!("00000000-0000-4000-8000-{:012x}", state.requests.len());
    let admitted = admitted.map(|(operation, signer)| AdmittedRequest {
        operation,
        signer,
        region: region.unwrap_or_default(),
        parameters,
        request_id: request_id.clone(),
    });
    (request_id, admitted)
}

/// What AWS would do and respond.
fn correct(world: &World, admitted: &AdmittedRequest) -> Reply {
    let mut state = lock(world);
    let service = admitted.operation.service();
    let result = match service {
        Service::Iam => iam::answer(&mut state, admitted),
        Service::Sts => sts::answer(&mut state, admitted),
        Service::Organizations => organizations::answer(&mut state, admitted),
        Service::CloudFormation => cloudformation::answer(&mut state, admitted),
        Service::Config => config::answer(&mut state, admitted),
        Service::S3 => {
            let failed = |error| Reply::error(service, &admitted.request_id, &error);
            return s3::answer(&mut state, admitted).unwrap_or_else(failed);
        }
    };
    for started in mem::take(&mut state.started) {
        tokio::spawn(run(world.clone(), started));
    }
    match result {
        Ok(result) => Reply::success(admitted.operation, &admitted.request_id, result),
        Err(error) => Reply::error(service, &admitted.request_id, &error),
    }
}

/// One run of a rule. AWS Config invokes functions asynchronously and ignores the outcome.
async fn run(world: World, Run { rule, event }: Run) {
    if let Some(function) = &rule.function {
        let invocation = Invocation::of(&rule.function_arn());
        function.invoke(event.to_string(), invocation).await;
    }
    if let Ok(held) = lock(&world).held(&rule.account) {
        held.mark_evaluating(&rule.name, false);
    }
}

/// The response with that fault, or a reset connection (`None`).
async fn faulty(
    world: &World,
    admitted: &AdmittedRequest,
    fault: Fault,
) -> Option<Response<ResponseBody>> {
    let service = admitted.operation.service();
    let error = |error: AwsError| Reply::error(service, &admitted.request_id, &error);
    let correct = || correct(world, admitted);
    let request_id = Some((service.request_id_header(), admitted.request_id.clone()));
    let reply = match fault {
        Fault::Throttle => error(admission::throttled(service)),
        Fault::ServerError(status) => error(admission::failed(service, status)),
        Fault::Denied => error(admission::not_allowed(admitted.operation, &admitted.signer)),
        Fault::AwsError {
            status,
            code,
            message,
        } => error(AwsError::new(status, &code, message)),
        Fault::Hang => std::future::pending().await,
        Fault::Slow(time) => {
            tokio::time::sleep(time).await;
            correct()
        }
        Fault::ResetBeforeAnswer => return None,
        Fault::ResetDuringAnswer(bytes) => return Some(reset_after(correct(), bytes)),
        Fault::AcceptThenReset => {
            correct();
            return None;
        }
        Fault::Cut { bytes, framing } => return Some(cut(correct(), bytes, framing)),
        Fault::Garbled(flips) => {
            let mut reply = correct();
            garble(&mut reply.body, &flips);
            reply
        }
        Fault::ContentType(content_type) => Reply {
            content_type,
            ..correct()
        },
        Fault::Body {
            status,
            content_type,
            body,
        } => Reply::of(status, content_type, body, request_id),
        Fault::Foreign {
            status,
            content_type,
            body,
        } => Reply::of(status, content_type, body, None),
        Fault::WithoutRequestId => Reply {
            request_id: None,
            ..correct()
        },
        Fault::FailedEvaluations => {
            let failed = json!({ "FailedEvaluations": admitted.parameters["Evaluations"] });
            Reply::success(admitted.operation, &admitted.request_id, failed)
        }
    };
    Some(complete(reply))
}
