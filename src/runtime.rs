//! Between Lambda and the rule: every payload reaches it, every defect gets a
//! name, every outcome one log line.

use std::cell::RefCell;
use std::panic;
use std::sync::Arc;

use lambda_runtime::tower::util::MapRequestLayer;
use lambda_runtime::{
    Context, Diagnostic, Error, LambdaEvent, LambdaInvocation, Runtime, service_fn,
};

use crate::error::RuleError;
use crate::handler::{Evaluated, Rule};
use crate::logging;

thread_local! {
    /// Where this thread last panicked, as `file:line:column`.
    static PANICKED_AT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Serves invocations until Lambda ends the process.
///
/// # Errors
/// Only if the Runtime API itself can no longer be reached.
pub async fn serve(rule: Rule) -> Result<(), Error> {
    let rule = Arc::new(rule);
    serve_with(move |payload, context| {
        let rule = Arc::clone(&rule);
        async move { rule.evaluate(&payload, &context).await }
    })
    .await
}

/// Serves invocations with `evaluate`, which is given the raw payload.
///
/// # Errors
/// Only if the Runtime API itself can no longer be reached.
pub async fn serve_with<E, F>(evaluate: E) -> Result<(), Error>
where
    E: Fn(String, Context) -> F,
    F: Future<Output = Result<Evaluated, RuleError>> + Send + 'static,
{
    // The panic's own text can quote data (a slice of the result token, say);
    // its place cannot.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        PANICKED_AT.set(place);
    }));
    let handler = service_fn(|event: LambdaEvent<Option<String>>| {
        let LambdaEvent { payload, context } = event;
        let run = payload.map(|payload| evaluate(payload, context.clone()));
        async move {
            let outcome = match run {
                Some(run) => named(run).await,
                None => Err(RuleError::InvalidEvent(
                    "cannot read the event: the payload is not UTF-8".to_owned(),
                )),
            };
            match &outcome {
                Ok(evaluated) => logging::evaluated(evaluated, &context),
                Err(error) => logging::failed(error, &context),
            }
            outcome.map_err(Diagnostic::from)
        }
    });
    Runtime::new(handler)
        .layer(MapRequestLayer::new(as_text))
        .run()
        .await
}

/// The payload as one JSON string (`null` if it is not UTF-8), so that the rule
/// reads it itself: `lambda_runtime` would name a payload that is not JSON after
/// one of its own types, and overlook garbage after valid JSON.
fn as_text(mut invocation: LambdaInvocation) -> LambdaInvocation {
    let text = std::str::from_utf8(&invocation.body).ok();
    invocation.body = serde_json::json!(text).to_string().into();
    invocation
}

/// The outcome of `run`; a panic in it is an `InternalError`. It runs as a task
/// of its own, where a panic ends and the process goes on.
async fn named<F>(run: F) -> Result<Evaluated, RuleError>
where
    F: Future<Output = Result<Evaluated, RuleError>> + Send + 'static,
{
    tokio::spawn(run).await.unwrap_or_else(|_| {
        let place = PANICKED_AT.take();
        Err(RuleError::InternalError(format!(
            "a defect of this rule: it panicked at {place}; AWS Config heard either nothing or the verdict; Lambda runs this again; please report it with this line"
        )))
    })
}
