//! All runs, alternating between the subjects, and the rows that come of them.

use std::error::Error;
use std::fs;
use std::time::Duration;

use crate::instructions;
use crate::run::{Run, Surroundings, measure as run};
use crate::settings::Settings;
use crate::statistics::{median, quantile};
use crate::subject::Subject;

/// One thing that was measured.
#[derive(Debug)]
pub struct Row {
    /// What, in words.
    pub label: String,
    /// In what.
    pub unit: Unit,
    /// For each subject the values of all rounds; none where it does not apply.
    pub values: Vec<Vec<f64>>,
}

/// What a row's numbers are.
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

/// The row that the guard is about.
pub const INSTRUCTIONS: &str = "instructions, cold";
/// The row that the guard of the artifact's size is about.
pub const ZIP: &str = "zip";

/// Measures everything.
///
/// # Errors
/// When a subject does not do its work.
pub async fn measure(
    subjects: &[Subject],
    settings: &Settings,
) -> Result<Vec<Row>, Box<dyn Error>> {
    let roots = fs::read_to_string(&settings.roots)
        .map_err(|error| format!("cannot read {}: {error}", settings.roots.display()))?;
    let mut rows = Vec::new();
    for (number, round_trip) in settings.round_trips.iter().enumerate() {
        let surroundings = Surroundings {
            round_trip: *round_trip,
            roots: &roots,
            scratch: &settings.scratch,
        };
        let cold = rounds(subjects, &surroundings, settings.rounds, 0).await?;
        let warm = rounds(subjects, &surroundings, settings.warm_rounds, settings.warm).await?;
        rows.extend(durations(*round_trip, &cold, &warm));
        if number == 0 {
            rows.extend(resources(&cold, &warm, settings.warm));
        }
    }
    rows.push(instructions::row(subjects, &roots, settings).await?);
    rows.push(sizes("binary", |subject| subject.binary_bytes, subjects));
    rows.push(sizes(ZIP, |subject| subject.zip_bytes, subjects));
    Ok(rows)
}

/// That many processes of each subject, in turn, so that what else the machine
/// does meets them all alike.
async fn rounds(
    subjects: &[Subject],
    surroundings: &Surroundings<'_>,
    rounds: usize,
    warm: usize,
) -> Result<Vec<Vec<Run>>, Box<dyn Error>> {
    let mut runs: Vec<Vec<Run>> = subjects.iter().map(|_| Vec::new()).collect();
    for round in 1..=rounds {
        eprint!(
            "\r{} ms away, {} invocations: {round} of {rounds} ",
            surroundings.round_trip.as_millis(),
            warm + 1
        );
        for (subject, runs) in subjects.iter().zip(&mut runs) {
            runs.push(run(subject, surroundings, &[], warm).await?);
        }
    }
    eprintln!();
    Ok(runs)
}

fn durations(round_trip: Duration, cold: &[Vec<Run>], warm: &[Vec<Run>]) -> Vec<Row> {
    let network = format!("{} ms away", round_trip.as_millis());
    let mut rows = vec![
        row(
            format!("start to evaluation accepted (cold), {network}"),
            Unit::Milliseconds,
            cold,
            |run| milliseconds(run.cold),
        ),
        row(
            format!("warm evaluation, median, {network}"),
            Unit::Milliseconds,
            warm,
            |run| of_warm(run, 0.5),
        ),
        row(
            format!("warm evaluation, 99th percentile, {network}"),
            Unit::Milliseconds,
            warm,
            |run| of_warm(run, 0.99),
        ),
    ];
    if round_trip.is_zero() {
        let label = "start to first `next`".to_owned();
        rows.insert(
            0,
            row(label, Unit::Milliseconds, cold, |run| {
                milliseconds(run.ready)
            }),
        );
    }
    rows
}

fn resources(cold: &[Vec<Run>], warm: &[Vec<Run>], invocations: usize) -> Vec<Row> {
    let cpu_cold = row(
        "processor time, cold".into(),
        Unit::Milliseconds,
        cold,
        |run| milliseconds(run.cpu),
    );
    let mut cpu_warm = row(
        "processor time, each warm evaluation".into(),
        Unit::Milliseconds,
        warm,
        |run| milliseconds(run.cpu),
    );
    for (subject, values) in cpu_warm.values.iter_mut().enumerate() {
        let start = median(&cpu_cold.values[subject]).unwrap_or_default();
        for value in values {
            *value = (*value - start) / count(invocations);
        }
    }
    let later = |all: fn(&Run) -> usize| -> Vec<Vec<f64>> {
        let per_invocation = |(cold, warm): (&Vec<Run>, &Vec<Run>)| {
            let more = warm
                .iter()
                .zip(cold)
                .map(|(warm, cold)| all(warm) - all(cold));
            more.map(|more| count(more) / count(invocations)).collect()
        };
        cold.iter().zip(warm).map(per_invocation).collect()
    };
    let connections = |run: &Run| run.connections.iam + run.connections.config;
    let handshakes = |run: &Run| run.connections.handshakes;
    vec![
        cpu_cold,
        cpu_warm,
        row("peak memory".into(), Unit::Memory, warm, |run| {
            #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
            let bytes = run.peak_memory as f64;
            bytes
        }),
        row(
            "AWS calls, first evaluation".into(),
            Unit::Count,
            cold,
            |run| count(run.calls),
        ),
        Row {
            label: "AWS calls, each later one".into(),
            unit: Unit::Count,
            values: later(|run| run.calls),
        },
        row(
            "connections, first evaluation".into(),
            Unit::Count,
            cold,
            |run| count(connections(run)),
        ),
        Row {
            label: "connections, each later one".into(),
            unit: Unit::Count,
            values: later(connections),
        },
        row(
            "TLS handshakes, first evaluation".into(),
            Unit::Count,
            cold,
            |run| count(handshakes(run)),
        ),
        Row {
            label: "TLS handshakes, each later one".into(),
            unit: Unit::Count,
            values: later(handshakes),
        },
    ]
}

fn row(label: String, unit: Unit, runs: &[Vec<Run>], value: impl Fn(&Run) -> f64) -> Row {
    let values = runs.iter().map(|runs| runs.iter().map(&value).collect());
    Row {
        label,
        unit,
        values: values.collect(),
    }
}

fn sizes(label: &str, bytes: fn(&Subject) -> Option<u64>, subjects: &[Subject]) -> Row {
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let values = subjects
        .iter()
        .map(|subject| bytes(subject).map(|bytes| bytes as f64));
    Row {
        label: label.to_owned(),
        unit: Unit::FileSize,
        values: values.map(|bytes| bytes.into_iter().collect()).collect(),
    }
}

fn of_warm(run: &Run, share: f64) -> f64 {
    let all: Vec<f64> = run.warm.iter().copied().map(milliseconds).collect();
    quantile(&all, share).unwrap_or(f64::NAN)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[allow(clippy::cast_precision_loss, reason = "small numbers")]
fn count(number: usize) -> f64 {
    number as f64
}
