//! What to fix: one part for each cause, in it the accounts by organizational unit, and
//! the remedy.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::status::account_status::AccountStatus;
use crate::status::blocks::MAX_SHOWN_ACCOUNTS;
use crate::status::history::History;
use crate::status::html::{external, units};
use crate::status::issues::Issue;
use crate::status::report::Report;
use crate::text::{counted, thousands};

/// The most accounts of a cause that are shown at once; more are behind a click.
const MAX_OPEN: usize = 50;

/// One account in the table of a cause.
struct Line<'a> {
    status: &'a AccountStatus,
    since: Option<NaiveDate>,
    detail: Option<&'a str>,
}

/// Everything that is open.
pub fn section(report: &Report, history: Option<&History>) -> Markup {
    let accounts = report.accounts.iter();
    let by_id: BTreeMap<_, _> = accounts.map(|it| (it.account.as_str(), it)).collect();
    let issues = report.issues();
    let accounts = report.accounts.iter();
    let unknown = accounts.filter(|it| it.open && it.open_problems().next().is_none());
    let unknown: Vec<_> = unknown
        .map(|status| Line {
            status,
            since: None,
            detail: None,
        })
        .collect();
    html! {
        section aria-labelledby="open" {
            h2 #open { "Open: " (counted(report.open, "account")) }
            @if report.open == 0 { p { "No account needs action." } }
            @for it in &issues {
                (issue(report, it, &by_id, history))
            }
            @if !unknown.is_empty() {
                h3 { "The results are not visible, for the reasons above" (number(unknown.len())) }
                (table(report, unknown))
            }
        }
    }
}

fn issue<'a>(
    report: &Report,
    issue: &Issue<'a>,
    by_id: &BTreeMap<&str, &'a AccountStatus>,
    history: Option<&History>,
) -> Markup {
    let shared = issue.shared_detail().filter(|_| issue.affected.len() > 1);
    let lines = issue.affected.iter().filter_map(|it| {
        Some(Line {
            status: by_id.get(it.account)?,
            since: history.and_then(|history| history.since(it.account, issue.kind)),
            detail: it.problem.detail.as_deref().filter(|_| shared.is_none()),
        })
    });
    let (few, all) = (issue.remedy(MAX_SHOWN_ACCOUNTS), issue.remedy(usize::MAX));
    html! {
        h3 { (issue.kind.title()) (number(issue.accounts())) }
        @if let Some(detail) = shared { p { (external::text(detail)) } }
        p.fix {
            @if few == all { strong { "Fix: " } } @else {
                strong { "Fix, for the first " (MAX_SHOWN_ACCOUNTS) " accounts: " }
            }
            (external::sentence(&few))
        }
        (table(report, lines.collect()))
    }
}

fn number(accounts: usize) -> Markup {
    html! { " " span.number { (counted(accounts, "account")) } }
}

/// One table, in which a row begins each organizational unit.
fn table(report: &Report, lines: Vec<Line<'_>>) -> Markup {
    let accounts = lines.len();
    let table = rows(report, lines);
    html! {
        @if accounts <= MAX_OPEN { (table) } @else {
            details {
                summary { "Show " (counted(accounts, "account")) }
                (table)
            }
        }
    }
}

fn rows(report: &Report, lines: Vec<Line<'_>>) -> Markup {
    let aged = lines.iter().any(|it| it.since.is_some());
    let detailed = lines.iter().any(|it| it.detail.is_some());
    let today = report.head.at.0.date_naive();
    let columns = 2 + usize::from(aged) + usize::from(detailed);
    html! {
        table {
            caption { "Accounts by organizational unit" }
            thead {
                tr {
                    th scope="col" { "Account" }
                    th scope="col" { "Name" }
                    @if aged { th scope="col" { "Open since" } }
                    @if detailed { th scope="col" { "Details" } }
                }
            }
            @for (unit, lines) in units::group(lines, |it| it.status.organizational_unit_path.as_deref()) {
                tbody {
                    tr.group { th scope="rowgroup" colspan=(columns) { (units::path(unit)) } }
                    @for Line { status, since, detail } in lines {
                        tr {
                            th scope="row" { a href={ "#a" (status.account) } { (status.account) } }
                            td { (external::name(&status.name)) }
                            @if aged { td { @if let Some(since) = since { (age(since, today)) } } }
                            @if detailed { td { (external::text(detail.unwrap_or_default())) } }
                        }
                    }
                }
            }
        }
    }
}

fn age(since: NaiveDate, today: NaiveDate) -> String {
    match (today - since).num_days() {
        ..=0 => format!("{since} (new)"),
        1 => format!("{since} (1 day)"),
        days => {
            let days = usize::try_from(days).unwrap_or_default();
            format!("{since} ({} days)", thousands(days))
        }
    }
}
