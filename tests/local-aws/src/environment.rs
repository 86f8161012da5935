//! The environment of a Lambda sandbox whose AWS is the emulator.

use crate::{
    emulator::LocalAws,
    lambda::{function_process::Environment, runtime_api::RuntimeApi},
    state::{account::Account, rule::RULE_NAME},
};

/// The environment of a Lambda sandbox of that account, with the emulator's endpoints.
#[must_use]
pub fn lambda_environment(aws: &LocalAws, runtime: &RuntimeApi, account: &Account) -> Environment {
    let credentials = account.credentials();
    let [iam, config, ..] = aws.endpoints();
    let stream = "2026/03/01/[$LATEST]00000000000000000000000000000001";
    let variables = [
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key),
        ("AWS_SESSION_TOKEN", credentials.session_token),
        (
            "AWS_LAMBDA_LOG_GROUP_NAME",
            format!("/aws/lambda/{RULE_NAME}"),
        ),
        ("AWS_LAMBDA_RUNTIME_API", runtime.address()),
        iam,
        config,
    ];
    let constants = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_LAMBDA_FUNCTION_NAME", RULE_NAME),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", stream),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        ("_HANDLER", "bootstrap"),
        ("TZ", ":UTC"),
        ("LANG", "en_US.UTF-8"),
        ("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin"),
    ];
    let ca_file = aws
        .ca_file()
        .map(|it| ("SSL_CERT_FILE", it.display().to_string()));
    let constants = constants.map(|(name, value)| (name, value.to_owned()));
    let all = variables.into_iter().chain(constants).chain(ca_file);
    all.map(|(name, value)| (name.to_owned(), value)).collect()
}
