//! The verdict of a report and its counts, in words.

use crate::status::account_status::{AccountCompliance, AccountStatus};
use crate::status::page::Color;
use crate::status::report::Report;
use crate::text::{counted, thousands};

/// Returns the verdict in one sentence, and the color that means the same.
#[must_use]
pub fn sentence(report: &Report) -> (String, Color) {
    let Report {
        exit_code, open, ..
    } = *report;
    let covered = Covered::of(report);
    let no_key = match covered.with_keys {
        0 => "no root access key found",
        _ => "no root access key found outside exempt accounts",
    };
    match exit_code {
        0 if covered.accounts == 0 => {
            let text = format!("COMPLIANT: {}.", compliant(active(report)));
            (text, Color::Green)
        }
        0 => {
            let others = compliant(active(report) - covered.accounts);
            let covered = verb(covered.accounts, "has", "have");
            let text = format!(
                "NOTHING OPEN: {others}; {covered} issues \
                 that an exemption covers."
            );
            (text, Color::Green)
        }
        2 => {
            let with_keys = report.count(AccountCompliance::NonCompliant) - covered.with_keys;
            let others = match open - with_keys {
                0 => String::new(),
                1 => "; 1 other has issues".to_owned(),
                others => format!("; {} others have issues", thousands(others)),
            };
            let with_keys = verb(with_keys, "has", "have");
            let exempt = match covered.with_keys {
                0 => String::new(),
                1 => "; 1 more is exempt".to_owned(),
                exempt => format!("; {} more are exempt", thousands(exempt)),
            };
            let text = format!("NON_COMPLIANT: {with_keys} root access keys{others}{exempt}.");
            (text, Color::Red)
        }
        1 if !report.other_regions.is_empty() => {
            let (there, here) = (report.other_regions.join(", "), &report.head.region);
            (
                format!("WRONG REGION: the rule is in {there}, not in {here}."),
                Color::Yellow,
            )
        }
        1 => (
            format!("UNKNOWN: {no_key}, but not everything could be read."),
            Color::Yellow,
        ),
        _ => (
            format!(
                "INCOMPLETE: {no_key}, but {} issues.",
                verb(open, "has", "have")
            ),
            Color::Yellow,
        ),
    }
}

/// The accounts that need action which an exemption in force covers.
struct Covered {
    accounts: usize,
    with_keys: usize,
}

impl Covered {
    fn of(report: &Report) -> Self {
        let covered = |it: &&AccountStatus| it.is_exempt() && !it.open && !it.needs_no_action();
        let with_key = |it: &&AccountStatus| {
            it.is_exempt() && it.compliance == AccountCompliance::NonCompliant
        };
        Self {
            accounts: report.accounts.iter().filter(covered).count(),
            with_keys: report.accounts.iter().filter(with_key).count(),
        }
    }
}

fn compliant(accounts: usize) -> String {
    let each = if accounts == 1 { "" } else { ", each" };
    let accounts = counted(accounts, "active account");
    format!("{accounts}{each} with a fresh result and no root access key")
}

fn active(report: &Report) -> usize {
    report.accounts.len() - report.count(AccountCompliance::NotActive)
}

fn verb(accounts: usize, one: &str, many: &str) -> String {
    let verb = if accounts == 1 { one } else { many };
    format!("{} {verb}", counted(accounts, "account"))
}

/// Says how many accounts there are of each compliance, and how many are exempt.
#[must_use]
pub fn counts(report: &Report) -> String {
    let known = AccountCompliance::ALL
        .into_iter()
        .filter(|it| report.count(*it) > 0);
    let each = known.map(|it| format!("{} {}", thousands(report.count(it)), it.word()));
    let each: Vec<_> = each.collect();
    let exempt = match report.exempt {
        0 => String::new(),
        exempt => format!("; {} exempt", thousands(exempt)),
    };
    format!(
        "{}: {}{exempt}",
        counted(report.accounts.len(), "account"),
        each.join(", ")
    )
}
