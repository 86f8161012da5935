//! Exemptions: those that need attention first.

use maud::{Markup, html};

use crate::status::account_exemption::ExemptionState;
use crate::status::html::external;
use crate::status::report::Report;

/// Every exemption, if there is one.
pub fn section(report: &Report) -> Markup {
    let accounts = report.accounts.iter();
    let mut exempt: Vec<_> = accounts
        .filter_map(|it| Some((it.exemption.as_ref()?, it)))
        .collect();
    exempt.sort_by_key(|(exemption, _)| exemption.state);
    let not_found = &report.exempt_accounts_not_found;
    html! {
        @if !exempt.is_empty() || !not_found.is_empty() {
            section aria-labelledby="exemptions" {
                h2 #exemptions { "Exemptions" }
                @for account in not_found {
                    p { (external::text(account)) " is not in the organization: check the account ID of its exemption." }
                }
                @if !exempt.is_empty() {
                    table.exempt {
                        caption { "Exemptions, those that have expired or end soon first" }
                        thead {
                            tr {
                                @for title in ["Account", "Name", "Compliance", "Exemption", "Owner and reason", "Ticket"] {
                                    th scope="col" { (title) }
                                }
                            }
                        }
                        tbody {
                            @for (exemption, status) in exempt {
                                tr {
                                    th scope="row" { a href={ "#a" (status.account) } { (status.account) } }
                                    td { (external::name(&status.name)) }
                                    td { (status.compliance.word()) @if status.open { ", open" } }
                                    td class=[(exemption.state != ExemptionState::InForce).then_some("warn")] {
                                        (exemption.term())
                                    }
                                    td { bdi { (external::text(&exemption.owner)) } ": " bdi { (external::text(&exemption.reason)) } }
                                    td { (external::name(exemption.ticket.as_deref().unwrap_or_default())) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
