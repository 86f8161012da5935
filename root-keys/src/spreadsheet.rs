//! External text in the cells of a spreadsheet.

use root_access_key_rule::redaction::printable;

/// Returns text that no spreadsheet takes for a formula: what would begin one,
/// also behind spaces, gets an apostrophe before it
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
#[must_use]
pub fn cell(text: &str) -> String {
    let text = printable(text);
    let first = text.trim_start().chars().next();
    let begins = |it| matches!(it, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    if first.is_some_and(begins) {
        format!("'{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_begins_a_formula() {
        for text in [
            "=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r\n@x", "＝1",
        ] {
            assert!(cell(text).starts_with('\''), "{text:?}: {:?}", cell(text));
        }
        for text in ["web", "a=b", "a\u{202e}b", "", "'=1", "1-2"] {
            assert!(!cell(text).starts_with("''"), "{text:?}");
            assert_eq!(cell(text).chars().count(), text.chars().count());
        }
    }
}
