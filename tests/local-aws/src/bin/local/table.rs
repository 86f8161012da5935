//! The table that a person reads: one line per account, and the text of its result below it.

use std::io::{self, IsTerminal, Write};

use textwrap::{Options, WordSplitter, fill, termwidth};

use crate::sandbox::Row;

const WHAT: usize = 14;
const COMPLIANCE: usize = 54;

const GREEN: u8 = 32;
const RED: u8 = 31;
const YELLOW: u8 = 33;

pub struct Table<'a, W> {
    out: &'a mut W,
    width: usize,
    colors: bool,
    rows: usize,
    wrong: usize,
}

impl<'a, W: Write> Table<'a, W> {
    /// As wide as the terminal within reason; in a pipe 80 columns wide and without colors.
    pub fn new(out: &'a mut W) -> Self {
        let terminal = io::stdout().is_terminal();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let narrowest = COMPLIANCE + 21;
        Self {
            out,
            width: if terminal {
                termwidth().clamp(narrowest, 120)
            } else {
                80
            },
            colors: terminal && !no_color,
            rows: 0,
            wrong: 0,
        }
    }

    pub fn head(&mut self) -> io::Result<()> {
        let head = "ACCOUNT       WHAT IT IS";
        writeln!(self.out, "{head:<COMPLIANCE$} COMPLIANCE        MS")
    }

    pub fn row(&mut self, row: &Row) -> io::Result<()> {
        let result = &row.result;
        let (shown, color, text) = match result.kind.as_str() {
            kind if !result.is_reported => {
                ("run failed", YELLOW, format!("{kind}: {}", result.text))
            }
            "COMPLIANT" => ("COMPLIANT", GREEN, result.text.clone()),
            kind => (kind, RED, result.text.clone()),
        };
        let took = row
            .took
            .map_or_else(String::new, |took| took.as_millis().to_string());
        let start = format!("{:<WHAT$}{}", row.account, row.what);
        let gap = " ".repeat(15_usize.saturating_sub(shown.len()));
        let shown = self.colored(color, shown);
        writeln!(self.out, "\n{start:<COMPLIANCE$} {shown}{gap}{took:>5}")?;
        self.below(&text)?;
        self.rows += 1;
        if let Some(expected) = &row.instead_of {
            self.wrong += 1;
            let text = self.colored(RED, "NOT THE EXPECTED RESULT.");
            self.below(&format!("{text} Expected: {expected}"))?;
        }
        self.out.write_all(row.log.as_bytes())
    }

    /// The last line; whether every row is the expected result.
    pub fn sum(&mut self) -> io::Result<bool> {
        let Self { rows, wrong, .. } = *self;
        match wrong {
            0 => writeln!(self.out, "\nAll {rows} accounts have the expected result.")?,
            _ => writeln!(
                self.out,
                "\n{wrong} of {rows} accounts do NOT have the expected result."
            )?,
        }
        Ok(wrong == 0)
    }

    fn below(&mut self, text: &str) -> io::Result<()> {
        let indent = " ".repeat(WHAT);
        let options = Options::new(self.width)
            .initial_indent(&indent)
            .subsequent_indent(&indent)
            .word_splitter(WordSplitter::Custom(breaks));
        writeln!(self.out, "{}", fill(text, options))
    }

    fn colored(&self, color: u8, text: &str) -> String {
        if self.colors {
            format!("\x1b[{color}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Where a word may be broken: after `/` and `-`, and only in an ARN that is too long for a line.
fn breaks(word: &str) -> Vec<usize> {
    if word.len() + WHAT <= COMPLIANCE + 21 {
        return Vec::new();
    }
    let marks = word.match_indices(['/', '-']);
    marks.map(|(at, _)| at + 1).collect()
}
