//! A function that does nothing. It measures the minimum cost of a start and an invocation.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(
        async |_: LambdaEvent<Value>| Ok::<(), Error>(()),
    ))
    .await
}
