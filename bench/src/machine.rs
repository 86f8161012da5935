//! The machine and the tools of the measurement.

use std::fs;
use std::process::Command;

use crate::settings::{PYTHON, Settings, WARM, WARM_ROUNDS};

/// A line below the table.
#[must_use]
pub fn described(settings: &Settings) -> String {
    let packages = "import importlib.metadata as m; print(', '.join(f'{p} {m.version(p)}' for p in ('awslambdaric', 'boto3', 'rdklib')))";
    format!(
        "Measured on {}, {} cores, Linux {}, load average before the run {}; {}; {}, {}; {}; {} root certificates. {} cold processes and {} warm ones of {} invocations, of each subject at each distance, alternating.",
        after("/proc/cpuinfo", "model name\t: "),
        std::thread::available_parallelism().map_or(0, usize::from),
        first_line(&fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default()),
        fs::read_to_string("/proc/loadavg")
            .unwrap_or_default()
            .split(' ')
            .next()
            .unwrap_or_default(),
        said(&["rustc", "--version"]),
        said(&[PYTHON, "--version"]),
        said(&[PYTHON, "-c", packages]),
        said(&["valgrind", "--version"]),
        fs::read_to_string(&settings.roots)
            .unwrap_or_default()
            .matches("BEGIN CERTIFICATE")
            .count(),
        settings.rounds,
        WARM_ROUNDS,
        WARM,
    )
}

fn after(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap_or("an unknown processor")
        .to_owned()
}

fn said(command: &[&str]) -> String {
    let output = Command::new(command[0]).args(&command[1..]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    first_line(&text.unwrap_or_else(|_| format!("no {}", command[0])))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
