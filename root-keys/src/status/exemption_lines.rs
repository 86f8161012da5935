//! The exemptions in the text of a report: those that need attention first.

use crate::status::account_exemption::ExemptionState;
use crate::status::blocks::{MAX_SHOWN_ACCOUNTS, hidden};
use crate::status::page::Page;
use crate::status::report::Report;

/// Adds one line for each exemption: all that expired or end soon, and up to ten others
/// without `--all`.
pub fn exemptions(page: &mut Page, report: &Report) {
    let accounts = report.accounts.iter();
    let mut exempt: Vec<_> = accounts
        .filter_map(|it| Some((it.exemption.as_ref()?, it)))
        .collect();
    // Accounts of one state stay in the order of their IDs.
    exempt.sort_by_key(|(exemption, _)| exemption.state);
    if exempt.is_empty() && report.exempt_accounts_not_found.is_empty() {
        return;
    }
    page.gap();
    page.line("Exemptions:");
    let mut in_force = 0;
    for (exemption, status) in exempt {
        if exemption.state == ExemptionState::InForce {
            in_force += 1;
            if in_force > MAX_SHOWN_ACCOUNTS && !page.layout.all {
                continue;
            }
        }
        let open = match (exemption.state, status.open) {
            (ExemptionState::Expired, true) => "; open again",
            (_, true) => "; open, because its results are not known",
            (_, false) => "",
        };
        let line = format!(
            "{}  {} ({}): {} ({}){open}",
            status.account,
            status.name,
            status.compliance.word(),
            exemption.term(),
            exemption.grounds()
        );
        page.wrapped(0, 14, &line, None);
    }
    if !page.layout.all {
        hidden(page, 0, in_force.saturating_sub(MAX_SHOWN_ACCOUNTS));
    }
    for account in &report.exempt_accounts_not_found {
        let line =
            format!("{account}  not in the organization: check the account ID of its exemption");
        page.wrapped(0, 14, &line, None);
    }
}
