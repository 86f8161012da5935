//! Every account, by organizational unit.

use maud::{Markup, html};

use crate::status::account_status::{AccountCompliance, AccountStatus};
use crate::status::evaluation::Evaluation;
use crate::status::html::{external, units};
use crate::status::report::Report;
use crate::text::thousands;

const COLUMNS: [&str; 7] = [
    "Account",
    "Name",
    "Compliance",
    "Function",
    "Rule",
    "New keys",
    "Last result",
];

/// All accounts; each organizational unit is behind a click.
pub fn section(report: &Report) -> Markup {
    let units = units::group(&report.accounts, |it| {
        it.organizational_unit_path.as_deref()
    });
    html! {
        section aria-labelledby="all" {
            h2 #all { "All accounts" }
            p {
                "Compliance is what AWS Config reported; words in small letters say why that is not known. "
                "New keys says whether a service control policy prevents new root access keys."
            }
            @for (unit, accounts) in units {
                @let open = accounts.iter().filter(|it| it.open).count();
                details {
                    summary {
                        (units::title(unit, accounts.len()))
                        @if open > 0 { ", " strong { (thousands(open)) " open" } }
                    }
                    table.all {
                        caption { "All accounts in " (units::path(unit)) }
                        thead {
                            tr { @for title in COLUMNS { th scope="col" { (title) } } }
                        }
                        tbody { @for status in accounts { (row(status)) } }
                    }
                }
            }
        }
    }
}

fn row(status: &AccountStatus) -> Markup {
    let class = match status.compliance {
        AccountCompliance::NonCompliant => Some("bad"),
        AccountCompliance::Compliant | AccountCompliance::NotActive => None,
        _ => Some("warn"),
    };
    html! {
        tr id={ "a" (status.account) } {
            th scope="row" { (status.account) }
            td {
                (external::name(&status.name))
                @if status.management_account { " (management account)" }
            }
            td class=[class] {
                (status.compliance.word())
                @if status.compliance == AccountCompliance::NotActive { ": " (external::text(&status.state)) }
                @if status.is_exempt() { ", exempt" }
                @if status.open { ", open" }
            }
            td { (external::text(&status.function)) }
            td { (external::text(&status.rule)) }
            td { (status.prevention.words()) }
            td { @for it in &status.evaluations { (result(it)) } }
        }
    }
}

/// When a rule last reported; its words unless they are those of every other account.
fn result(evaluation: &Evaluation) -> Markup {
    let annotation = evaluation.annotation.as_deref();
    let annotation = annotation.filter(|_| evaluation.compliance_type != "COMPLIANT");
    html! {
        div {
            @match evaluation.recorded {
                Some(at) => (external::minute(at)),
                None => "at an unknown time",
            }
            @if evaluation.stale { ", stale" }
            @if let Some(annotation) = annotation { ": " (external::text(annotation)) }
        }
    }
}
