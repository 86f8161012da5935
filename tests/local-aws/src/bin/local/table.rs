//! The table a person reads: a line an account, and below it what was said of it.

use std::io::{self, IsTerminal, Write};

use textwrap::{Options, WordSplitter, fill, termwidth};

use crate::row::{Evaluated, Row};

const WHAT: usize = 14;
const COMPLIANCE: usize = 54;

pub struct Table<'a, W> {
    out: &'a mut W,
    width: usize,
    colours: bool,
    rows: usize,
    wrong: usize,
}

#[derive(Clone, Copy)]
enum Colour {
    Green,
    Red,
    Yellow,
}

impl<'a, W: Write> Table<'a, W> {
    /// As wide as the terminal within reason; in a pipe plain, 100 columns wide.
    pub fn new(out: &'a mut W) -> Self {
        let terminal = io::stdout().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            out,
            width: if terminal {
                termwidth().clamp(COMPLIANCE + 21, 120)
            } else {
                100
            },
            colours: terminal && !no_colour,
            rows: 0,
            wrong: 0,
        }
    }

    pub fn head(&mut self) -> io::Result<()> {
        self.line("ACCOUNT", "WHAT IT IS", "COMPLIANCE", "MS", None)
    }

    pub fn row(&mut self, row: &Row) -> io::Result<()> {
        let (compliance, colour, words) = match &row.result {
            Evaluated::Kept {
                compliance_type,
                annotation,
            } => {
                let colour = match compliance_type.as_str() {
                    "COMPLIANT" => Colour::Green,
                    _ => Colour::Red,
                };
                (compliance_type.as_str(), colour, annotation.clone())
            }
            Evaluated::Failed {
                error_type,
                message,
            } => (
                "run failed",
                Colour::Yellow,
                format!("{error_type}: {message}"),
            ),
        };
        let took = row
            .took
            .map_or_else(String::new, |took| took.as_millis().to_string());
        writeln!(self.out)?;
        self.line(&row.account, row.what, compliance, &took, Some(colour))?;
        self.below(&words)?;
        self.rows += 1;
        if let Some(expected) = &row.instead_of {
            self.wrong += 1;
            let text = self.coloured(Colour::Red, "NOT AS IT SHOULD BE.");
            self.below(&format!("{text} Expected: {expected}"))?;
        }
        Ok(())
    }

    /// The last line, with the word for what the rows are; whether every row is what it should be.
    pub fn sum(&mut self, what: &str) -> io::Result<bool> {
        let Self { rows, wrong, .. } = *self;
        writeln!(self.out)?;
        if wrong == 0 {
            writeln!(self.out, "All {rows} {what} are judged as they should be.")?;
        } else {
            writeln!(
                self.out,
                "{wrong} of {rows} {what} are NOT judged as they should be."
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
        colour: Option<Colour>,
    ) -> io::Result<()> {
        let start = format!("{account:<WHAT$}{what}");
        let end = format!("{milliseconds:>5}");
        let shown = match colour {
            Some(colour) => self.coloured(colour, compliance),
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
            .word_splitter(WordSplitter::NoHyphenation);
        writeln!(self.out, "{}", fill(text, options))
    }

    fn coloured(&self, colour: Colour, text: &str) -> String {
        if !self.colours {
            return text.to_owned();
        }
        let code = match colour {
            Colour::Green => 32,
            Colour::Red => 31,
            Colour::Yellow => 33,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}
