//! The Lambda function: start, then hand each event to the rule.

use std::process::ExitCode;

use root_access_key_rule::error::RuleError;
use root_access_key_rule::handler::Rule;
use root_access_key_rule::startup::Environment;
use root_access_key_rule::{logging, runtime, sdk, startup};

// One invocation at a time is all that Lambda sends: a second thread would only
// cost its start.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    let outcome = match startup::read_environment() {
        Ok(environment) => serve(environment).await,
        Err(error) => Err(error),
    };
    if let Err(error) = outcome {
        logging::not_started(&error);
        startup::tell_lambda(&error);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn serve(environment: Environment) -> Result<(), RuleError> {
    let rule = Rule::new(&sdk::from_lambda_environment(environment));
    runtime::serve(rule).await.map_err(|error| {
        RuleError::InvalidEnvironment(format!("lost Lambda's Runtime API: {error}"))
    })
}
