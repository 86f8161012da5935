//! `status --output html` and `--output csv`: a page for browsers and a file for
//! spreadsheets. `tests/clients/test_status_page.py` checks what is in them.

use crate::organization;
use crate::rollout::{KEY, PAYMENTS, Rollout, WEB};
use crate::screen::is_file;
use root_keys::status::html;

#[tokio::test]
async fn a_page_and_a_csv_show_every_account_and_end_like_the_table() {
    let mut rollout = Rollout::of_two().await;
    rollout.report(WEB, KEY, 1);
    rollout.member(PAYMENTS).name = "<b>\"pay\"</b>, =1+1".to_owned();
    let page = rollout.brief(&["--output", "html"]).await;
    assert_eq!((page.code, page.err.as_str()), (Some(2), ""));
    for words in [
        "<!DOCTYPE html><html lang=\"en\">",
        "<strong>NON_COMPLIANT</strong> 1 account has root access keys.",
        "<tr id=\"a111111111111\"><th scope=\"row\">111111111111</th><td><bdi>&lt;b&gt;&quot;pay&quot;&lt;/b&gt;, =1+1</bdi></td>",
        "<tr id=\"a222222222222\">",
        "<tr id=\"a999999999999\">",
    ] {
        assert!(page.out.contains(words), "{words}: {}", page.out);
    }
    // Only the watch knows earlier reports.
    for id in ["trend", "watch"] {
        assert!(!page.out.contains(&format!("id=\"{id}\"")), "{}", page.out);
    }
    let mut csv = rollout.brief(&["--output", "csv"]).await;
    assert_eq!(csv.out.matches("\r\n").count(), 1 + 3);
    csv.out = csv.out.replace("\r\n", "\n");
    csv.is_screen("status/csv");
}

#[tokio::test]
async fn a_preflight_has_no_page_and_no_csv() {
    let rollout = Rollout::of_two().await;
    for format in ["html", "csv"] {
        let ended = rollout.brief(&["--preflight", "--output", format]).await;
        ended.fails();
        ended.says("a preflight has the formats table and json");
    }
    assert_eq!(rollout.wire.operations(), []);
}

/// They have no problem of their own: the reason is one for all.
#[test]
fn accounts_whose_results_are_not_known_are_among_the_open_ones() {
    let report = organization::blind_report(45);
    let page = html::page(&report, None);
    let (_, open) = page.split_once("<h2 id=\"open\">").unwrap();
    let (open, _) = open.split_once("</section>").unwrap();
    assert!(open.contains("The results are not visible, for the reasons above"));
    let known = report.accounts.iter().filter(|it| it.open);
    let known: Vec<_> = known
        .map(|it| format!("href=\"#a{}\"", it.account))
        .collect();
    assert!(known.len() > 40);
    for account in known {
        assert!(open.contains(&account), "{account}: {open}");
    }
}

/// Without its style, of which the page has a digest.
fn without_style(page: &str) -> String {
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    let (policy, rest) = before.split_once("sha256-").unwrap();
    let page = format!("{policy}DIGEST{}STYLE{after}", &rest[44..]);
    let version = format!("</code> {}.", env!("CARGO_PKG_VERSION"));
    let page = page.replace(&version, "</code> VERSION.");
    // One element a line, for whoever reads the difference.
    page.replace("><", ">\n<")
}

#[test]
fn the_page_of_a_small_organization_is_the_one_that_was_read() {
    let report = organization::report(45, false);
    let history = organization::history(&report);
    is_file(
        "page/of the watch",
        &without_style(&html::page(&report, Some(&history))),
    );
    let hostile = organization::report(9, true);
    is_file(
        "page/with hostile names",
        &without_style(&html::page(&hostile, None)),
    );
}
