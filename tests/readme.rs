//! Verifies that the README shows the exact output of `make local`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::path::Path;
use std::process::Command;

/// What `text` says apart from the milliseconds, which differ from run to run:
/// each run of spaces and a number at a line's end becomes ` MS`.
fn without_milliseconds(text: &str) -> Vec<String> {
    let line = |line: &str| {
        let words = line.trim_end();
        let last = words.rsplit(' ').next().unwrap_or_default();
        let is_number = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
        let judged = words.contains("COMPLIANT ") || words.contains("run failed ");
        if is_number && judged {
            format!("{} MS", words[..words.len() - last.len()].trim_end())
        } else {
            words.to_owned()
        }
    };
    text.trim().lines().map(line).collect()
}

#[test]
fn the_readme_shows_the_real_output_of_make_local() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let shown = readme
        .split("```text\n$ make local\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("the README shows `make local` in a text block");

    let local = Path::new(env!("CARGO_BIN_EXE_bootstrap")).with_file_name("local");
    let output = Command::new(local).env("COLUMNS", "100").output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let real = String::from_utf8(output.stdout).unwrap();
    assert!(real.contains("NON_COMPLIANT"), "{real}");
    assert_eq!(
        without_milliseconds(shown),
        without_milliseconds(&real),
        "paste this:\n{real}"
    );
}
