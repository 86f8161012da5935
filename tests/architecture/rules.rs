//! The rules of the architecture, and the modules that each of them is about.
//! Every broken rule is a sentence.

use crate::source_tree::SourceTree;

/// Crates whose use makes a module impure, beside every `aws_*`.
const IMPURE_CRATES: [&str; 6] = [
    "tokio",
    "lambda_runtime",
    "lambda_runtime_api_client",
    "hyper",
    "tracing",
    "tracing_subscriber",
];

/// Paths whose use makes a module impure: processes, files, networks, clocks.
const IMPURE_PATHS: [&str; 13] = [
    "std::env",
    "std::fs",
    "std::io::stderr",
    "std::io::stdin",
    "std::io::stdout",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "chrono::Local",
    "chrono::Utc::now",
    "chrono::offset",
];

const IMPURE_MACROS: [&str; 5] = ["print!", "println!", "eprint!", "eprintln!", "dbg!"];

/// Modules that lead back to themselves, and modules that import one that they
/// are inside of.
pub fn import_cycles(tree: &SourceTree) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, module) in &tree.0 {
        for import in &module.imports {
            if name.starts_with(&format!("{import}::")) {
                broken.push(format!("{name} imports {import}, which it is a part of"));
            }
        }
        let reached = tree.reached_from(name);
        if reached.contains_key(name) {
            let way = way(&reached, name, name);
            broken.push(format!("{name} leads back to itself: {way}"));
        }
    }
    broken
}

/// Modules within `pure` that call AWS, print, or read the clock or the
/// environment, directly or through other modules of ours.
pub fn impure(tree: &SourceTree, pure: &[&str]) -> Vec<String> {
    let mut broken = Vec::new();
    for name in within(tree, pure) {
        let mut reached = tree.reached_from(name);
        reached.insert(name.clone(), String::new());
        for module in reached.keys() {
            for path in tree.0[module]
                .external
                .iter()
                .filter(|path| is_impure(path))
            {
                let way = way(&reached, name, module);
                broken.push(format!("{name} is pure and reaches {path}: {way}"));
            }
        }
    }
    broken
}

/// Modules within `renderers` that import a module within `evaluators`.
pub fn evaluating_renderers(
    tree: &SourceTree,
    renderers: &[&str],
    evaluators: &[&str],
) -> Vec<String> {
    let mut broken = Vec::new();
    for name in within(tree, renderers) {
        for import in within(tree, evaluators).filter(|it| tree.0[name].imports.contains(*it)) {
            broken.push(format!(
                "{name} renders and imports {import}, which evaluates"
            ));
        }
    }
    broken
}

/// The modules that these names stand for: each itself and all that is in it. A
/// name without a module is an error, so that no rule ends in nothing.
fn within<'a>(tree: &'a SourceTree, names: &'a [&str]) -> impl Iterator<Item = &'a String> {
    for name in names {
        assert!(tree.0.contains_key(*name), "no module {name}");
    }
    let is_in = |module: &str| {
        let inside = |name: &&str| module == *name || module.starts_with(&format!("{name}::"));
        names.iter().any(inside)
    };
    tree.0.keys().filter(move |module| is_in(module))
}

fn is_impure(path: &str) -> bool {
    let crate_name = path.split("::").next().unwrap_or_default();
    crate_name.starts_with("aws_")
        || IMPURE_CRATES.contains(&crate_name)
        || IMPURE_MACROS.contains(&path)
        || IMPURE_PATHS
            .iter()
            .any(|impure| path == *impure || path.starts_with(&format!("{impure}::")))
}

/// From `start` to `end`, module by module.
fn way(reached: &std::collections::BTreeMap<String, String>, start: &str, end: &str) -> String {
    let mut way = vec![end];
    let mut at = end;
    while let Some(before) = reached.get(at).filter(|it| !it.is_empty()) {
        way.push(before);
        at = before;
        if at == start {
            break;
        }
    }
    way.reverse();
    way.join(" → ")
}
