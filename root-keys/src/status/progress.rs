//! How far a listing is, for whoever waits at a terminal.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Whether to show progress: one line on stderr that comes and goes.
#[derive(Debug)]
pub struct Progress {
    shown: bool,
}

/// One listing under way. Its line goes when it is dropped.
#[derive(Debug)]
pub struct Reading {
    bar: ProgressBar,
}

impl Progress {
    /// Shows it if stderr is a terminal that can move its cursor.
    pub fn on_stderr() -> Self {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        Self {
            shown: std::io::stderr().is_terminal() && !dumb,
        }
    }

    /// Shows nothing.
    #[cfg(test)]
    pub fn hidden() -> Self {
        Self { shown: false }
    }

    /// Begins a listing of unknown length.
    pub fn listing(&self, call: &'static str) -> Reading {
        self.begin(call, None, "{spinner} {msg}: {human_pos}")
    }

    /// Begins reading so many things, one by one.
    pub fn counting(&self, call: &'static str, length: usize) -> Reading {
        let template = "[{bar:20}] {human_pos}/{human_len} {msg}";
        self.begin(call, Some(length as u64), template)
    }

    fn begin(&self, call: &'static str, length: Option<u64>, template: &str) -> Reading {
        if !self.shown {
            return Reading::hidden();
        }
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(call);
        Reading { bar }
    }
}

impl Reading {
    /// One that nobody sees.
    pub fn hidden() -> Self {
        Self {
            bar: ProgressBar::hidden(),
        }
    }

    /// So many things are read.
    pub fn reached(&self, read: usize) {
        self.bar.set_position(read as u64);
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
