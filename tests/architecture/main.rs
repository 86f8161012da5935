//! The architecture of the crates: which module may use what.
//!
//! Code that decides is pure, nothing imports its caller, and no two modules
//! import each other (docs/decisions.md).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod dependencies;
mod rules;
mod source_tree;

use std::path::Path;

use rules::{evaluating_renderers, import_cycles, impure};
use source_tree::SourceTree;

/// Our crates: a name, and the root file.
const CRATES: [(&str, &str); 8] = [
    ("root_access_key_rule", "src/lib.rs"),
    ("bootstrap", "src/main.rs"),
    ("root_keys", "root-keys/src/lib.rs"),
    ("root-keys", "root-keys/src/main.rs"),
    ("root_access_key_watch", "watch/src/lib.rs"),
    ("watch", "watch/src/main.rs"),
    ("local_aws", "tests/local-aws/src/lib.rs"),
    ("local", "tests/local-aws/src/bin/local/main.rs"),
];

/// The modules that decide or word, with all that is in them.
const PURE: [&str; 48] = [
    "root_access_key_rule::rule",
    "root_access_key_rule::error",
    "root_access_key_rule::redaction",
    "root_access_key_rule::failed_run",
    "root_access_key_rule::aws::failure",
    "root_keys::exemptions",
    "root_keys::exemption_changes",
    "root_keys::failure",
    "root_keys::docs",
    "root_keys::time",
    "root_keys::text",
    "root_keys::spreadsheet",
    "root_keys::progress",
    "root_keys::organization::facts",
    "root_keys::organization::rollout_facts",
    "root_keys::organization::account",
    "root_keys::organization::administrators",
    "root_keys::organization::operation",
    "root_keys::organization::policy_content",
    "root_keys::organization::prevention",
    "root_keys::organization::principals",
    "root_keys::organization::reachability",
    "root_keys::root_session::root_key",
    "root_keys::root_session::record",
    "root_keys::root_session::confirmation",
    "root_keys::root_session::recent_use",
    "root_keys::root_session::plan",
    "root_keys::root_session::apply::step",
    "root_keys::root_session::apply::journal",
    "root_keys::root_session::apply::report",
    "root_keys::root_session::inventory::row",
    "root_keys::root_session::inventory::report",
    "root_keys::root_session::inventory::table",
    "root_keys::status",
    "root_access_key_watch::keys",
    "root_access_key_watch::metrics",
    "root_access_key_watch::stored",
    "root_access_key_watch::answer",
    "root_access_key_watch::cause",
    "root_access_key_watch::digest",
    "root_access_key_watch::error",
    "root_access_key_watch::event",
    "root_access_key_watch::external",
    "root_access_key_watch::history",
    "root_access_key_watch::latest",
    "root_access_key_watch::next",
    "root_access_key_watch::repair",
    "root_access_key_watch::repair_lines",
];

/// The modules that only render, and the modules that evaluate. A module that defines what is
/// rendered, such as `status::evaluation`, is none of the latter.
const RENDERERS: [&str; 10] = [
    "root_keys::status::text",
    "root_keys::status::exemption_lines",
    "root_keys::status::verdict",
    "root_keys::status::csv",
    "root_keys::status::html",
    "root_keys::status::page",
    "root_keys::status::blocks",
    "root_keys::status::preflight::text",
    "root_keys::root_session::inventory::table",
    "root_keys::root_session::plan::text",
];
const EVALUATORS: [&str; 4] = [
    "root_access_key_rule::rule::verdict",
    "root_keys::status::assessment",
    "root_keys::status::account_problems",
    "root_keys::root_session::plan::decision",
];

fn this_repository() -> SourceTree {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    SourceTree::read(&CRATES, &|file| {
        std::fs::read_to_string(root.join(file)).ok()
    })
}

#[test]
fn no_import_cycles_and_no_module_imports_its_parent() {
    let broken = import_cycles(&this_repository());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn pure_modules_call_no_aws_print_nothing_and_read_no_clock() {
    let broken = impure(&this_repository(), &PURE);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn renderers_do_not_evaluate() {
    let broken = evaluating_renderers(&this_repository(), &RENDERERS, &EVALUATORS);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_modules_and_their_imports_are_seen() {
    let tree = this_repository();
    let imports = |module: &str, other: &str| tree.0[module].imports.contains(other);
    assert!(imports("bootstrap", "root_access_key_rule::handler"));
    assert!(imports(
        "root_access_key_rule::handler",
        "root_access_key_rule::finding"
    ));
    assert!(imports(
        "root_access_key_rule::finding",
        "root_access_key_rule::rule::annotation"
    ));
    let external = &tree.0["root_access_key_rule::aws::deadline"].external;
    assert!(
        external.contains("std::time::SystemTime::now"),
        "{external:?}"
    );
}

/// A crate `seed` of these files, `lib.rs` first.
fn seed(files: &[(&str, &str)]) -> SourceTree {
    let text = |file: &Path| {
        let found = files.iter().find(|(name, _)| Path::new(name) == file);
        found.map(|(_, text)| (*text).to_owned())
    };
    SourceTree::read(&[("seed", "lib.rs")], &text)
}

#[test]
fn a_cycle_is_found_however_it_is_written() {
    for back in [
        "use crate::a::f;",
        "use super::{a as first};",
        "fn g() { crate::a::f() }",
        "fn g() { assert!(crate::a::f() == super::a::f()) }",
        "use crate as us; fn g() { us::a::f() }",
    ] {
        let tree = seed(&[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::c::h;"),
            ("b.rs", back),
            ("c.rs", "use crate::{b::{self}};"),
        ]);
        let broken = import_cycles(&tree).join("\n");
        let way = "seed::a → seed::c → seed::b → seed::a";
        assert!(broken.contains(way), "{back}: {broken}");
    }
}

#[test]
fn a_child_that_imports_its_parent_is_found_and_a_parent_may_use_its_child() {
    let parent = "mod child; pub use child::f; struct Own;";
    let alone = seed(&[
        ("lib.rs", "mod parent;"),
        ("parent/mod.rs", parent),
        ("parent/child.rs", ""),
    ]);
    assert_eq!(import_cycles(&alone), Vec::<String>::new());
    for child in [
        "use super::Own;",
        "fn f() { crate::parent::Own; }",
        "mod inside { use super::super::Own; }",
    ] {
        let tree = seed(&[
            ("lib.rs", "mod parent;"),
            ("parent.rs", parent),
            ("parent/child.rs", child),
        ]);
        let broken = import_cycles(&tree).join("\n");
        assert!(
            broken.contains("imports seed::parent, which it is a part of"),
            "{child}: {broken}"
        );
    }
}

#[test]
fn what_makes_a_module_impure_is_found_directly_and_through_another() {
    for (text, named) in [
        ("use aws_sdk_iam::types::User;", "aws_sdk_iam::types::User"),
        ("fn f(it: &aws_types::SdkConfig) {}", "aws_types::SdkConfig"),
        (
            "use chrono::{DateTime, Utc}; fn f() { Utc::now(); }",
            "chrono::Utc::now",
        ),
        (
            "use std::time as clock; fn f() { clock::SystemTime::now(); }",
            "std::time::SystemTime::now",
        ),
        ("use std::{env, fmt};", "std::env"),
        ("fn f() { println!(\"text\") }", "println!"),
        (
            "fn f() { write!(std::io::stdout(), \"text\"); }",
            "std::io::stdout",
        ),
        ("fn f() { tracing::info!(a = 1) }", "tracing::info"),
    ] {
        let decide = "use crate::other::f;";
        for (decide, other) in [(text, ""), (decide, text)] {
            let tree = seed(&[
                ("lib.rs", "mod decide; mod other;"),
                ("decide.rs", decide),
                ("other.rs", other),
            ]);
            let broken = impure(&tree, &["seed::decide"]).join("\n");
            let start = format!("seed::decide is pure and reaches {named}: seed::decide");
            assert!(broken.contains(&start), "{text}: {broken}");
            assert_eq!(
                broken.contains("→ seed::other"),
                !other.is_empty(),
                "{broken}"
            );
        }
    }
}

#[test]
fn a_renderer_that_imports_an_evaluating_module_is_found() {
    let files = [
        ("lib.rs", "mod page; mod judge; mod facts;"),
        ("judge.rs", ""),
        ("facts.rs", ""),
    ];
    for (page, broken) in [
        ("use crate::judge::verdict;", 1),
        ("use crate::facts::Facts;", 0),
    ] {
        let tree = seed(&[&files[..], &[("page.rs", page)]].concat());
        let found = evaluating_renderers(&tree, &["seed::page"], &["seed::judge"]);
        assert_eq!(found.len(), broken, "{found:?}");
    }
}

#[test]
fn comments_strings_and_tests_do_not_count() {
    let text = r#"
        //! See crate::b and std::env.
        fn f() -> &'static str { "crate::b::f() println!()" } // aws_sdk_iam::Client
        fn g(x: Option<u8>, y: bool) -> bool { x.map(|b| b != 1) != Some(y) }
        #[cfg(test)]
        #[allow(unused)]
        mod tests { use super::*; use crate::b::f; use std::env; }
        #[cfg(test)]
        use crate::b;
    "#;
    let tree = seed(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", text),
        ("b.rs", "use crate::a::f;"),
    ]);
    assert_eq!(import_cycles(&tree), Vec::<String>::new());
    assert_eq!(impure(&tree, &["seed::a"]), Vec::<String>::new());
}
