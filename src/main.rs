//! The Lambda function: it starts, then passes each event to the rule.

use std::process::ExitCode;
use std::sync::Arc;

use root_access_key_rule::aws::sdk_config;
use root_access_key_rule::handler::Rule;
use root_access_key_rule::lambda::{logging, runtime, startup};

// One invocation at a time is all that Lambda sends: a second thread would only
// cost its start.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let start = async {
        let environment = startup::read_environment().await?;
        let rule = Arc::new(Rule::new(&sdk_config::from_lambda_environment(environment)));
        Ok(move |payload: String, context| {
            let rule = Arc::clone(&rule);
            async move { rule.evaluate(&payload, &context).await }
        })
    };
    runtime::run(start, logging::evaluation).await
}
