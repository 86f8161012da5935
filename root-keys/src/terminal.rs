//! What standard output is: a terminal with a width, or a pipe that may close.

use std::io::{self, ErrorKind, IsTerminal, Write};

use crate::status::page::{Layout, PIPE_WIDTH};

/// The width that is taken for that of a terminal which does not say.
const UNKNOWN_WIDTH: usize = 80;

/// As wide as the terminal, in color unless `NO_COLOR` (<https://no-color.org>)
/// is set or the terminal is dumb; plain and at most 100 columns in a pipe.
pub fn layout(all: bool) -> Layout {
    if !io::stdout().is_terminal() {
        return Layout {
            width: PIPE_WIDTH,
            color: false,
            all,
        };
    }
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    let width = match textwrap::termwidth() {
        0 => UNKNOWN_WIDTH,
        width => width,
    };
    Layout {
        width,
        color: !no_color && !dumb,
        all,
    }
}

/// A writer whose reader may leave: what nobody reads any more counts as
/// written, so that `| head -1` does not change the exit code.
#[derive(Debug)]
pub struct Leaving<W>(pub W);

impl<W: Write> Write for Leaving<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        unless_closed(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        unless_closed(self.0.flush(), ())
    }
}

fn unless_closed<T>(written: io::Result<T>, all: T) -> io::Result<T> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(all),
        written => written,
    }
}
