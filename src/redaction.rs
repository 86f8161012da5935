//! Makes text from AWS safe for a message: one printable line of limited length,
//! without the secrets of the request.

/// The longest text from AWS in a message, in characters.
const MAX_EXTERNAL_TEXT_CHARACTERS: usize = 400;

/// Removes each of `secrets` from `text`, because AWS's message may quote them.
#[must_use]
pub fn redacted(text: &str, secrets: &[String]) -> String {
    let redact = |text: String, secret: &String| without_secret(&text, secret);
    secrets.iter().fold(text.to_owned(), redact)
}

/// Removes `secret` from `text`, and every piece of it that is long enough to
/// matter: AWS may quote it shortened, and `one_line` may shorten the quote.
fn without_secret(text: &str, secret: &str) -> String {
    let mut rest = text;
    let mut clean = String::new();
    while let Some(next) = rest.chars().next() {
        let shared = shared_with(rest, secret);
        if shared > 0 {
            clean.push_str("[secret]");
            rest = &rest[shared..];
        } else {
            clean.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    clean
}

/// Returns how many bytes at the start of `text` are a piece of `secret`; 0 if they
/// are too few to matter.
fn shared_with(text: &str, secret: &str) -> usize {
    const MIN_SECRET_BYTES: usize = 16;
    let Some(start) = text.get(..MIN_SECRET_BYTES) else {
        return 0;
    };
    let lengths = secret.match_indices(start).map(|(place, _)| {
        let pairs = text.bytes().zip(secret[place..].bytes());
        pairs.take_while(|(ours, theirs)| ours == theirs).count()
    });
    let longest = lengths.max().unwrap_or_default();
    // Never half a character.
    (0..=longest)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or_default()
}

/// Replaces each control character and each invisible format character with a
/// space.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if is_printable(c) { c } else { ' ' })
        .collect()
}

/// Returns external text as one printable line of at most
/// [`MAX_EXTERNAL_TEXT_CHARACTERS`] characters.
pub(crate) fn one_line(text: &str) -> String {
    match text.char_indices().nth(MAX_EXTERNAL_TEXT_CHARACTERS) {
        None => printable(text),
        Some((end, _)) => printable(&text[..end]) + "…",
    }
}

/// Whether `c` is neither a control character nor one of the invisible characters
/// that can reorder or hide the text around them.
fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn external_text_becomes_one_printable_line() {
        assert_eq!(one_line("a\nb\u{202e}c\u{7f}é"), "a b c é");
    }

    #[test]
    fn external_text_is_cut_at_four_hundred_characters() {
        let cut = one_line(&"é".repeat(401));
        assert_eq!(cut.chars().count(), 401);
        assert!(cut.ends_with("é…"));
        assert_eq!(one_line(&"é".repeat(400)).chars().count(), 400);
    }

    #[test]
    fn a_quoted_secret_is_removed_completely_or_in_pieces() {
        let secret = "eyJlbmNyeXB0ZWREYXRhIjpbLTEyMSwxMjUs==";
        for quote in [secret, &secret[..16], &secret[4..], &secret[7..30]] {
            let text = without_secret(&format!("token '{quote}...' is bad"), secret);
            assert_eq!(text, "token '[secret]...' is bad");
        }
        assert_eq!(
            without_secret("nothing to hide, é", secret),
            "nothing to hide, é"
        );
    }
}
