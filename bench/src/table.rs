//! The table, as Markdown.

use std::fs;
use std::path::Path;

use crate::rows::{Row, Unit};
use crate::statistics::{median, ratio};
use crate::subject::Subject;

const BEGIN: &str = "<!-- measured: begin -->\n";
const END: &str = "<!-- measured: end -->";

/// Medians. After the first column also the ratio to ours, and the middle half of that ratio
/// over the rounds.
#[must_use]
pub fn markdown(subjects: &[Subject], rows: &[Row]) -> String {
    let mut lines = vec![
        cells(std::iter::once("").chain(subjects.iter().map(|subject| subject.name))),
        cells(std::iter::once("---").chain(subjects.iter().map(|_| "--:"))),
    ];
    for row in rows {
        let shown = (0..subjects.len()).map(|subject| cell(row, subject));
        lines.push(cells(std::iter::once(row.label.clone()).chain(shown)));
    }
    lines.join("\n") + "\n"
}

fn cells(cells: impl Iterator<Item = impl AsRef<str>>) -> String {
    cells.fold("|".to_owned(), |line, cell| {
        format!("{line} {} |", cell.as_ref())
    })
}

fn cell(row: &Row, subject: usize) -> String {
    let Some(middle) = median(&row.values[subject]) else {
        return "–".to_owned();
    };
    let value = value(middle, row.unit);
    if subject == 0 || row.unit == Unit::Count {
        return value;
    }
    match ratio(&row.values[subject], &row.values[0]) {
        Some([low, middle, high]) if row.values[0].len() > 1 => {
            format!(
                "{value}, {}× ({}–{})",
                short(middle),
                short(low),
                short(high)
            )
        }
        Some([_, middle, _]) => format!("{value}, {}×", short(middle)),
        None => value,
    }
}

/// A number with its unit.
#[must_use]
pub fn value(number: f64, unit: Unit) -> String {
    match unit {
        Unit::Milliseconds if number < 10.0 => format!("{number:.2} ms"),
        Unit::Milliseconds if number < 100.0 => format!("{number:.1} ms"),
        Unit::Milliseconds => format!("{number:.0} ms"),
        Unit::Memory => format!("{:.1} MiB", number / 1_048_576.0),
        Unit::FileSize => format!("{:.2} MB", number / 1e6),
        Unit::Instructions => format!("{:.1} million", number / 1e6),
        Unit::Count => format!("{number}"),
    }
}

fn short(ratio: f64) -> String {
    if ratio < 10.0 {
        format!("{ratio:.1}")
    } else {
        format!("{ratio:.0}")
    }
}

/// Replaces the text between the two marks in `page`.
///
/// # Errors
/// The page or a mark is missing.
pub fn write_into(page: &Path, table: &str) -> Result<(), String> {
    let shown = page.display();
    let text = fs::read_to_string(page).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let parts = text
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.ok_or(format!("{shown} has no mark for the table: {BEGIN}"))?;
    fs::write(page, format!("{before}{BEGIN}{table}{END}{after}"))
        .map_err(|error| format!("cannot write {shown}: {error}"))
}
