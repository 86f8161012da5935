//! The exit codes of all subcommands: one table, which the help, the manual
//! pages and docs/root-keys.md show.

use std::fmt::Write;

/// One exit code of one subcommand.
pub struct ExitCode {
    /// The subcommand, with the option that changes its exit codes if there is one.
    pub command: &'static str,
    pub code: u8,
    /// A whole sentence.
    pub meaning: &'static str,
}

const fn code(command: &'static str, code: u8, meaning: &'static str) -> ExitCode {
    ExitCode {
        command,
        code,
        meaning,
    }
}

/// Every subcommand also ends with 0 after `--help`, with 1 if its arguments are
/// wrong, and with 101 after a panic; one that Ctrl-C stops, other than `list`, `apply`
/// and a running deletion, is ended by the signal, which shells show as 130.
#[rustfmt::skip] // one row a line
pub const TABLE: &[ExitCode] = &[
    code("check", 0, "The root user has no access keys: COMPLIANT."),
    code("check", 1, "It is not known whether the root user has access keys; standard error says why."),
    code("check", 2, "The root user has an access key: NON_COMPLIANT."),
    code("list", 0, "Every requested account was read."),
    code("list", 1, "No account was read; its row or standard error says why."),
    code("list", 3, "Some requested accounts were not read; their rows say why."),
    code("list", 130, "Ctrl-C stopped the command; the accounts that were read by then are shown."),
    code("delete", 0, "The key is verified to be gone, or the dry run found no reason not to delete it."),
    code("delete", 1, "The key was not deleted, or it is not known whether it was; the record or standard error says why."),
    code("plan", 0, "The plan was written, and the keys of every account that root sessions can reach were read."),
    code("plan", 1, "No plan was written; standard error says why."),
    code("plan", 3, "The plan was written, but the keys of some accounts could not be read; its lines say why."),
    code("apply", 0, "Every key in the plan is verified to be gone, or the dry run found every key unchanged since the plan was made."),
    code("apply", 1, "The plan was not applied, or its journal could not be written; standard error says why."),
    code("apply", 3, "Some keys in the plan may still exist, or the dry run found that some have changed; their lines say why."),
    code("apply", 130, "Ctrl-C stopped the command; the journal records what was done until then."),
    code("status", 0, "Every active account has the rule, and each result is recent and COMPLIANT, or the account is exempt."),
    code("status", 1, "No account that is not exempt is known to be NON_COMPLIANT, but something could not be read."),
    code("status", 2, "An account that is not exempt is NON_COMPLIANT."),
    code("status", 3, "None of the above, but in an account that is not exempt, something is missing, out of date, or stale."),
    code("status --preflight", 0, "Nothing would make the rollout fail."),
    code("status --preflight", 1, "No issue was found, but something could not be read."),
    code("status --preflight", 3, "There are issues to fix before you roll out."),
    code("exemptions", 0, "The watch's bucket has these exemptions."),
    code("exemptions", 1, "The exemptions were not written, or it is not known whether they were; standard error says why."),
    code("completions", 0, "The completions are printed."),
    code("completions", 1, "The completions could not be printed."),
    code("man", 0, "The manual page is printed."),
    code("man", 1, "The manual page could not be printed."),
];

/// The exit codes of a subcommand, as they stand below its help.
pub fn of(subcommand: &str) -> String {
    let mut text = String::new();
    let mut above = "";
    let is_its = |it: &&ExitCode| it.command.split(' ').next() == Some(subcommand);
    for ExitCode {
        command,
        code,
        meaning,
    } in TABLE.iter().filter(is_its)
    {
        if *command != above {
            let of = command.strip_prefix(subcommand).unwrap_or_default();
            let with = if of.is_empty() { "" } else { " with" };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "Exit codes{with}{of}:");
            above = command;
        }
        let _ = writeln!(text, "{code:>5}  {meaning}");
    }
    text
}
