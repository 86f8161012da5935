//! The verdict, the counts, what could not be seen, and what the watch did.

use maud::{Markup, html};

use crate::status::account_status::AccountCompliance;
use crate::status::history::History;
use crate::status::html::external;
use crate::status::page::Color;
use crate::status::report::Report;
use crate::status::verdict;
use crate::text::thousands;

/// The verdict, and which organization this is.
pub fn header(report: &Report) -> Markup {
    let (sentence, color) = verdict::sentence(report);
    let (word, rest) = sentence.split_once(": ").unwrap_or(("", &sentence));
    let head = &report.head;
    html! {
        header {
            h1 { "Root access keys in organization " (external::name(&head.organization)) }
            p.verdict.(class(color)) { strong { (word) } " " (external::text(rest)) }
            p.source {
                "Read in " (external::text(&head.region)) " on "
                time datetime=(head.at) { (external::minute(head.at)) " UTC" }
                " by " code { (external::text(&head.by)) }
            }
        }
    }
}

fn class(color: Color) -> &'static str {
    match color {
        Color::Red => "bad",
        Color::Yellow => "warn",
        Color::Green | Color::Bold => "good",
    }
}

/// How many accounts there are of each kind.
pub fn counts(report: &Report) -> Markup {
    let of = |compliance: AccountCompliance| report.count(compliance);
    let counts = [
        ("Accounts", report.accounts.len(), ""),
        ("Open", report.open, "warn"),
        ("NON_COMPLIANT", of(AccountCompliance::NonCompliant), "bad"),
        ("Not visible", of(AccountCompliance::NotVisible), "warn"),
        ("No result", of(AccountCompliance::NoResult), "warn"),
        ("Stale", of(AccountCompliance::Stale), "warn"),
        ("COMPLIANT", of(AccountCompliance::Compliant), "good"),
        ("Not active", of(AccountCompliance::NotActive), ""),
        ("Exempt", report.exempt, ""),
    ];
    html! {
        section aria-labelledby="counts" {
            h2 #counts { "Counts" }
            dl.counts {
                @for (label, number, class) in counts {
                    div class=[(number > 0 && !class.is_empty()).then_some(class)] {
                        dt { (label) }
                        dd { (thousands(number)) }
                    }
                }
            }
        }
    }
}

/// What is not known, before anything that is.
pub fn not_visible(report: &Report, history: Option<&History>) -> Markup {
    let watch = history.iter().flat_map(|it| &it.not_visible);
    let lines: Vec<_> = report.not_visible.iter().chain(watch).collect();
    html! {
        @if !lines.is_empty() {
            section.notice aria-labelledby="not-visible" {
                h2 #not-visible { "Could not be seen" }
                p { "This report is partial: what is not listed here or below is not proven to be in order." }
                ul {
                    @for line in lines { li { (external::sentence(line)) } }
                }
            }
        }
    }
}

/// The switches of the watch, and its repairs.
pub fn watch(history: &History) -> Markup {
    let word = |on: bool| if on { "on" } else { "off" };
    html! {
        section aria-labelledby="watch" {
            h2 #watch { "Repairs" }
            @match history.switches {
                Some(it) => p {
                    "Repair is " strong { (word(it.repair)) } ", and the digest is " strong { (word(it.digest)) } "."
                },
                None => p { "The switches of the watch could not be read, so it repairs nothing." },
            }
            @if history.repairs.is_empty() {
                p { "This run repaired nothing." }
            } @else {
                ul {
                    @for repair in &history.repairs {
                        li {
                            @if let Some(account) = &repair.account { (external::text(account)) ": " }
                            (external::sentence(&repair.what))
                        }
                    }
                }
            }
        }
    }
}
