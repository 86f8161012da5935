//! All runs, alternating between the subjects, and the rows of the table.

use std::error::Error;
use std::fs;

use crate::instructions;
use crate::run::{Conditions, Run, measure as run};
use crate::settings::{ROUND_TRIPS, Settings, WARM, WARM_ROUNDS};
use crate::statistics::quantile;
use crate::subject::Subject;

/// One thing that was measured.
#[derive(Debug)]
pub struct Row {
    /// The first cell of the row.
    pub label: String,
    /// The unit of the values.
    pub unit: Unit,
    /// For each subject the values of all rounds; none where it does not apply.
    pub values: Vec<Vec<f64>>,
}

/// The unit of a row's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// Bytes, shown in MiB.
    Memory,
    /// Bytes, shown in MB (10^6).
    FileSize,
    /// Executed in user space, shown in millions.
    Instructions,
    /// A number of things.
    Count,
}

/// The row that has a limit (`record`).
pub const INSTRUCTIONS: &str = "instructions, cold";

/// What a process uses, and the labels for its first evaluation and for each later one.
type Use = ([&'static str; 2], Unit, fn(&Run) -> f64);

const PROCESSOR_TIME: Use = (
    [
        "processor time, cold",
        "processor time, each warm evaluation",
    ],
    Unit::Milliseconds,
    |run| run.cpu.as_secs_f64() * 1000.0,
);
const NETWORK: [Use; 3] = [
    (
        ["AWS calls, first evaluation", "AWS calls, each later one"],
        Unit::Count,
        |run| count(run.calls),
    ),
    (
        [
            "connections, first evaluation",
            "connections, each later one",
        ],
        Unit::Count,
        |run| count(run.connections.iam + run.connections.config),
    ),
    (
        [
            "TLS handshakes, first evaluation",
            "TLS handshakes, each later one",
        ],
        Unit::Count,
        |run| count(run.connections.handshakes),
    ),
];

/// Measures everything.
///
/// # Errors
/// A subject does not do its work.
pub async fn measure(
    subjects: &[Subject],
    settings: &Settings,
) -> Result<Vec<Row>, Box<dyn Error>> {
    let roots = fs::read_to_string(&settings.roots)
        .map_err(|error| format!("cannot read {}: {error}", settings.roots.display()))?;
    let mut rows = Vec::new();
    for round_trip in ROUND_TRIPS {
        let conditions = Conditions {
            round_trip,
            roots: &roots,
        };
        let cold = rounds(subjects, &conditions, settings.rounds, 0).await?;
        let warm = rounds(subjects, &conditions, WARM_ROUNDS, WARM).await?;
        let away = format!("{} ms away", round_trip.as_millis());
        if round_trip.is_zero() {
            rows.push(row(
                "start to first `next`",
                Unit::Milliseconds,
                &cold,
                |run| run.ready.as_secs_f64() * 1000.0,
            ));
        }
        let label = format!("start to evaluation accepted (cold), {away}");
        rows.push(row(&label, Unit::Milliseconds, &cold, |run| {
            run.cold.as_secs_f64() * 1000.0
        }));
        for (name, share) in [("median", 0.5), ("99th percentile", 0.99)] {
            let label = format!("warm evaluation, {name}, {away}");
            rows.push(row(&label, Unit::Milliseconds, &warm, |run| {
                of_warm(run, share)
            }));
        }
        if round_trip.is_zero() {
            rows.extend(first_and_later(&PROCESSOR_TIME, &cold, &warm));
            rows.push(row("peak memory", Unit::Memory, &warm, |run| {
                count(run.peak_memory)
            }));
            let network = NETWORK.iter();
            rows.extend(network.flat_map(|it| first_and_later(it, &cold, &warm)));
        }
    }
    rows.push(instructions::row(subjects, &roots).await?);
    rows.push(sizes("binary", |subject| subject.binary_bytes, subjects));
    rows.push(sizes("zip", |subject| subject.zip_bytes, subjects));
    Ok(rows)
}

/// Runs that many processes of each subject in alternation, so that other load on the machine
/// affects all subjects equally.
async fn rounds(
    subjects: &[Subject],
    conditions: &Conditions<'_>,
    rounds: usize,
    warm: usize,
) -> Result<Vec<Vec<Run>>, Box<dyn Error>> {
    let mut runs: Vec<Vec<Run>> = subjects.iter().map(|_| Vec::new()).collect();
    for round in 1..=rounds {
        let away = conditions.round_trip.as_millis();
        eprint!(
            "\r{away} ms away, {} invocations: {round} of {rounds} ",
            warm + 1
        );
        for (subject, runs) in subjects.iter().zip(&mut runs) {
            runs.push(run(subject, conditions, &[], warm).await?);
        }
    }
    eprintln!();
    Ok(runs)
}

/// What the first evaluation uses, and what each later one does: the difference between a warm
/// process and a cold one, round by round.
fn first_and_later((labels, unit, value): &Use, cold: &[Vec<Run>], warm: &[Vec<Run>]) -> [Row; 2] {
    let later = cold.iter().zip(warm).map(|(cold, warm)| {
        let pairs = warm.iter().zip(cold);
        pairs
            .map(|(warm, cold)| (value(warm) - value(cold)) / count(WARM))
            .collect()
    });
    let later = Row {
        label: labels[1].to_owned(),
        unit: *unit,
        values: later.collect(),
    };
    [row(labels[0], *unit, cold, value), later]
}

fn row(label: &str, unit: Unit, runs: &[Vec<Run>], value: impl Fn(&Run) -> f64) -> Row {
    let values = runs.iter().map(|runs| runs.iter().map(&value).collect());
    Row {
        label: label.to_owned(),
        unit,
        values: values.collect(),
    }
}

fn sizes(label: &str, bytes: fn(&Subject) -> Option<usize>, subjects: &[Subject]) -> Row {
    let values = subjects
        .iter()
        .map(|subject| bytes(subject).map(count).into_iter().collect());
    Row {
        label: label.to_owned(),
        unit: Unit::FileSize,
        values: values.collect(),
    }
}

fn of_warm(run: &Run, share: f64) -> f64 {
    let all: Vec<f64> = run
        .warm
        .iter()
        .map(|it| it.as_secs_f64() * 1000.0)
        .collect();
    quantile(&all, share).unwrap_or(f64::NAN)
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}
