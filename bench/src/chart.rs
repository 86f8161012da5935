//! The chart for the README: bars, as SVG.

use std::fmt::Write;

use crate::rows::Row;
use crate::statistics::median;
use crate::subject::Subject;
use crate::table::value;

/// The rows of the chart, one panel each.
const PANELS: [&str; 3] = [
    "start to evaluation accepted (cold), 0 ms away",
    "processor time, cold",
    "peak memory",
];

const WIDTH: f64 = 760.0;
const NAMES: f64 = 200.0;
const VALUES: f64 = 90.0;
const LINE: f64 = 22.0;
const HEADING: f64 = 34.0;

const STYLE: &str = "\
text { font: 13px sans-serif; fill: #24292f }
.heading { font-weight: bold }
rect { fill: #8c959f }
.ours { fill: #1a7f37 }
@media (prefers-color-scheme: dark) { text { fill: #d1d7e0 } }";

/// Draws the panels one below the other, each with a scale of its own.
#[must_use]
pub fn svg(subjects: &[Subject], rows: &[Row]) -> String {
    let mut body = String::new();
    let mut y = 0.0;
    for row in rows
        .iter()
        .filter(|row| PANELS.contains(&row.label.as_str()))
    {
        y = panel(&mut body, subjects, row, y);
    }
    let height = y + 8.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"Time, processor time and memory of one evaluation, beside other ways to write the rule\">\n\
         <style>{STYLE}</style>\n{body}</svg>\n"
    )
}

/// Draws one row's bars from `y` downwards and returns where it ends.
fn panel(body: &mut String, subjects: &[Subject], row: &Row, mut y: f64) -> f64 {
    let middles: Vec<_> = row.values.iter().map(|values| median(values)).collect();
    let longest = middles
        .iter()
        .flatten()
        .copied()
        .fold(f64::MIN_POSITIVE, f64::max);
    y += HEADING;
    let (heading, label) = (y - 10.0, &row.label);
    let _ = writeln!(
        body,
        "<text class=\"heading\" x=\"0\" y=\"{heading:.0}\">{label}</text>"
    );
    for (number, (subject, middle)) in subjects.iter().zip(&middles).enumerate() {
        let Some(middle) = *middle else { continue };
        let length = (middle / longest * (WIDTH - NAMES - VALUES)).max(1.0);
        let class = if number == 0 { " class=\"ours\"" } else { "" };
        let (end_of_name, text, top) = (NAMES - 8.0, y + 14.0, y + 2.0);
        let (name, end_of_bar) = (subject.name, NAMES + length + 6.0);
        let value = value(middle, row.unit);
        let _ = writeln!(
            body,
            "<text x=\"{end_of_name:.0}\" y=\"{text:.0}\" text-anchor=\"end\">{name}</text>\
             <rect{class} x=\"{NAMES}\" y=\"{top:.0}\" width=\"{length:.1}\" height=\"16\"/>\
             <text x=\"{end_of_bar:.1}\" y=\"{text:.0}\">{value}</text>",
        );
        y += LINE;
    }
    y
}
