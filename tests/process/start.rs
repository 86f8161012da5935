//! Scenario 16 of docs/rule.md: a start that cannot succeed is reported by name.

use std::fs;
use std::path::{Path, PathBuf};

use local_aws::{Environment, Outcome};

use crate::function::{Function, bootstrap};
use crate::wire::account;

#[tokio::test]
async fn scenario_16_a_missing_lambda_variable_is_reported_by_name() {
    for name in [
        "AWS_REGION",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    ] {
        for value in [None, Some("")] {
            let change = |environment: &mut Environment| {
                environment.remove(name);
                environment.remove("AWS_DEFAULT_REGION");
                if let Some(value) = value {
                    environment.insert(name.to_owned(), value.to_owned());
                }
            };
            let function = Function::start_with(account(), &bootstrap(), change).await;
            not_started(&function, name).await;
        }
    }
}

#[tokio::test]
async fn scenario_16_a_malformed_memory_size_is_reported_by_name() {
    let change = |environment: &mut Environment| {
        environment.insert(
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE".to_owned(),
            "lots".to_owned(),
        );
    };
    let function = Function::start_with(account(), &bootstrap(), change).await;
    not_started(&function, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE").await;
}

#[tokio::test]
async fn scenario_16_without_credentials_the_start_fails_by_name() {
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        let change = |environment: &mut Environment| {
            environment.remove(name);
        };
        let function = Function::start_with(account(), &bootstrap(), change).await;
        not_started(&function, name).await;
    }
}

#[tokio::test]
async fn scenario_16_what_the_sdk_would_only_trip_over_later_is_named_at_the_start() {
    let cases = [
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
        let change = |environment: &mut Environment| {
            environment.insert(name.to_owned(), value.to_owned());
        };
        let function = Function::start_with(account(), &bootstrap(), change).await;
        not_started(&function, name).await;
        let error = &function.runtime.init_errors()[0].error_message;
        assert!(
            !error.contains(value) || value == "-" || value == "1",
            "{error}"
        );
    }
}

#[tokio::test]
async fn scenario_16_root_certificates_that_cannot_be_read_are_named_at_the_start() {
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
        let change = |environment: &mut Environment| {
            environment.insert(name.to_owned(), path.display().to_string());
        };
        let function = Function::start_with(account(), &bootstrap(), change).await;
        not_started(&function, name).await;
    }
}

/// The process ends with a failure, and Lambda and the log both receive the reason.
async fn not_started(function: &Function, named: &str) {
    let code = function.process.exited().await;
    assert!(
        code.is_some_and(|code| code != 0),
        "{named}: exit code {code:?}"
    );
    let told = function.runtime.init_errors();
    assert_eq!(told.len(), 1, "{named}: {told:?}");
    assert_eq!(told[0].error_type, "InvalidEnvironment");
    assert_eq!(told[0].header.as_deref(), Some("InvalidEnvironment"));
    assert!(
        told[0].error_message.contains(named),
        "{}",
        told[0].error_message
    );
    let log = function.log();
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(log[0]["error_type"], "InvalidEnvironment");
}

#[tokio::test]
async fn scenario_16_without_a_runtime_api_only_the_log_can_say_so() {
    let change = |environment: &mut Environment| {
        environment.remove("AWS_LAMBDA_RUNTIME_API");
    };
    let function = Function::start_with(account(), &bootstrap(), change).await;
    assert_eq!(function.process.exited().await, Some(1));
    assert!(
        function.log()[0]["error"]
            .as_str()
            .unwrap()
            .contains("AWS_LAMBDA_RUNTIME_API")
    );
}

#[tokio::test]
async fn the_default_region_serves_where_lambda_sets_no_other() {
    for other in [None, Some("")] {
        let change = |environment: &mut Environment| {
            let region = environment.remove("AWS_REGION").unwrap();
            environment.insert("AWS_DEFAULT_REGION".to_owned(), region);
            if let Some(other) = other {
                environment.insert("AWS_REGION".to_owned(), other.to_owned());
            }
        };
        let function = Function::start_with(account(), &bootstrap(), change).await;
        assert!(matches!(function.evaluate().await, Outcome::Response(_)));
    }
}

#[tokio::test]
async fn a_panic_at_the_start_is_reported_by_its_place_alone() {
    let examples = Path::new(env!("CARGO_BIN_EXE_bootstrap")).with_file_name("examples");
    let secret = "a-value-that-must-not-be-seen";
    let change = |environment: &mut Environment| {
        environment.insert("DEFECT".to_owned(), secret.to_owned());
    };
    let function = Function::start_with(account(), &examples.join("defect"), change).await;
    assert_eq!(function.process.exited().await, Some(1));
    let posted = function.runtime.init_errors();
    assert_eq!(posted.len(), 1, "{posted:?}");
    assert_eq!(posted[0].error_type, "InternalError");
    let log = function.log();
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(log[0]["error_type"], "InternalError");
    for text in [&posted[0].error_message, log[0]["error"].as_str().unwrap()] {
        assert!(text.contains("examples/defect.rs:"), "{text}");
    }
    assert!(!function.process.output().contains(secret));
}
