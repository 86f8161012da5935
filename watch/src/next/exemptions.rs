//! The exemptions in force, and those that ended without a digest that said so.

use std::collections::BTreeMap;

use root_keys::status::account_exemption::{AccountExemption, ExemptionState};

use crate::external::external;
use crate::latest::{KnownExemption, Latest};
use crate::next::view::{Today, View};

/// Returns the exemptions to remember, by account.
pub fn next(before: Option<&Latest>, today: &Today<'_>) -> BTreeMap<String, KnownExemption> {
    let mut known = before.map_or_else(BTreeMap::new, |it| it.exemptions.clone());
    let View::Report { report, seen } = today.view else {
        return known;
    };
    if !seen.exemptions {
        return known;
    }
    for it in known.values_mut() {
        it.in_force = false;
    }
    for status in &report.accounts {
        let exemption = status.exemption.as_ref();
        if let Some(it) = exemption.filter(|it| it.state != ExemptionState::Expired) {
            known.insert(status.account.clone(), KnownExemption::of(it));
        }
    }
    known
}

impl KnownExemption {
    fn of(exemption: &AccountExemption) -> Self {
        Self {
            owner: external(&exemption.owner),
            reason: external(&exemption.reason),
            ticket: exemption.ticket.as_deref().map(external),
            expires: exemption.expires,
            in_force: true,
        }
    }
}
