//! What must be there before the first event, and how its absence is told to
//! Lambda.

use std::env;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use lambda_runtime::Diagnostic;

use crate::error::RuleError;

/// Where Lambda's Runtime API listens, as `host:port`
/// (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>).
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

/// What `lambda_runtime` panics without.
const NEEDED_BY_RUNTIME: [&str; 4] = [
    RUNTIME_API,
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    MEMORY_SIZE,
];
const MEMORY_SIZE: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";

/// How long the Runtime API may take to hear that the start failed.
const TO_TELL: Duration = Duration::from_secs(2);

/// What the function needs of Lambda's environment.
pub struct Environment {
    /// Where the function runs.
    pub region: String,
    /// The function role's credentials, good for the life of this process.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: String,
    /// Present with a role's credentials, absent with a user's.
    pub session_token: Option<String>,
}

/// Reads what the Lambda runtime promises
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>).
///
/// # Errors
/// `InvalidEnvironment` names what is absent, empty or ill-formed.
pub fn read_environment() -> Result<Environment, RuleError> {
    for name in NEEDED_BY_RUNTIME {
        needed(name)?;
    }
    if needed(MEMORY_SIZE)?.parse::<i32>().is_err() {
        return Err(invalid(&format!(
            "{MEMORY_SIZE} is not a whole number of MB"
        )));
    }
    Ok(Environment {
        region: variable("AWS_REGION")
            .or_else(|| variable("AWS_DEFAULT_REGION"))
            .ok_or_else(|| invalid("AWS_REGION (or AWS_DEFAULT_REGION) is not set"))?,
        access_key_id: needed("AWS_ACCESS_KEY_ID")?,
        secret_access_key: needed("AWS_SECRET_ACCESS_KEY")?,
        session_token: variable("AWS_SESSION_TOKEN"),
    })
}

/// Posts a failed start to the Runtime API, by hand: `lambda_runtime` keeps its
/// own call for that private. If nobody listens there, Lambda still sees the
/// process end and the log line.
pub fn tell_lambda(error: &RuleError) {
    if let Some(address) = variable(RUNTIME_API) {
        let diagnostic = Diagnostic::from(error.clone());
        let _ = post_init_error(&address, &diagnostic);
    }
}

fn post_init_error(address: &str, diagnostic: &Diagnostic) -> std::io::Result<()> {
    let body = serde_json::to_string(diagnostic)?;
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(TO_TELL))?;
    stream.set_write_timeout(Some(TO_TELL))?;
    write!(
        stream,
        "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: {address}\r\n\
         Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: {}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        diagnostic.error_type,
        body.len(),
    )?;
    // Lambda has heard it once it answers.
    stream.read_to_end(&mut Vec::new())?;
    Ok(())
}

/// The value of an environment variable; an empty one counts as absent.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn needed(name: &str) -> Result<String, RuleError> {
    variable(name).ok_or_else(|| invalid(&format!("{name} is not set")))
}

fn invalid(what: &str) -> RuleError {
    RuleError::InvalidEnvironment(format!(
        "cannot start: {what}; the Lambda runtime sets it, so run this program in Lambda (provided.al2023) or with `make local`"
    ))
}
