//! External text, as the watch stores and publishes it.

use root_access_key_rule::redaction::printable;

/// The most characters of one piece: a reason, a name, a failure.
const MAX_PIECE: usize = 300;

/// Makes external text safe: one line without invisible characters, cut where it is very
/// long.
#[must_use]
pub fn external(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(MAX_PIECE) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn external_text_is_one_line_of_limited_length() {
        assert_eq!(external("a\r\nb\u{202e}\u{0}"), "a  b  ");
        let long = external(&"ä".repeat(MAX_PIECE + 1));
        assert_eq!(long.chars().count(), MAX_PIECE + 1);
        assert!(long.ends_with("ä…"));
    }
}
