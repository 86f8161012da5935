//! The environment of a Lambda sandbox whose AWS is the emulator.

use crate::{
    emulator::LocalAws,
    lambda::{function_process::Environment, runtime_api::RuntimeApi},
    state::{account::Account, rule::RULE_NAME},
};

/// What a Lambda sandbox of that account has in its environment, pointed at the emulator.
#[must_use]
pub fn lambda_environment(aws: &LocalAws, runtime: &RuntimeApi, account: &Account) -> Environment {
    let credentials = account.credentials();
    let mut environment: Environment = [
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", &credentials.secret_access_key),
        ("AWS_SESSION_TOKEN", &credentials.session_token),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_LAMBDA_FUNCTION_NAME", RULE_NAME),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        (
            "AWS_LAMBDA_LOG_GROUP_NAME",
            &format!("/aws/lambda/{RULE_NAME}"),
        ),
        (
            "AWS_LAMBDA_LOG_STREAM_NAME",
            "2026/03/01/[$LATEST]00000000000000000000000000000001",
        ),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("AWS_LAMBDA_RUNTIME_API", &runtime.address()),
        ("AWS_ENDPOINT_URL_IAM", &aws.iam_url()),
        ("AWS_ENDPOINT_URL_CONFIG_SERVICE", &aws.config_url()),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        ("_HANDLER", "bootstrap"),
        ("TZ", ":UTC"),
        ("LANG", "en_US.UTF-8"),
        ("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    if let Some(file) = aws.ca_file() {
        environment.insert("SSL_CERT_FILE".to_owned(), file.display().to_string());
    }
    environment
}
