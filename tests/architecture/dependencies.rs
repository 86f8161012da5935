//! What the function is made of: one TLS stack, one HTTP stack, one async
//! runtime, and a short list of its own.

use std::path::Path;
use std::process::Command;

/// The function's own list. A new entry needs a reason in docs/decisions.md.
const DIRECT: [&str; 23] = [
    "aws-config",
    "aws-credential-types",
    "aws-runtime",
    "aws-sdk-config",
    "aws-sdk-iam",
    "aws-smithy-async",
    "aws-smithy-http-client",
    "aws-smithy-runtime-api",
    "aws-smithy-types",
    "aws-types",
    "chrono",
    "csv",
    "http",
    "http-body-util",
    "lambda_runtime",
    "lambda_runtime_api_client",
    "quick-xml",
    "rustls",
    "serde",
    "serde_json",
    "tokio",
    "tracing",
    "tracing-subscriber",
];

/// The crates of the function's build, as names with versions.
fn crates(depth: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--offline",
            "--package",
            env!("CARGO_PKG_NAME"),
            "--edges",
            "normal",
        ])
        .args(["--prefix", "none", "--format", "{p}", "--depth", depth])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut crates: Vec<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| {
            Some(
                line.split_whitespace()
                    .take(2)
                    .collect::<Vec<_>>()
                    .join(" "),
            )
            .filter(|name| !name.is_empty())
        })
        .collect();
    crates.sort();
    crates.dedup();
    crates
}

fn name(with_version: &str) -> &str {
    with_version.split(' ').next().unwrap_or_default()
}

#[test]
fn the_functions_own_list_is_short_and_known() {
    let crates = crates("1");
    let direct: Vec<&str> = crates
        .iter()
        .map(|c| name(c))
        .filter(|name| *name != env!("CARGO_PKG_NAME"))
        .collect();
    assert_eq!(direct, DIRECT);
    let decisions = include_str!("../../docs/decisions.md");
    let (_, reasons) = decisions.split_once("## Crates of the function").unwrap();
    for name in DIRECT {
        assert!(
            reasons.contains(&format!("`{name}`")),
            "{name} has no reason"
        );
    }
}

#[test]
fn there_is_one_tls_stack_one_http_stack_and_one_async_runtime() {
    let crates = crates("100");
    assert!(crates.len() > 50, "cargo tree told nothing");
    for one in [
        "rustls",
        "ring",
        "hyper",
        "hyper-util",
        "http",
        "h2",
        "tokio",
    ] {
        let versions: Vec<_> = crates.iter().filter(|c| name(c) == one).collect();
        assert!(versions.len() <= 1, "{versions:?}");
    }
    for none in [
        "aws-lc-rs",
        "aws-lc-sys",
        "openssl",
        "openssl-sys",
        "native-tls",
        "s2n-tls",
        "reqwest",
        "ureq",
        "isahc",
        "curl",
        "async-std",
        "smol",
        "async-executor",
    ] {
        assert!(!crates.iter().any(|c| name(c) == none), "{none} came in");
    }
}

#[test]
#[ignore = "needs what `make package` built; `make check-package` runs it"]
fn the_bill_of_materials_lists_the_crates_of_the_build() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let bill =
        std::fs::read_to_string(root.join("target/lambda/bootstrap/bootstrap.cdx.json")).unwrap();
    let bill: serde_json::Value = serde_json::from_str(&bill).unwrap();
    let mut listed: Vec<String> = bill["components"]
        .as_array()
        .unwrap()
        .iter()
        .chain([&bill["metadata"]["component"]])
        .map(|c| {
            format!(
                "{} v{}",
                c["name"].as_str().unwrap(),
                c["version"].as_str().unwrap()
            )
        })
        .collect();
    listed.sort();
    assert_eq!(listed, crates("100"));
}
