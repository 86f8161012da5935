//! The dependencies of the functions: one TLS stack, one HTTP stack, one async runtime, and
//! a short list of direct ones of the rule.

use std::collections::BTreeSet;
use std::env::consts::ARCH;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The direct dependencies. A new entry needs a reason in docs/decisions.md.
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

/// The package of the rule, and that of the watch.
const RULE: &str = env!("CARGO_PKG_NAME");
const WATCH: &str = "root-access-key-watch";

/// The crates of a function's build for a processor, as names with versions.
fn crates(package: &str, depth: &str, processor: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--package", package])
        .args(["--edges", "normal", "--depth", depth])
        .args(["--prefix", "none", "--format", "{p}"])
        .args(["--target", &format!("{processor}-unknown-linux-gnu")])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let tree = String::from_utf8(output.stdout).unwrap();
    let packages = tree.lines().filter(|line| !line.is_empty());
    packages
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect()
}

fn name(with_version: &str) -> &str {
    with_version.split(' ').next().unwrap_or_default()
}

#[test]
fn the_direct_dependencies_are_known_and_have_reasons() {
    let crates = crates(RULE, "1", ARCH);
    let direct = crates.iter().map(|it| name(it));
    let direct: Vec<&str> = direct.filter(|it| *it != env!("CARGO_PKG_NAME")).collect();
    assert_eq!(direct, DIRECT);
    let decisions = include_str!("../../docs/decisions.md");
    let (_, reasons) = decisions.split_once("## Crates of the function").unwrap();
    for name in DIRECT {
        let has_reason = reasons.contains(&format!("`{name}`"));
        assert!(has_reason, "{name} has no reason");
    }
}

/// `deny.toml` bans the other stacks.
#[test]
fn each_stack_has_one_version() {
    for package in [RULE, WATCH] {
        let crates = crates(package, "100", ARCH);
        assert!(crates.len() > 50, "cargo tree printed {crates:?}");
        for stack in [
            "rustls",
            "ring",
            "hyper",
            "hyper-util",
            "http",
            "h2",
            "tokio",
        ] {
            let versions: Vec<_> = crates.iter().filter(|it| name(it) == stack).collect();
            assert!(versions.len() <= 1, "{package}: {versions:?}");
        }
    }
}

#[test]
#[ignore = "needs what `make package` built; `make check-package` runs it"]
fn the_bills_of_materials_list_the_crates_of_the_builds() {
    let built = std::env::var_os("LAMBDA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/lambda"),
        PathBuf::from,
    );
    for (package, folder) in [(RULE, "bootstrap"), (WATCH, "watch")] {
        let bill = built.join(folder).join("bootstrap.cdx.json");
        let bill: Value = serde_json::from_str(&fs::read_to_string(bill).unwrap()).unwrap();
        let text = |it: &Value| it.as_str().unwrap().to_owned();
        let components = bill["components"].as_array().unwrap().iter();
        let program = &bill["metadata"]["component"];
        let listed: BTreeSet<String> = components
            .chain([program])
            .map(|it| format!("{} v{}", text(&it["name"]), text(&it["version"])))
            .collect();
        let mut properties = program["properties"].as_array().unwrap().iter();
        let architecture = properties.find(|it| it["name"] == "architecture").unwrap();
        let processor = text(&architecture["value"]).replace("arm64", "aarch64");
        assert_eq!(listed, crates(package, "100", &processor), "{package}");
    }
}
