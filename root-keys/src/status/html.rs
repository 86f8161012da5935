//! Renders the report as one page for browsers.
//!
//! The page is a file that needs nothing else: no script, no request to any site, and a
//! policy in it that forbids both. Whatever it shows is escaped, and characters that are
//! not printed are left out. The same report makes the same page.
//!
//! | file | what is in it |
//! |---|---|
//! | `external` | text from AWS, remedies, times |
//! | `overview` | the verdict, the counts, what could not be seen |
//! | `chart` | the last reports as a chart and as a table |
//! | `open` | what to fix, by cause and organizational unit |
//! | `units` | accounts by organizational unit |
//! | `exempt` | exemptions |
//! | `all` | every account |
//! | `page.css` | how it looks, in light, in dark, on paper and on a phone |

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::status::history::History;
use crate::status::report::Report;

mod all;
mod chart;
mod exempt;
mod external;
mod open;
mod overview;
mod units;

const STYLE: &str = include_str!("html/page.css");
/// What the page may do: nothing but use its own style, which this digest names.
const POLICY: &str = "default-src 'none'; style-src 'sha256-DsDvm/AHmCaGNnM5WfLp6twLFlku3DD19VAkERKBx6o='; base-uri 'none'; form-action 'none'";

/// Renders the report, with what the watch knows of earlier reports if there is any.
#[must_use]
pub fn page(report: &Report, history: Option<&History>) -> String {
    let organization = external::text(&report.head.organization);
    let day = report.head.at.0.date_naive();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { "Root access keys in " (organization) ", " (day) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (overview::header(report))
                main {
                    (overview::counts(report))
                    (overview::not_visible(report, history))
                    @if let Some(history) = history {
                        (chart::section(history))
                    }
                    (open::section(report, history))
                    @if let Some(history) = history {
                        (overview::watch(history))
                    }
                    (exempt::section(report))
                    (all::section(report))
                }
                (footer(report))
            }
        }
    };
    page.into_string()
}

fn footer(report: &Report) -> Markup {
    html! {
        footer {
            p {
                "Written by " code { "root-keys status" } " " (report.head.version)
                ". Times are in UTC. The JSON document of the same report names the source of each fact."
            }
        }
    }
}
