//! Lays out text for people: wrapped to a width, with or without color, external text
//! kept on one line.

use textwrap::core::display_width;
use textwrap::{Options, WordSplitter, wrap};

use root_access_key_rule::redaction::printable;

use crate::docs::DOCS;

/// The width of text that goes to a pipe or a file.
pub const PIPE_WIDTH: usize = 100;

/// How text is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// In columns.
    pub width: usize,
    /// Whether to color it.
    pub color: bool,
    /// Whether to show all accounts and leave nothing out.
    pub all: bool,
}

/// The meaning of a color; the text says the same in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// A finding, or something to fix.
    Red,
    /// Something is not known.
    Yellow,
    /// All is well.
    Green,
    /// A title.
    Bold,
}

/// The lines of a text that is being written.
#[derive(Debug)]
pub struct Page {
    /// How the text is laid out.
    pub layout: Layout,
    text: String,
    /// Whether the text refers to a document by its short name.
    refers: bool,
}

impl Page {
    /// Makes an empty page.
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        Self {
            layout,
            text: String::new(),
            refers: false,
        }
    }

    /// Adds an empty line.
    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    /// Adds a line as it is.
    pub fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// Adds text on as many lines as it needs, each indented.
    pub fn paragraph(&mut self, indent: usize, text: &str) {
        self.wrapped(indent, indent, text, None);
    }

    /// Adds text on as many lines as it needs: the first indented by `first`, the
    /// others by `rest`.
    pub fn wrapped(&mut self, first: usize, rest: usize, text: &str, color: Option<Color>) {
        let text = self.shortened(&printable(text));
        let (first, rest) = (" ".repeat(first), " ".repeat(rest));
        let options = Options::new(self.layout.width)
            .initial_indent(&first)
            .subsequent_indent(&rest)
            .word_splitter(WordSplitter::NoHyphenation);
        for line in wrap(&text, options) {
            let line = self.layout.paint(color, line.trim_end());
            self.line(&line);
        }
    }

    /// Adds a remedy: the words wrapped, each command on lines of its own that a shell
    /// takes as they are.
    pub fn remedy(&mut self, label: &str, indent: usize, text: &str) {
        let text = printable(text);
        let below = indent + if label == "- " { 2 } else { 0 };
        let (mut words, mut label, mut at) = (String::new(), label, indent);
        for (number, part) in text.split('`').enumerate() {
            let is_code = number % 2 == 1;
            if is_code && is_command(part) {
                self.words(label, at, &words);
                (words, label, at) = (String::new(), "", below);
                self.command(below + 2, part);
            } else {
                let tick = if is_code { "`" } else { "" };
                words.extend([tick, part, tick]);
            }
        }
        self.words(label, at, &words);
    }

    fn words(&mut self, label: &str, indent: usize, words: &str) {
        let words = words.trim_start_matches([';', ',', ' ']).trim_end();
        let text = format!("{label}{words}");
        if !text.trim().is_empty() {
            let rest = indent + if label.is_empty() { 0 } else { 2 };
            self.wrapped(indent, rest, text.trim_end(), None);
        }
    }

    /// Adds a command, continued with `\` where it does not fit.
    pub fn command(&mut self, indent: usize, command: &str) {
        let room = self.layout.width.saturating_sub(2).max(20);
        let mut lines = vec![" ".repeat(indent)];
        for option in options(command) {
            let fits = indent + 2 + display_width(&option) <= room;
            let parts = if fits {
                vec![option.as_str()]
            } else {
                option.split(' ').collect()
            };
            for part in parts {
                add(&mut lines, part, room, indent + 2);
            }
        }
        for line in lines {
            self.line(&line);
        }
    }

    /// Returns the text, and the link to the documents if it refers to one.
    #[must_use]
    pub fn finish(mut self) -> String {
        if self.refers {
            self.gap();
            self.line("docs/ in the text above:");
            self.line(DOCS);
        }
        self.text
    }

    /// A link to a document is longer than most lines.
    fn shortened(&mut self, text: &str) -> String {
        self.refers |= text.contains(DOCS);
        text.replace(DOCS, "docs")
    }
}

impl Layout {
    /// Colors the text if there are colors.
    #[must_use]
    pub fn paint(self, color: Option<Color>, text: &str) -> String {
        let Some(color) = color.filter(|_| self.color && !text.is_empty()) else {
            return text.to_owned();
        };
        let code = match color {
            Color::Red => "1;31",
            Color::Yellow => "33",
            Color::Green => "32",
            Color::Bold => "1",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// Adds a part of a command to its lines. One that is longer than a line goes on
/// at the beginning of the next, where a shell joins it again.
fn add(lines: &mut Vec<String>, part: &str, room: usize, indent: usize) {
    let Some(line) = lines.last_mut() else { return };
    let begun = !line.trim().is_empty();
    if begun && display_width(line) + 1 + display_width(part) > room {
        line.push_str(" \\");
        lines.push(" ".repeat(indent));
    } else if begun {
        line.push(' ');
    }
    let mut rest = part.to_owned();
    while let Some(line) = lines.last_mut() {
        let left = room.saturating_sub(display_width(line)).max(1);
        if display_width(&rest) <= left {
            line.push_str(&rest);
            return;
        }
        let end = rest
            .char_indices()
            .nth(left)
            .map_or(rest.len(), |(at, _)| at);
        let comma = rest[..end].rfind(',').map(|at| at + 1);
        let tail = rest.split_off(comma.unwrap_or(end));
        line.push_str(&rest);
        line.push('\\');
        lines.push(String::new());
        rest = tail;
    }
}

/// The parts of a command that stay on one line: its name, each option with its value.
fn options(command: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for word in command.split(' ') {
        match parts.last_mut() {
            Some(option)
                if option.starts_with("--") && !word.starts_with("--") && !option.contains(' ') =>
            {
                option.push(' ');
                option.push_str(word);
            }
            _ => parts.push(word.to_owned()),
        }
    }
    parts
}

fn is_command(code: &str) -> bool {
    ["aws ", "root-keys ", "make ", "AWS_REGION="]
        .iter()
        .any(|beginning| code.starts_with(beginning))
}

/// Cuts a text to so many columns, with `…` if something is left out.
#[must_use]
pub fn cut(text: &str, columns: usize) -> String {
    if display_width(text) <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    for it in text.chars() {
        let longer = format!("{kept}{it}");
        if display_width(&longer) >= columns {
            break;
        }
        kept = longer;
    }
    kept + "…"
}

/// Pads a text with spaces to so many columns.
#[must_use]
pub fn padded(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(display_width(text));
    format!("{text}{}", " ".repeat(missing))
}
