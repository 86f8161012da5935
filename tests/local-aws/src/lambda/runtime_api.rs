//! The Lambda Runtime API, which a function's process calls.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use hyper::{Method, Response, StatusCode, header::HeaderValue};
use serde::Deserialize;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};

use crate::protocol::server::{Call, End, ResponseBody, Server};

/// The Runtime API of one sandbox: it passes invocations to the function one by one and receives their outcomes.
#[derive(Clone, Debug)]
pub struct RuntimeApi {
    queue: mpsc::UnboundedSender<Queued>,
    shared: Arc<Shared>,
    server: Arc<Server>,
}

/// An invocation as the function sees it.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// `lambda-runtime-invoked-function-arn`
    pub function_arn: String,
    /// From the function's request for it to `lambda-runtime-deadline-ms`.
    pub timeout: Duration,
    /// Headers in addition to the usual ones or instead of them; `None` removes one.
    pub headers: Vec<(&'static str, Option<Vec<u8>>)>,
}

/// What became of an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The function responded with this body.
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
struct Runs {
    /// How many invocations there were.
    count: u64,
    /// Those without an outcome, by request id.
    open: HashMap<String, oneshot::Sender<Outcome>>,
    /// When the function requested the last one.
    started: Option<Instant>,
    took: Option<Duration>,
    init_errors: Vec<FunctionError>,
}

/// What is shared by all connections.
#[derive(Debug)]
struct Shared {
    runs: Mutex<Runs>,
    waiting: AsyncMutex<mpsc::UnboundedReceiver<Queued>>,
}

impl Invocation {
    /// An invocation of that function with the rule's time limit of 30 seconds.
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
    /// No port is available.
    pub async fn start() -> io::Result<Self> {
        let (queue, waiting) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            runs: Mutex::default(),
            waiting: AsyncMutex::new(waiting),
        });
        let of_server = Arc::clone(&shared);
        let handle = move |call| answer(Arc::clone(&of_server), call);
        let server = Arc::new(Server::listen(0, None, handle).await?);
        Ok(Self {
            queue,
            shared,
            server,
        })
    }

    /// `host:port`, the value of `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn address(&self) -> String {
        self.server.address.to_string()
    }

    /// Runs the function once, after the invocations that are already queued, and waits for the outcome.
    ///
    /// This waits indefinitely when the process dies;
    /// [`FunctionProcess::invoke`](crate::FunctionProcess::invoke) notices that.
    pub async fn invoke(&self, payload: impl Into<Vec<u8>>, invocation: Invocation) -> Outcome {
        let (sender, outcome) = oneshot::channel();
        let request_id = {
            let mut runs = self.shared.runs();
            runs.count += 1;
            let request_id = format!("00000000-0000-4000-9000-{:012x}", runs.count);
            runs.open.insert(request_id.clone(), sender);
            request_id
        };
        // The receiver lives in the server, which lives as long as this handle.
        let _ = self.queue.send(Queued {
            payload: payload.into(),
            invocation,
            request_id,
        });
        outcome.await.unwrap_or(Outcome::Exited(None))
    }

    /// The duration of the last run, from the function's request for it to its outcome.
    #[must_use]
    pub fn last_duration(&self) -> Option<Duration> {
        self.shared.runs().took
    }

    /// What the function posted to `/runtime/init/error`, in order.
    #[must_use]
    pub fn init_errors(&self) -> Vec<FunctionError> {
        self.shared.runs().init_errors.clone()
    }
}

impl Shared {
    fn runs(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes the outcome to whoever invoked; an invocation has one only.
    fn end(&self, request_id: &str, outcome: Outcome) -> StatusCode {
        let mut runs = self.runs();
        let Some(sender) = runs.open.remove(request_id) else {
            return StatusCode::BAD_REQUEST;
        };
        runs.took = runs.started.map(|since| since.elapsed());
        let _ = sender.send(outcome);
        StatusCode::ACCEPTED
    }
}

async fn answer(shared: Arc<Shared>, call: Call) -> Option<Response<ResponseBody>> {
    let path = call.parts.uri.path();
    let path = path
        .strip_prefix("/2018-06-01/runtime/")
        .unwrap_or_default();
    let parts: Vec<_> = path.split('/').collect();
    let code = match (&call.parts.method, &parts[..]) {
        (&Method::GET, ["invocation", "next"]) => {
            let next = shared.waiting.lock().await.recv().await?;
            shared.runs().started = Some(Instant::now());
            return Some(event_response(next));
        }
        (&Method::POST, ["invocation", id, "response"]) => {
            let body = String::from_utf8_lossy(&call.body).into_owned();
            shared.end(id, Outcome::Response(body))
        }
        (&Method::POST, ["invocation", id, "error"]) => {
            shared.end(id, Outcome::Error(function_error(&call)))
        }
        (&Method::POST, ["init", "error"]) => {
            shared.runs().init_errors.push(function_error(&call));
            StatusCode::ACCEPTED
        }
        _ => StatusCode::NOT_FOUND,
    };
    Some(status(code))
}

fn event_response(next: Queued) -> Response<ResponseBody> {
    let invocation = next.invocation;
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let deadline = (since_epoch + invocation.timeout).as_millis();
    let mut response = Response::new(ResponseBody::new(next.payload, End::Complete));
    let usual = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", next.request_id),
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
            // Only a value that is invalid in a header fails here.
            Some(Err(_)) => return status(StatusCode::INTERNAL_SERVER_ERROR),
            None => {}
        }
    }
    response
}

fn function_error(call: &Call) -> FunctionError {
    let header = call.parts.headers.get("lambda-runtime-function-error-type");
    let header = header
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let body: FunctionError = serde_json::from_slice(&call.body).unwrap_or_default();
    FunctionError { header, ..body }
}

fn status(status: StatusCode) -> Response<ResponseBody> {
    let word = if status.is_success() { "OK" } else { "Error" };
    let body = format!(r#"{{"status":"{word}"}}"#);
    let mut response = Response::new(ResponseBody::new(body, End::Complete));
    *response.status_mut() = status;
    response
}
