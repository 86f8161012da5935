//! Text from AWS, remedies and times, as parts of the page.

use maud::{Markup, html};
use root_access_key_rule::redaction::printable;

use crate::docs::DOCS;
use crate::time::Time;

/// The longest code, in bytes, that stays in its sentence.
const INLINE: usize = 40;

/// Returns text without characters that change how the rest is shown.
pub fn text(text: &str) -> String {
    printable(text)
}

/// Renders a name, whose direction of writing stays its own.
pub fn name(name: &str) -> Markup {
    html! { bdi { (printable(name)) } }
}

/// Renders a sentence of ours: commands as code, our documents as links.
pub fn sentence(sentence: &str) -> Markup {
    let sentence = printable(sentence);
    html! {
        @for (number, part) in sentence.split('`').enumerate() {
            @if number % 2 == 1 {
                code.command[part.len() > INLINE] { (part) }
            } @else {
                (with_links(part))
            }
        }
    }
}

/// The links to our documents; no other address becomes one.
fn with_links(text: &str) -> Markup {
    let mut parts = text.split(DOCS);
    html! {
        (parts.next().unwrap_or_default())
        @for part in parts {
            @let end = part.find(|it: char| !(it.is_ascii_alphanumeric() || "/.-#_".contains(it)));
            @let (path, rest) = part.split_at(end.unwrap_or(part.len()));
            @let (path, stop) = match path.strip_suffix('.') {
                Some(path) => (path, "."),
                None => (path, ""),
            };
            a href={ (DOCS) (path) } { "docs" (path) }
            (stop) (rest)
        }
    }
}

/// Writes a time to the minute.
pub fn minute(time: Time) -> String {
    time.0.format("%Y-%m-%d %H:%M").to_string()
}
