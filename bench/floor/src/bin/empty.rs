//! A function that does nothing: the minimum cost of start and invocation.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(
        async |_: LambdaEvent<Value>| Ok::<(), Error>(()),
    ))
    .await
}
