//! Instructions that a cold evaluation executes in user space, counted by
//! valgrind's cachegrind: the one cost that hardly depends on the machine or its load.

use std::error::Error;
use std::fs;
use std::time::Duration;

use crate::rows::{INSTRUCTIONS, Row, Unit};
use crate::run::{Conditions, measure, output_file};
use crate::subject::Subject;

const VALGRIND: [&str; 4] = [
    "valgrind",
    "--tool=cachegrind",
    "--cache-sim=no",
    "--cachegrind-out-file=/dev/null",
];

/// Runs for each subject; they differ by less than one percent.
const RUNS: usize = 3;

/// Counts for each subject except Python, which takes too long under valgrind.
///
/// # Errors
/// valgrind is missing or prints no count.
pub async fn row(subjects: &[Subject], roots: &str) -> Result<Row, Box<dyn Error>> {
    let conditions = Conditions {
        round_trip: Duration::ZERO,
        roots,
    };
    let mut values = Vec::new();
    for subject in subjects {
        let mut counts = Vec::new();
        for _ in 0..if subject.is_python() { 0 } else { RUNS } {
            measure(subject, &conditions, &VALGRIND, 0).await?;
            let printed = fs::read_to_string(output_file())?;
            counts.push(counted(&printed).ok_or(format!("valgrind counted nothing:\n{printed}"))?);
        }
        values.push(counts);
    }
    Ok(Row {
        label: INSTRUCTIONS.to_owned(),
        unit: Unit::Instructions,
        values,
    })
}

/// The number in `==PID== I refs:   12,345,678`.
fn counted(output: &str) -> Option<f64> {
    let number = output.lines().find_map(|line| line.split("refs:").nth(1))?;
    number.trim().replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read_from_what_cachegrind_prints() {
        assert_eq!(
            counted("a\n==7== I   refs:      1,234,567\n"),
            Some(1_234_567.0)
        );
        assert_eq!(counted("killed"), None);
    }
}
