//! The function with a defect that can be ordered: an event beginning with
//! `panic` makes it panic with the event's own text. It serves as `bootstrap`
//! does, and tests/process.rs shows that the panic gets a name, that its text
//! goes nowhere, and that the next event is served.

use std::process::ExitCode;
use std::sync::Arc;

use root_access_key_rule::handler::Rule;
use root_access_key_rule::{logging, runtime, sdk, startup};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let Ok(environment) = startup::read_environment() else {
        return ExitCode::FAILURE;
    };
    let rule = Arc::new(Rule::new(&sdk::from_lambda_environment(environment)));
    let served = runtime::serve_with(move |payload, context| {
        let rule = Arc::clone(&rule);
        async move {
            assert!(!payload.starts_with("panic"), "{payload}");
            rule.evaluate(&payload, &context).await
        }
    });
    if served.await.is_err() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
