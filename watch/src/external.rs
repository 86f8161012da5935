//! External text, as the watch stores and publishes it.

use root_access_key_rule::redaction::printable;

/// The most characters of one piece: a reason, a name.
const MAX_PIECE: usize = 300;
/// The most characters of a failure: what AWS said, and then what to do.
const MAX_FAILURE: usize = 1_000;

/// Makes external text safe: one line without invisible characters, cut where it is very
/// long.
#[must_use]
pub fn external(text: &str) -> String {
    cut(text, MAX_PIECE)
}

/// Does the same with a failure, which ends with what to do about it.
#[must_use]
pub fn failure(text: &str) -> String {
    cut(text, MAX_FAILURE)
}

fn cut(text: &str, most: usize) -> String {
    let text = printable(text);
    match text.char_indices().nth(most) {
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
