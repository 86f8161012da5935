//! What standard output is: a terminal with a width, or a pipe that may close.

use std::io::{self, ErrorKind, IsTerminal, Write};

use root_keys::failure::Failure;
use root_keys::status::page::{Layout, PIPE_WIDTH};

/// The width of a terminal that does not report one.
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

/// A writer whose reader may close the pipe: what it does not read counts as
/// written, so that `| head -1` does not change the exit code.
#[derive(Debug)]
pub struct ClosedPipeAllowed<W>(pub W);

impl<W: Write> Write for ClosedPipeAllowed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        unless_closed(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        unless_closed(self.0.flush(), ())
    }
}

/// Says that the result could not be written.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes it so")]
pub fn not_written(error: io::Error) -> Failure {
    Failure::new(format!("cannot write the result: {error}"))
}

fn unless_closed<T>(written: io::Result<T>, all: T) -> io::Result<T> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(all),
        written => written,
    }
}
