//! Serves Lambda's events. Unreadable headers are ignored, a panic is reported as
//! `InternalError`, and each outcome has one log line.

use std::cell::{Cell, RefCell};
use std::panic;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http_body_util::BodyExt;
use lambda_runtime::tower::ServiceExt;
use lambda_runtime::tower::layer::layer_fn;
use lambda_runtime::{
    Context, Diagnostic, Error, LambdaEvent, LambdaInvocation, Runtime, Service, service_fn,
};
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{PooledClient, build_request};

use serde::Serialize;

use crate::error::RunError;
use crate::lambda::diagnostic::diagnostic;
use crate::lambda::{logging, startup};
use crate::redaction::one_line;

const REQUEST_ID: &str = "lambda-runtime-aws-request-id";
const DEADLINE: &str = "lambda-runtime-deadline-ms";
const FUNCTION_ARN: &str = "lambda-runtime-invoked-function-arn";

/// How long a run may take if Lambda's deadline cannot be read: the timeout that
/// `cdk/lib` gives the function.
const ASSUMED_TIMEOUT: Duration = Duration::from_secs(30);

thread_local! {
    /// Where this thread last panicked, as `file:line:column`.
    static PANICKED_AT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Why the process no longer serves events.
struct Stopped {
    /// `RuntimeApiLost`, or `InternalError` after a panic outside of a run.
    error_type: &'static str,
    /// The cause.
    message: String,
}

/// Runs the process. `start` returns the function that handles an event's raw
/// payload; the process then passes each event to it until Lambda ends the process, and
/// each outcome to `log`.
///
/// Returns only if the start failed, the Runtime API can no longer be reached, or
/// the code outside of a run panicked. The log says which; a failed start is
/// posted to the Runtime API as well.
pub async fn run<E, F, T, X>(
    start: impl Future<Output = Result<E, X>> + Send + 'static,
    log: fn(&Result<T, X>, &Context),
) -> ExitCode
where
    E: Fn(String, Context) -> F + Send + Sync + 'static,
    F: Future<Output = Result<T, X>> + Send + 'static,
    T: Serialize + Send + 'static,
    X: RunError,
{
    // A panic is recorded by its place alone. Its text can quote data (a slice of
    // the result token, for example); its place cannot.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        PANICKED_AT.set(place);
    }));
    match catch_panic(start).await {
        Ok(handle) => {
            let stopped = serve(handle, log).await;
            logging::stopped(stopped.error_type, &stopped.message);
        }
        Err(error) => {
            logging::not_started(&error);
            startup::post_init_error(&error);
        }
    }
    ExitCode::FAILURE
}

async fn serve<E, F, T, X>(handle: E, log: fn(&Result<T, X>, &Context)) -> Stopped
where
    E: Fn(String, Context) -> F + Send + Sync + 'static,
    F: Future<Output = Result<T, X>> + Send + 'static,
    T: Serialize + Send + 'static,
    X: RunError,
{
    let stopped = catch_panic(async move { Ok(poll(handler(handle, log)).await) }).await;
    stopped.unwrap_or_else(|panic: X| Stopped {
        error_type: panic.error_type(),
        message: panic.message().to_owned(),
    })
}

/// Returns the outcome of `work`. A panic in it becomes an `InternalError` that names
/// its place. The work is a task of its own, so that a panic does not end the process.
async fn catch_panic<T: Send + 'static, X: RunError>(
    work: impl Future<Output = Result<T, X>> + Send + 'static,
) -> Result<T, X> {
    let outcome = tokio::spawn(work).await;
    outcome.unwrap_or_else(|_| Err(X::of_panic(&PANICKED_AT.take())))
}

/// A service that handles events.
trait Handler<T>:
    Service<
        LambdaEvent<Option<String>>,
        Response = T,
        Error = Diagnostic,
        Future: Future<Output = Result<T, Diagnostic>> + Send,
    > + Send
    + 'static
{
}

impl<S, F, T> Handler<T> for S
where
    S: Service<LambdaEvent<Option<String>>, Response = T, Error = Diagnostic, Future = F>
        + Send
        + 'static,
    F: Future<Output = Result<T, Diagnostic>> + Send,
{
}

/// Handles one event: reads the payload, runs `handle`, and logs the outcome.
fn handler<E, F, T, X>(handle: E, log: fn(&Result<T, X>, &Context)) -> impl Handler<T>
where
    E: Fn(String, Context) -> F + Send + Sync + 'static,
    F: Future<Output = Result<T, X>> + Send + 'static,
    T: Serialize + Send + 'static,
    X: RunError,
{
    let handle = Arc::new(handle);
    service_fn(move |event: LambdaEvent<Option<String>>| {
        let handle = Arc::clone(&handle);
        async move {
            let LambdaEvent { payload, context } = event;
            let its_context = context.clone();
            let outcome = catch_panic(async move {
                let unreadable = "cannot read the event: the payload is not UTF-8";
                let payload = payload.ok_or_else(|| X::of_event(unreadable))?;
                handle(payload, its_context).await
            })
            .await;
            log(&outcome, &context);
            outcome.map_err(|error| diagnostic(&error))
        }
    })
}

/// Passes the events to `lambda_runtime` one by one.
///
/// `Runtime::run` is not used, since it reads each header of an event strictly:
/// it ends the process without responding to the event if an optional header (client
/// context, Cognito identity) has an unexpected type or the deadline is missing. So this polls for the events itself. The service that
/// reads the payload, runs the handler and posts the outcome is still that of
/// `Runtime`, which gives it away to a layer only.
async fn poll<T: Serialize + Send + 'static>(handler: impl Handler<T>) -> Stopped {
    let service = Cell::new(None);
    let _ = Runtime::new(handler).layer(layer_fn(|inner| {
        service.set(Some(inner));
        service_fn(|_: LambdaInvocation| async { Ok::<(), Error>(()) })
    }));
    let mut service = service.into_inner();
    let client = PooledClient::builder().build();
    let mut served = 0_u64;
    loop {
        let outcome = async {
            let invocation = next(&client).await?;
            let service = service.as_mut().ok_or("there is no service")?;
            service.ready().await?.call(invocation).await
        };
        match outcome.await {
            Ok(()) => served += 1,
            Err(error) => return lost(served, &error),
        }
    }
}

/// Waits for the next event, without a time limit.
async fn next(client: &PooledClient) -> Result<LambdaInvocation, Error> {
    let request = build_request()
        .uri("/2018-06-01/runtime/invocation/next")
        .body(Body::empty())?;
    let (parts, body) = client.call(request).await?.into_parts();
    if !parts.status.is_success() {
        return Err(format!(
            "it responded to the request for an event with {}",
            parts.status
        )
        .into());
    }
    let body = body.collect().await?.to_bytes();
    let header = |name: &str| parts.headers.get(name).and_then(|it| it.to_str().ok());
    let mut context = Context::default();
    header(REQUEST_ID)
        .ok_or("it returned an event without a readable request ID")?
        .clone_into(&mut context.request_id);
    context.deadline = header(DEADLINE)
        .and_then(|milliseconds| milliseconds.parse().ok())
        .unwrap_or_else(assumed_deadline);
    // Without it the rule cannot prove whose account it sees: `WrongAccount`.
    header(FUNCTION_ARN)
        .unwrap_or_default()
        .clone_into(&mut context.invoked_function_arn);
    Ok(LambdaInvocation {
        body: as_text(&body).into(),
        parts,
        context,
    })
}

/// Returns the assumed deadline in milliseconds since 1970-01-01T00:00:00Z, as
/// Lambda's header has it.
#[allow(clippy::disallowed_methods, reason = "a time limit, not the verdict")]
fn assumed_deadline() -> u64 {
    let deadline = SystemTime::now() + ASSUMED_TIMEOUT;
    let since_1970 = deadline.duration_since(SystemTime::UNIX_EPOCH);
    u64::try_from(since_1970.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

/// The payload as one JSON string (`null` if it is not UTF-8), so that the rule
/// reads it itself: `lambda_runtime` would name a payload that is not JSON after
/// one of its own types, and overlook garbage after valid JSON.
fn as_text(payload: &[u8]) -> String {
    serde_json::json!(std::str::from_utf8(payload).ok()).to_string()
}

fn lost(served: u64, error: &Error) -> Stopped {
    let mut causes = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push_str(": ");
        causes.push_str(&cause.to_string());
        source = cause.source();
    }
    Stopped {
        error_type: "RuntimeApiLost",
        message: format!(
            "lost Lambda's Runtime API after {served} events: {}; Lambda starts a new process for the next event; if this persists, report it with this line",
            one_line(&causes)
        ),
    }
}
