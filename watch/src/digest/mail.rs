//! Lays out a plain-text e-mail.
//!
//! Words are wrapped and never broken, so that a link stays a link. Each command is on
//! lines of its own that a shell takes as they are.

use root_access_key_rule::redaction::printable;
use root_keys::status::page::{Layout, Page};

/// How wide the text is, in characters: an e-mail program shows so many without wrapping.
const WIDTH: usize = 78;

/// The text of an e-mail that is being written.
#[derive(Debug, Default)]
pub struct Mail {
    text: String,
}

impl Mail {
    /// Adds a title in capitals, after an empty line.
    pub fn section(&mut self, title: &str) {
        self.gap();
        self.line(&title.to_uppercase());
    }

    /// Adds an empty line.
    pub fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// Adds a line as it is.
    pub fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// Adds text on as many lines as it needs: the first indented by `first`, the others
    /// by `rest`.
    pub fn wrapped(&mut self, first: usize, rest: usize, text: &str) {
        let mut line = " ".repeat(first);
        let mut is_empty = true;
        for word in text.split_whitespace() {
            let width = line.chars().count() + 1 + word.chars().count();
            if !is_empty && width > WIDTH {
                self.line(&line);
                line = " ".repeat(rest);
                is_empty = true;
            }
            line.push_str(if is_empty { "" } else { " " });
            line.push_str(word);
            is_empty = false;
        }
        if !is_empty {
            self.line(&line);
        }
    }

    /// Adds a remedy after its label: the words wrapped, each command below them.
    pub fn remedy(&mut self, label: &str, indent: usize, text: &str) {
        let below = indent + if label == "- " { 2 } else { 0 };
        let mut first = indent;
        let mut words = label.to_owned();
        for (number, part) in printable(text).split('`').enumerate() {
            if number % 2 == 0 {
                words.push_str(part);
                continue;
            }
            if !is_command(part) {
                words.extend(["`", part, "`"]);
                continue;
            }
            self.words(first, below, &words);
            words.clear();
            first = below;
            self.command(below + 2, part);
        }
        self.words(first, below, &words);
    }

    fn words(&mut self, first: usize, rest: usize, words: &str) {
        let words = words.trim_start_matches([';', ',', ' ']).trim_end();
        if words.chars().any(char::is_alphanumeric) {
            self.wrapped(first, rest, words);
        }
    }

    fn command(&mut self, indent: usize, command: &str) {
        let layout = Layout {
            width: WIDTH,
            color: false,
            all: true,
        };
        let mut page = Page::new(layout);
        page.command(indent, command);
        self.text.push_str(&page.finish());
    }

    /// Returns the text.
    #[must_use]
    pub fn finish(self) -> String {
        self.text
    }
}

fn is_command(code: &str) -> bool {
    let beginnings = ["aws ", "root-keys ", "make ", "AWS_REGION="];
    beginnings.iter().any(|it| code.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_never_broken() {
        let link = format!("https://example.com/{}", "x".repeat(120));
        let mut mail = Mail::default();
        mail.wrapped(2, 4, &format!("See the report at {link} for more."));
        let text = mail.finish();
        assert_eq!(
            text,
            format!("  See the report at\n    {link}\n    for more.\n")
        );
    }

    #[test]
    fn a_command_of_a_remedy_is_on_lines_that_a_shell_takes() {
        let mut mail = Mail::default();
        let accounts = ["111122223333"; 9].join(",");
        let text =
            format!("fix it, then: `aws x --accounts {accounts}`; if this persists: see `docs`");
        mail.remedy("Fix: ", 3, &text);
        let text = mail.finish();
        assert!(
            text.starts_with("   Fix: fix it, then:\n     aws x"),
            "{text}"
        );
        assert!(
            text.ends_with("\n   if this persists: see `docs`\n"),
            "{text}"
        );
        let joined = text.replace("\\\n", "");
        assert!(joined.contains(&accounts), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
    }
}
