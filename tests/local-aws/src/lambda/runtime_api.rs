//! The Lambda Runtime API, to which a function's own process talks.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use hyper::{Method, Response, StatusCode, header::HeaderValue};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};

use crate::protocol::server::{Answer, Call, End, Server};

/// One sandbox's Runtime API: it hands out invocations one by one and takes their outcomes.
#[derive(Clone, Debug)]
pub struct RuntimeApi {
    queue: mpsc::UnboundedSender<Queued>,
    desk: Arc<Desk>,
    server: Arc<Server>,
}

/// How an invocation is to look to the function.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// `lambda-runtime-invoked-function-arn`
    pub function_arn: String,
    /// From being handed out to `lambda-runtime-deadline-ms`.
    pub timeout: Duration,
    /// Headers in addition to the usual ones or instead of them; `None` leaves
    /// one out.
    pub headers: Vec<(&'static str, Option<Vec<u8>>)>,
}

/// What became of an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The function answered, with this body.
    Response(String),
    /// The function reported an error.
    Error(FunctionError),
    /// The process ended first, with this exit code (`None`: by a signal).
    Exited(Option<i32>),
}

/// An error as a function reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FunctionError {
    /// `errorType` of the body.
    pub error_type: String,
    /// `errorMessage` of the body.
    pub error_message: String,
    /// The header `lambda-runtime-function-error-type`.
    #[serde(skip)]
    pub header: Option<String>,
}

struct Queued {
    payload: Vec<u8>,
    invocation: Invocation,
    request_id: String,
}

#[derive(Debug, Default)]
struct Desk {
    open: Mutex<HashMap<String, oneshot::Sender<Outcome>>>,
    handed_out: Mutex<Option<Instant>>,
    took: Mutex<Option<Duration>>,
    init_errors: Mutex<Vec<FunctionError>>,
    served: AtomicU64,
}

impl Invocation {
    /// An invocation of that function, with the 30 seconds the rule's function is given.
    #[must_use]
    pub fn of(function_arn: &str) -> Self {
        Self {
            function_arn: function_arn.to_owned(),
            timeout: Duration::from_secs(30),
            headers: Vec::new(),
        }
    }

    /// The same with this header, in addition to the usual ones or instead of one.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name, Some(value.into())));
        self
    }

    /// The same without that header.
    #[must_use]
    pub fn without_header(mut self, name: &'static str) -> Self {
        self.headers.push((name, None));
        self
    }

    /// The same with another time limit.
    #[must_use]
    pub fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

impl RuntimeApi {
    /// Listens on a free loopback port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        let (queue, waiting) = mpsc::unbounded_channel();
        let waiting = Arc::new(AsyncMutex::new(waiting));
        let desk = Arc::new(Desk::default());
        let at_desk = Arc::clone(&desk);
        let server = Server::listen(0, None, move |call| {
            answer(Arc::clone(&at_desk), Arc::clone(&waiting), call)
        });
        let server = Arc::new(server.await?);
        Ok(Self {
            queue,
            desk,
            server,
        })
    }

    /// `host:port`, the value of `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn address(&self) -> String {
        self.server.address.to_string()
    }

    /// Has the function run once, after whatever is queued already, and waits for the outcome.
    ///
    /// This waits indefinitely when the process dies;
    /// [`FunctionProcess::invoke`](crate::FunctionProcess::invoke) notices that.
    pub async fn invoke(&self, payload: impl Into<Vec<u8>>, invocation: Invocation) -> Outcome {
        let number = self.desk.served.fetch_add(1, Ordering::SeqCst) + 1;
        let request_id = format!("00000000-0000-4000-9000-{number:012x}");
        let (tell, told) = oneshot::channel();
        lock(&self.desk.open).insert(request_id.clone(), tell);
        // The receiver lives in the server, which lives as long as this handle.
        let _ = self.queue.send(Queued {
            payload: payload.into(),
            invocation,
            request_id,
        });
        told.await.unwrap_or(Outcome::Exited(None))
    }

    /// How long the last run took, from being handed out to its outcome.
    #[must_use]
    pub fn last_duration(&self) -> Option<Duration> {
        *lock(&self.desk.took)
    }

    /// What the function posted to `/runtime/init/error`, in order.
    #[must_use]
    pub fn init_errors(&self) -> Vec<FunctionError> {
        lock(&self.desk.init_errors).clone()
    }
}

async fn answer(
    desk: Arc<Desk>,
    waiting: Arc<AsyncMutex<mpsc::UnboundedReceiver<Queued>>>,
    call: Call,
) -> Option<Response<Answer>> {
    let path = call
        .parts
        .uri
        .path()
        .strip_prefix("/2018-06-01/runtime/")
        .unwrap_or_default();
    let parts: Vec<_> = path.split('/').collect();
    match (&call.parts.method, &parts[..]) {
        (&Method::GET, ["invocation", "next"]) => {
            let next = waiting.lock().await.recv().await?;
            *lock(&desk.handed_out) = Some(Instant::now());
            Some(handed_out(next))
        }
        (&Method::POST, ["invocation", id, "response"]) => {
            let body = String::from_utf8_lossy(&call.body).into_owned();
            Some(taken(&desk, id, Outcome::Response(body)))
        }
        (&Method::POST, ["invocation", id, "error"]) => {
            Some(taken(&desk, id, Outcome::Error(function_error(&call))))
        }
        (&Method::POST, ["init", "error"]) => {
            lock(&desk.init_errors).push(function_error(&call));
            Some(status(StatusCode::ACCEPTED))
        }
        _ => Some(status(StatusCode::NOT_FOUND)),
    }
}

fn handed_out(next: Queued) -> Response<Answer> {
    let Queued {
        payload,
        invocation,
        request_id,
    } = next;
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let deadline = (since_epoch + invocation.timeout).as_millis();
    let mut response = Response::new(Answer::new(payload, End::Whole));
    let usual = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", request_id),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            invocation.function_arn,
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-69a3d5b0-000000000000000000000001;Parent=0000000000000001;Sampled=0".to_owned(),
        ),
    ];
    let usual = usual.map(|(name, value)| (name, Some(value.into_bytes())));
    for (name, value) in usual.into_iter().chain(invocation.headers) {
        response.headers_mut().remove(name);
        match value.map(|value| HeaderValue::from_bytes(&value)) {
            Some(Ok(value)) => {
                response.headers_mut().insert(name, value);
            }
            // Only a value that cannot stand in a header fails here.
            Some(Err(_)) => return status(StatusCode::INTERNAL_SERVER_ERROR),
            None => {}
        }
    }
    response
}

fn taken(desk: &Desk, request_id: &str, outcome: Outcome) -> Response<Answer> {
    match lock(&desk.open).remove(request_id) {
        Some(tell) => {
            *lock(&desk.took) = lock(&desk.handed_out).map(|since| since.elapsed());
            let _ = tell.send(outcome);
            status(StatusCode::ACCEPTED)
        }
        None => status(StatusCode::BAD_REQUEST),
    }
}

fn function_error(call: &Call) -> FunctionError {
    let header = call.parts.headers.get("lambda-runtime-function-error-type");
    let header = header
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let body: FunctionError = serde_json::from_slice(&call.body).unwrap_or_default();
    FunctionError { header, ..body }
}

fn status(status: StatusCode) -> Response<Answer> {
    let word = if status.is_success() { "OK" } else { "Error" };
    let mut response = Response::new(Answer::new(
        json!({ "status": word }).to_string(),
        End::Whole,
    ));
    *response.status_mut() = status;
    response
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
