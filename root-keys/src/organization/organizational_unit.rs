//! The IDs of organizational units and of roots.

/// Says whether `text` is the ID of an organizational unit or of a root.
///
/// `ou-ROOT-UNIT` and `r-ROOT`, with 4 to 32 letters and digits for the root and 8 to 32 for
/// the organizational unit
/// (<https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html>,
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Root.html>).
///
/// # Examples
/// ```
/// use root_keys::organization::organizational_unit::is_id;
///
/// assert!(is_id("ou-ab12-11111111") && is_id("r-ab12"));
/// assert!(!is_id("ou-ab12") && !is_id("r-"));
/// ```
#[must_use]
pub fn is_id(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    match parts[..] {
        ["r", root] => is_part(root, 4),
        ["ou", root, unit] => is_part(root, 4) && is_part(unit, 8),
        _ => false,
    }
}

fn is_part(text: &str, shortest: usize) -> bool {
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (shortest..=32).contains(&text.len()) && text.bytes().all(inside)
}

#[cfg(test)]
mod tests {
    use super::is_id;

    #[test]
    fn only_the_documented_patterns_are_ids() {
        let (four, eight, longest) = ("ab12", "1".repeat(8), "z".repeat(32));
        for id in [
            format!("r-{four}"),
            format!("r-{longest}"),
            format!("ou-{four}-{eight}"),
            format!("ou-{longest}-{longest}"),
        ] {
            assert!(is_id(&id), "{id}");
        }
        for no_id in [
            "",
            "r",
            "r-",
            "ou-",
            "ou--",
            "ou-ab12",
            "r-ab12-11111111",
            "x-ab12",
            "ou-ab1-11111111",
            "ou-ab12-1111111",
            "r-ab1",
            "r-AB12",
            "ou-ab12-1111111é",
            "ou-ab12-11111111-11111111",
            "ou-ab12-11111111 ",
            " r-ab12",
        ] {
            assert!(!is_id(no_id), "{no_id}");
        }
        assert!(!is_id(&format!("r-{longest}z")));
        assert!(!is_id(&format!("ou-{longest}z-{eight}")));
        assert!(!is_id(&format!("ou-{four}-{longest}z")));
    }
}
