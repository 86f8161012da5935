//! Words what was repaired, and what was not and why.

use root_keys::text::{counted, thousands};

use crate::digest::mail::Mail;
use crate::digest::named::Named;
use crate::repair::outcome::RepairOutcome;
use crate::repair_lines;

/// The most accounts that a line names.
const MAX_NAMED: usize = 10;

/// Adds the section, if an account needs a repair or was repaired.
pub fn section(mail: &mut Mail, outcome: &RepairOutcome, named: &mut Named<'_>) {
    let lines = repair_lines::of(outcome);
    let concerns = outcome.repair.is_some()
        || !outcome.succeeded.is_empty()
        || !outcome.not_repaired.is_empty();
    if !concerns {
        return;
    }
    mail.section("Repair of enrollment");
    for line in lines {
        let what = named.external(&line.what);
        let accounts = accounts(&line.accounts, named);
        mail.wrapped(0, 2, &format!("- {what}{accounts}"));
    }
}

/// The accounts that may be named, and how many there are besides.
fn accounts(accounts: &[String], named: &mut Named<'_>) -> String {
    let shown = accounts.iter().filter(|it| named.admits(it));
    let shown: Vec<_> = shown.take(MAX_NAMED).map(String::as_str).collect();
    match (shown.as_slice(), accounts.len() - shown.len()) {
        ([], 0) => String::new(),
        ([], more) => format!(": {}, see the report below", counted(more, "account")),
        (shown, 0) => format!(": {}", shown.join(", ")),
        (shown, more) => {
            let (shown, more) = (shown.join(", "), thousands(more));
            format!(": {shown} and {more} more, see the report below")
        }
    }
}
