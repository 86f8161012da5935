//! The function with defects that can be ordered: an event beginning with `panic`
//! makes it panic with the event's own text, and so does the variable `DEFECT` at
//! the start. It runs as `bootstrap` does, and tests/process shows that a panic
//! gets a name, that its text goes nowhere, and that the next event is served.

use std::process::ExitCode;
use std::sync::Arc;

use root_access_key_rule::aws::sdk_config;
use root_access_key_rule::handler::Rule;
use root_access_key_rule::lambda::{logging, runtime, startup};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let start = async {
        let environment = startup::read_environment().await?;
        let defect = std::env::var("DEFECT");
        assert!(defect.is_err(), "{defect:?}");
        let rule = Arc::new(Rule::new(&sdk_config::from_lambda_environment(environment)));
        Ok(move |payload: String, context| {
            let rule = Arc::clone(&rule);
            async move {
                assert!(!payload.starts_with("panic"), "{payload}");
                rule.evaluate(&payload, &context).await
            }
        })
    };
    runtime::run(start, logging::evaluation).await
}
