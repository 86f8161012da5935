//! The table a person reads: a line an account, and below it what was said of it.

use std::io::{self, IsTerminal, Write};

use textwrap::{Options, WordSplitter, fill, termwidth};

use crate::row::{Evaluated, Row};

const WHAT: usize = 14;
const COMPLIANCE: usize = 54;

pub struct Table<'a, W> {
    out: &'a mut W,
    width: usize,
    colors: bool,
    rows: usize,
    wrong: usize,
}

#[derive(Clone, Copy)]
enum Color {
    Green,
    Red,
    Yellow,
}

impl<'a, W: Write> Table<'a, W> {
    /// As wide as the terminal within reason; in a pipe plain, 80 columns wide.
    pub fn new(out: &'a mut W) -> Self {
        let terminal = io::stdout().is_terminal();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            out,
            width: if terminal {
                termwidth().clamp(COMPLIANCE + 21, 120)
            } else {
                80
            },
            colors: terminal && !no_color,
            rows: 0,
            wrong: 0,
        }
    }

    pub fn head(&mut self) -> io::Result<()> {
        self.line("ACCOUNT", "WHAT IT IS", "COMPLIANCE", "MS", None)
    }

    pub fn row(&mut self, row: &Row) -> io::Result<()> {
        let (compliance, color, words) = match &row.result {
            Evaluated::Kept {
                compliance_type,
                annotation,
            } => {
                let color = match compliance_type.as_str() {
                    "COMPLIANT" => Color::Green,
                    _ => Color::Red,
                };
                (compliance_type.as_str(), color, annotation.clone())
            }
            Evaluated::Failed {
                error_type,
                message,
            } => (
                "run failed",
                Color::Yellow,
                format!("{error_type}: {message}"),
            ),
        };
        let took = row
            .took
            .map_or_else(String::new, |took| took.as_millis().to_string());
        writeln!(self.out)?;
        self.line(&row.account, row.what, compliance, &took, Some(color))?;
        self.below(&words)?;
        self.rows += 1;
        if let Some(expected) = &row.instead_of {
            self.wrong += 1;
            let text = self.colored(Color::Red, "NOT THE EXPECTED RESULT.");
            self.below(&format!("{text} Expected: {expected}"))?;
        }
        Ok(())
    }

    /// The function's log lines, as it wrote them.
    pub fn log(&mut self, lines: &str) -> io::Result<()> {
        self.out.write_all(lines.as_bytes())
    }

    /// The last line, with the word for what the rows are; whether every row is the expected result.
    pub fn sum(&mut self, what: &str) -> io::Result<bool> {
        let Self { rows, wrong, .. } = *self;
        writeln!(self.out)?;
        if wrong == 0 {
            writeln!(self.out, "All {rows} {what} have the expected result.")?;
        } else {
            writeln!(
                self.out,
                "{wrong} of {rows} {what} do NOT have the expected result."
            )?;
        }
        Ok(wrong == 0)
    }

    fn line(
        &mut self,
        account: &str,
        what: &str,
        compliance: &str,
        milliseconds: &str,
        color: Option<Color>,
    ) -> io::Result<()> {
        let start = format!("{account:<WHAT$}{what}");
        let end = format!("{milliseconds:>5}");
        let shown = match color {
            Some(color) => self.colored(color, compliance),
            None => compliance.to_owned(),
        };
        let gap = " ".repeat(15_usize.saturating_sub(compliance.len()));
        writeln!(self.out, "{start:<COMPLIANCE$} {shown}{gap}{end}")
    }

    fn below(&mut self, text: &str) -> io::Result<()> {
        let indent = " ".repeat(WHAT);
        let options = Options::new(self.width)
            .initial_indent(&indent)
            .subsequent_indent(&indent)
            .word_splitter(WordSplitter::Custom(breaks));
        writeln!(self.out, "{}", fill(text, options))
    }

    fn colored(&self, color: Color, text: &str) -> String {
        if !self.colors {
            return text.to_owned();
        }
        let code = match color {
            Color::Green => 32,
            Color::Red => 31,
            Color::Yellow => 33,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// Where a word may be broken: behind `/` and `-`, and only in an ARN too long for a line.
fn breaks(word: &str) -> Vec<usize> {
    if word.len() + WHAT <= COMPLIANCE + 21 {
        return Vec::new();
    }
    let marks = word.match_indices(['/', '-']);
    marks.map(|(at, _)| at + 1).collect()
}
