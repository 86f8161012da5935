//! The Lambda function: it starts, then passes each step to the watch.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use lambda_runtime::Context;
use root_access_key_rule::aws::sdk_config;
use root_access_key_rule::lambda::{logging, runtime, startup};
use root_access_key_watch::error::WatchError;
use root_access_key_watch::local::LocalSteps;
use root_access_key_watch::log;
use root_access_key_watch::settings::Settings;
use root_access_key_watch::steps::{Invocation, Watch};
use tokio::task::LocalSet;

/// The services whose endpoints an operator may set on the function, beside those that
/// every function checks.
const ENDPOINTS: [&str; 4] = [
    "AWS_ENDPOINT_URL_CLOUDFORMATION",
    "AWS_ENDPOINT_URL_ORGANIZATIONS",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_STS",
];

// One invocation at a time is all that Lambda sends: a second thread would only
// cost its start.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    logging::start();
    LocalSet::new().run_until(serve()).await
}

async fn serve() -> ExitCode {
    let steps = LocalSteps::start();
    let start = async move {
        let environment = startup::read_environment().await?;
        for name in ENDPOINTS {
            startup::check_endpoint(name)?;
        }
        let settings = Settings::from_environment()?;
        let sdk = sdk_config::from_lambda_environment(environment);
        let watch = Arc::new(Watch::new(sdk, settings, log::metrics));
        Ok::<_, WatchError>(move |payload: String, context: Context| {
            let (steps, watch) = (steps.clone(), Arc::clone(&watch));
            async move {
                let left = context.deadline().duration_since(SystemTime::now());
                let invocation = Invocation {
                    time_left: left.unwrap_or_default(),
                    function_arn: context.invoked_function_arn,
                };
                steps.run(watch, payload, invocation).await
            }
        })
    };
    runtime::run(start, log::step).await
}
