//! Completions and manual pages, made from the command line itself.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::wire::Wire;

const SUBCOMMANDS: [&str; 9] = [
    "check",
    "list",
    "delete",
    "plan",
    "apply",
    "status",
    "exemptions",
    "completions",
    "man",
];

#[tokio::test]
async fn bash_completes_subcommands_and_options() {
    let completions = Wire::new().await.run(&["completions", "bash"]).await;
    assert_eq!((completions.code, completions.err.as_str()), (Some(0), ""));
    for (typed, index, expected) in [
        ("root-keys de", 1, "delete"),
        ("root-keys list --acc", 2, "--account"),
        ("root-keys status --output j", 3, "json"),
    ] {
        let words: Vec<_> = typed.split(' ').collect();
        let script = format!(
            "{}\nCOMP_WORDS=({typed})\nCOMP_CWORD={index}\n_root-keys root-keys {} {}\n\
             printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            completions.out,
            words[index],
            words[index - 1]
        );
        let ran = Command::new("bash").args(["-c", &script]).output().unwrap();
        let replies = String::from_utf8(ran.stdout).unwrap();
        let found = replies.lines().any(|reply| reply == expected);
        assert!(found, "{typed}: {replies:?}");
    }
}

#[tokio::test]
async fn every_shell_of_the_help_has_completions() {
    let wire = Wire::new().await;
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ended = wire.run(&["completions", shell]).await;
        assert_eq!(ended.code, Some(0), "{shell}");
        ended.shows("preflight");
    }
}

#[tokio::test]
async fn the_manual_page_of_each_subcommand_names_all_of_its_options() {
    let wire = Wire::new().await;
    for name in SUBCOMMANDS {
        let page = wire.run(&["man", name]).await;
        assert_eq!((page.code, page.err.as_str()), (Some(0), ""), "{name}");
        let page = page.out.replace("\\-", "-");
        let title = format!(".TH root-keys-{name} 1 ");
        assert!(page.contains(&title), "{name}: {page}");
        assert!(page.contains(".SH \"EXIT STATUS\"\n"), "{name}: {page}");
        let help = wire.run(&[name, "--help"]).await.out;
        let options = help.split_whitespace().filter(|it| it.starts_with("--"));
        let options: Vec<_> = options
            .map(|it| it.split(['[', '=', ':']).next().unwrap())
            .collect();
        assert!(options.contains(&"--help"), "{name}: {help}");
        for option in options {
            assert!(page.contains(option), "{name} {option}: {page}");
        }
    }
    let whole = wire.run(&["man"]).await.out.replace("\\-", "-");
    for name in SUBCOMMANDS {
        assert!(whole.contains(&format!("root-keys-{name}(1)")), "{name}");
    }
}

#[tokio::test]
async fn man_formats_the_page_without_a_complaint() {
    let page = Wire::new().await.run(&["man", "status"]).await.out;
    let Ok(mut groff) = Command::new("groff")
        .args(["-man", "-Tascii", "-ww", "-z"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    else {
        // groff is not on every machine; the tests above read the page itself.
        return;
    };
    let mut input = groff.stdin.take().unwrap();
    input.write_all(page.as_bytes()).unwrap();
    drop(input);
    let ran = groff.wait_with_output().unwrap();
    let complaints = String::from_utf8(ran.stderr).unwrap();
    assert_eq!((ran.status.success(), complaints.as_str()), (true, ""));
}
