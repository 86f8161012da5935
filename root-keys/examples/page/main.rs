//! Writes the report of an invented organization, for tests of the page, for its picture
//! in the documents, and to measure how long it takes to open.
//!
//! `page ACCOUNTS [html|csv|json] [hostile|blind]`; the same arguments write the same report.

#![allow(clippy::print_stdout, reason = "it is its purpose")]

mod organization;

use root_keys::status::{csv, html};

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let has = |word: &str| arguments.iter().any(|it| it == word);
    let accounts = arguments.first().and_then(|it| it.parse().ok());
    let accounts = accounts.unwrap_or(40);
    let report = if has("blind") {
        organization::blind_report(accounts)
    } else {
        organization::report(accounts, has("hostile"))
    };
    let text = if has("json") {
        report.json()
    } else if has("csv") {
        csv::csv(&report)
    } else {
        html::page(&report, Some(&organization::history(&report)))
    };
    print!("{text}");
}
