//! The machine and the tools of the measurement.

use std::fs;
use std::process::Command;

use crate::settings::{PYTHON, Settings, WARM, WARM_ROUNDS};

/// A line below the table.
#[must_use]
pub fn described(settings: &Settings) -> String {
    let packages = "import importlib.metadata as m; print(', '.join(f'{p} {m.version(p)}' for p in ('awslambdaric', 'boto3', 'rdklib')))";
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let (processor, load) = (read("/proc/cpuinfo"), read("/proc/loadavg"));
    let processor = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name\t: "));
    let roots = fs::read_to_string(&settings.roots).unwrap_or_default();
    format!(
        "Measured on {}, {} cores, Linux {}, load average before the run {}; {}; {}, {}; {}; {} root certificates. {} cold processes and {WARM_ROUNDS} warm ones of {WARM} invocations, of each subject at each distance, alternating.",
        processor.unwrap_or("an unknown processor"),
        std::thread::available_parallelism().map_or(0, usize::from),
        printed(&["uname", "-r"]),
        load.split(' ').next().unwrap_or_default(),
        printed(&["rustc", "--version"]),
        printed(&[PYTHON, "--version"]),
        printed(&[PYTHON, "-c", packages]),
        printed(&["valgrind", "--version"]),
        roots.matches("BEGIN CERTIFICATE").count(),
        settings.rounds,
    )
}

/// The first line that the command prints.
fn printed(command: &[&str]) -> String {
    let output = Command::new(command[0]).args(&command[1..]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let text = text.unwrap_or_else(|_| format!("no {}", command[0]));
    text.lines().next().unwrap_or_default().to_owned()
}
