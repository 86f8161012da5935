//! Words what was repaired, and what was not and why.

use root_keys::text::thousands;

use crate::digest::mail::Mail;
use crate::repair::outcome::RepairOutcome;
use crate::repair_lines;

/// The most accounts that a line names.
const MAX_NAMED: usize = 10;

/// Adds the section, if an account needs a repair or was repaired.
pub fn section(mail: &mut Mail, outcome: &RepairOutcome) {
    let lines = repair_lines::of(outcome);
    let concerns = outcome.repair.is_some()
        || !outcome.succeeded.is_empty()
        || !outcome.not_repaired.is_empty();
    if !concerns {
        return;
    }
    mail.section("Repair of enrollment");
    for line in lines {
        let named: Vec<_> = line
            .accounts
            .iter()
            .take(MAX_NAMED)
            .map(String::as_str)
            .collect();
        let more = line.accounts.len().saturating_sub(MAX_NAMED);
        let more = match more {
            0 => String::new(),
            more => format!(" and {} more", thousands(more)),
        };
        let accounts = match named.as_slice() {
            [] => String::new(),
            named => format!(": {}{more}", named.join(", ")),
        };
        mail.wrapped(0, 2, &format!("- {}{accounts}", line.what));
    }
}
