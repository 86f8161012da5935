//! Checks the preconditions before the first event, and reports a failed check to
//! Lambda.

use std::env;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use aws_config::Region;
use aws_config::environment::{
    EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider,
};
use aws_config::meta::region::ProvideRegion;
use aws_sdk_iam::config::ProvideCredentials;
use http::Uri;
use lambda_runtime::Diagnostic;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::aws::sdk_config::Environment;
use crate::error::{ErrorKind, RuleError, RunError};
use crate::lambda::diagnostic::diagnostic;

/// Where Lambda's Runtime API listens, as `host:port`
/// (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>).
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

/// The variables without which `lambda_runtime` panics.
const NEEDED_BY_RUNTIME: [&str; 4] = [
    RUNTIME_API,
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    MEMORY_SIZE,
];
const MEMORY_SIZE: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";

/// The variables that an operator may set on the function and `aws/sdk_config.rs` reads
/// (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>).
const ENDPOINTS: [&str; 3] = [
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_CONFIG_SERVICE",
];

/// The variables for the TLS client's root certificates: a file, and a colon-separated
/// list of directories
/// (<https://docs.rs/rustls-native-certs/latest/rustls_native_certs/fn.load_native_certs.html>).
const CERTIFICATE_FILE: &str = "SSL_CERT_FILE";
const CERTIFICATE_DIRECTORIES: &str = "SSL_CERT_DIR";

/// The longest that the Runtime API may take to accept a failed start.
const INIT_ERROR_TIMEOUT: Duration = Duration::from_secs(2);

/// Reads and checks the variables that the Lambda runtime guarantees
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>)
/// and those that an operator may add.
///
/// # Errors
/// `InvalidEnvironment` names the variable that is absent, empty or malformed.
pub async fn read_environment() -> Result<Environment, RuleError> {
    for name in NEEDED_BY_RUNTIME {
        needed(name)?;
    }
    if needed(RUNTIME_API)?
        .parse::<http::uri::Authority>()
        .is_err()
    {
        return Err(malformed(RUNTIME_API, "is not HOST:PORT"));
    }
    if needed(MEMORY_SIZE)?.parse::<i32>().is_err() {
        return Err(malformed(MEMORY_SIZE, "is not a whole number of MB"));
    }
    for name in ENDPOINTS {
        check_endpoint(name)?;
    }
    check_root_certificates()?;
    Ok(Environment {
        region: region().await?,
        credentials: credentials().await?,
        use_fips: flag("AWS_USE_FIPS_ENDPOINT")?,
        use_dual_stack: flag("AWS_USE_DUALSTACK_ENDPOINT")?,
    })
}

async fn region() -> Result<Region, RuleError> {
    // The provider takes an empty AWS_REGION for a region and looks no further.
    let first = EnvironmentVariableRegionProvider::new().region().await;
    let region = first
        .filter(|region| !region.as_ref().is_empty())
        .or_else(|| variable("AWS_DEFAULT_REGION").map(Region::new))
        .ok_or_else(|| absent("AWS_REGION (or AWS_DEFAULT_REGION)"))?;
    let name = region.as_ref();
    let inside = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_label = (1..=63).contains(&name.len())
        && name.bytes().all(inside)
        && !name.starts_with('-')
        && !name.ends_with('-');
    if is_label {
        Ok(region)
    } else {
        Err(malformed(
            "AWS_REGION (or AWS_DEFAULT_REGION)",
            "is not the name of a region, such as us-east-1",
        ))
    }
}

async fn credentials() -> Result<EnvironmentVariableCredentialsProvider, RuleError> {
    let [id, secret, token] = [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ];
    let provider = EnvironmentVariableCredentialsProvider::new();
    // The provider does not say which variable it lacks.
    let found = provider.provide_credentials().await.map_err(|_| {
        let blank = |name: &&str| variable(name).is_none_or(|value| value.trim().is_empty());
        absent([id, secret].into_iter().find(blank).unwrap_or(id))
    })?;
    for (name, value) in [
        (id, found.access_key_id()),
        (secret, found.secret_access_key()),
        (token, found.session_token().unwrap_or_default()),
    ] {
        if !value.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(malformed(name, "contains spaces or non-ASCII characters"));
        }
    }
    Ok(provider)
}

/// Checks a variable that sets an endpoint.
///
/// # Errors
/// `InvalidEnvironment` if it is no URL of an endpoint.
pub fn check_endpoint(name: &str) -> Result<(), RuleError> {
    let Some(value) = variable(name) else {
        return Ok(());
    };
    let is_endpoint = value.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.authority().is_some_and(|it| !it.as_str().contains('@'))
            && uri.query().is_none()
    });
    if is_endpoint {
        Ok(())
    } else {
        Err(operator_set(name, "is not a URL such as https://HOST:PORT"))
    }
}

/// Checks that each variable leads to at least one root certificate. It stops at the
/// first one: the TLS client reads all of them, which is half of a cold start. Without
/// the variables it reads those of Lambda's image.
fn check_root_certificates() -> Result<(), RuleError> {
    if let Some(file) = env::var_os(CERTIFICATE_FILE) {
        find_certificate(Path::new(&file)).map_err(|why| operator_set(CERTIFICATE_FILE, &why))?;
    }
    let Some(directories) = env::var_os(CERTIFICATE_DIRECTORIES).filter(|it| !it.is_empty()) else {
        return Ok(());
    };
    let mut found = Err(NO_CERTIFICATE.to_owned());
    for directory in env::split_paths(&directories) {
        found = found.or_else(|_| find_certificate_in(&directory));
    }
    found.map_err(|why| operator_set(CERTIFICATE_DIRECTORIES, &why))
}

const NO_CERTIFICATE: &str = "leads to no root certificate in PEM format";

fn find_certificate_in(directory: &Path) -> Result<(), String> {
    let entries = fs::read_dir(directory).map_err(|error| format!("cannot be read: {error}"))?;
    let mut files = entries.flatten().map(|entry| entry.path());
    if files.any(|file| file.is_file() && find_certificate(&file).is_ok()) {
        Ok(())
    } else {
        Err(NO_CERTIFICATE.to_owned())
    }
}

fn find_certificate(file: &Path) -> Result<(), String> {
    // The TLS client also continues after a certificate that it cannot read.
    let mut why = NO_CERTIFICATE.to_owned();
    let cannot_read = |error| format!("cannot be read: {error}");
    for certificate in CertificateDer::pem_file_iter(file).map_err(cannot_read)? {
        match certificate {
            Ok(certificate) => {
                if RootCertStore::empty().add(certificate).is_ok() {
                    return Ok(());
                }
            }
            Err(error) => why = cannot_read(error),
        }
    }
    Err(why)
}

fn flag(name: &str) -> Result<bool, RuleError> {
    match variable(name) {
        None => Ok(false),
        Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
        Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(operator_set(name, "is neither true nor false")),
    }
}

/// Posts a failed start to the Runtime API. `lambda_runtime` keeps its own call for
/// that private. If the post fails, Lambda still has the log line and the exit code.
pub fn post_init_error(error: &impl RunError) {
    if let Some(address) = variable(RUNTIME_API) {
        let _ = post(&address, &diagnostic(error));
    }
}

fn post(address: &str, diagnostic: &Diagnostic) -> std::io::Result<()> {
    let body = serde_json::to_string(diagnostic)?;
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(INIT_ERROR_TIMEOUT))?;
    stream.set_write_timeout(Some(INIT_ERROR_TIMEOUT))?;
    write!(
        stream,
        "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: {address}\r\n\
         Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: {}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        diagnostic.error_type,
        body.len(),
    )?;
    // Lambda has accepted it once it responds.
    stream.read_to_end(&mut Vec::new())?;
    Ok(())
}

/// Returns the value of an environment variable; an empty one counts as absent.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn needed(name: &str) -> Result<String, RuleError> {
    variable(name).ok_or_else(|| absent(name))
}

fn absent(name: &str) -> RuleError {
    malformed(name, "is not set")
}

/// Returns the error about a variable that Lambda sets.
fn malformed(name: &str, why: &str) -> RuleError {
    RuleError::new(
        ErrorKind::InvalidEnvironment,
        format!(
            "cannot start: {name} {why}; the Lambda runtime sets it, so run this program in Lambda (provided.al2023) or with `make local`"
        ),
    )
}

/// Returns the error about a variable that an operator has set on the function.
fn operator_set(name: &str, why: &str) -> RuleError {
    RuleError::new(
        ErrorKind::InvalidEnvironment,
        format!(
            "cannot start: {name} {why}; correct or remove it in the function's environment variables"
        ),
    )
}
