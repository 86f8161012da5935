//! Scenario 16 of docs/rule.md: a start that cannot succeed is reported by name.

use std::fs;
use std::path::{Path, PathBuf};

use local_aws::LocalAws;

use crate::function::{Function, defect, response};
use crate::wire::account;

/// With changed environment variables the process ends with a failure. Lambda and the log
/// both receive the reason, which is returned: it names the variable `named`.
async fn not_started(changes: &[(&str, Option<&str>)], named: &str) -> String {
    let function = Function::start_with(account(), changes).await;
    let code = function.process.exited().await;
    assert_eq!(code, Some(1), "{changes:?}");
    let posted = function.runtime.init_errors();
    assert_eq!(posted.len(), 1, "{posted:?}");
    assert_eq!(posted[0].error_type, "InvalidEnvironment");
    assert_eq!(posted[0].header.as_deref(), Some("InvalidEnvironment"));
    let message = &posted[0].error_message;
    assert!(message.contains(named), "{message}");
    let log = function.log();
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(log[0]["error_type"], "InvalidEnvironment");
    message.clone()
}

#[tokio::test]
async fn scenario_16_a_missing_lambda_variable_is_reported_by_name() {
    for name in [
        "AWS_REGION",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ] {
        for value in [None, Some("")] {
            let changes = [("AWS_DEFAULT_REGION", None), (name, value)];
            not_started(&changes, name).await;
        }
    }
}

#[tokio::test]
async fn scenario_16_a_malformed_variable_is_reported_by_name() {
    let cases = [
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "lots"),
        ("AWS_REGION", "us east 1"),
        ("AWS_REGION", "us-east-1\n"),
        ("AWS_REGION", "https://iam.amazonaws.com"),
        ("AWS_REGION", "-"),
        ("AWS_REGION", "évora-1"),
        ("AWS_SECRET_ACCESS_KEY", "two words"),
        ("AWS_SESSION_TOKEN", "line\nline"),
        ("AWS_ENDPOINT_URL", "nonsense"),
        ("AWS_ENDPOINT_URL_IAM", "127.0.0.1:9000"),
        ("AWS_ENDPOINT_URL_IAM", "ftp://127.0.0.1"),
        ("AWS_ENDPOINT_URL_IAM", "http://"),
        ("AWS_ENDPOINT_URL_CONFIG_SERVICE", "http://[::1"),
        (
            "AWS_ENDPOINT_URL_CONFIG_SERVICE",
            "http://name:password@127.0.0.1",
        ),
        ("AWS_ENDPOINT_URL_CONFIG_SERVICE", "http://127.0.0.1/?a=b"),
        ("AWS_USE_FIPS_ENDPOINT", "yes"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "1"),
    ];
    for (name, value) in cases {
        let message = not_started(&[(name, Some(value))], name).await;
        let quoted = value.len() > 1 && message.contains(value);
        assert!(!quoted, "{message}");
    }
}

#[tokio::test]
async fn scenario_16_unreadable_root_certificates_are_reported_by_name() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("root-certificates");
    let empty_folder = folder.join("empty");
    fs::create_dir_all(&empty_folder).unwrap();
    let file = |name: &str, text: &str| {
        let file = folder.join(name);
        fs::write(&file, text).unwrap();
        file
    };
    let pem = |inside: &str| {
        format!("-----BEGIN CERTIFICATE-----\n{inside}\n-----END CERTIFICATE-----\n")
    };
    let cases = [
        ("SSL_CERT_FILE", folder.join("missing.pem")),
        ("SSL_CERT_FILE", empty_folder.clone()),
        ("SSL_CERT_FILE", PathBuf::new()),
        ("SSL_CERT_FILE", file("empty.pem", "")),
        ("SSL_CERT_FILE", file("words.pem", "no certificate")),
        ("SSL_CERT_FILE", file("no-base64.pem", &pem("%%%"))),
        (
            "SSL_CERT_FILE",
            file("no-certificate.pem", &pem("bm9uZQ==")),
        ),
        ("SSL_CERT_DIR", folder.join("missing")),
        ("SSL_CERT_DIR", folder.clone()),
        ("SSL_CERT_DIR", empty_folder),
    ];
    for (name, path) in cases {
        not_started(&[(name, path.to_str())], name).await;
    }
}

#[tokio::test]
async fn scenario_16_without_a_runtime_api_the_reason_is_in_the_log() {
    let name = "AWS_LAMBDA_RUNTIME_API";
    let function = Function::start_with(account(), &[(name, None)]).await;
    assert_eq!(function.process.exited().await, Some(1));
    let log = function.log();
    assert!(log[0]["error"].as_str().unwrap().contains(name), "{log:?}");
}

#[tokio::test]
async fn the_default_region_is_used_if_lambda_sets_no_other() {
    for region in [None, Some("")] {
        let changes = [
            ("AWS_REGION", region),
            ("AWS_DEFAULT_REGION", Some("us-east-1")),
        ];
        let function = Function::start_with(account(), &changes).await;
        response(function.evaluate().await);
    }
}

#[tokio::test]
async fn a_panic_at_the_start_is_reported_by_its_place_alone() {
    let secret = "a-value-that-must-not-be-seen";
    let aws = LocalAws::start().await.unwrap();
    let changes = [("DEFECT", Some(secret))];
    let function = Function::spawn(&defect(), aws, account(), &changes).await;
    assert_eq!(function.process.exited().await, Some(1));
    let (posted, log) = (function.runtime.init_errors(), function.log());
    assert_eq!((posted.len(), log.len()), (1, 1), "{posted:?} {log:?}");
    assert_eq!(posted[0].error_type, "InternalError");
    assert_eq!(log[0]["error_type"], "InternalError");
    for text in [&posted[0].error_message, log[0]["error"].as_str().unwrap()] {
        assert!(text.contains("examples/defect.rs:"), "{text}");
    }
    assert!(!function.process.output().contains(secret));
}
