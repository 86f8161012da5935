//! One line on standard error that shows how far a listing is, for whoever waits at
//! a terminal.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use root_keys::progress::{Progress, Step};

/// Shows the progress if standard error is a terminal that can move its cursor.
pub fn on_stderr() -> Progress {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    if !std::io::stderr().is_terminal() || dumb {
        return Progress::hidden();
    }
    let shown = Mutex::new(ProgressBar::hidden());
    Progress::to(move |step| {
        let mut bar = shown.lock().unwrap_or_else(PoisonError::into_inner);
        match step {
            Step::Started { label, total } => *bar = line(label, total),
            Step::Reached(read) => bar.set_position(read as u64),
            Step::Finished => bar.finish_and_clear(),
        }
    })
}

fn line(label: &'static str, total: Option<usize>) -> ProgressBar {
    let template = match total {
        None => "{spinner} {msg}: {human_pos}",
        Some(_) => "[{bar:20}] {human_pos}/{human_len} {msg}",
    };
    let total = total.map(|total| total as u64);
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(label);
    bar
}
