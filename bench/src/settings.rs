//! The command line, and where things are. Paths are seen from the repository's root.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;

const USAGE: &str = "\
usage: bench [OPTION...], from the repository's root; `make bench` builds what it needs
  --rounds N         cold processes of each subject and round-trip time (15)
  --only NAME        measure only ours and the subjects whose name contains NAME
  --bootstrap FILE   another build of our function
  --roots FILE       the root certificates to trust, PEM (/etc/ssl/certs/ca-certificates.crt)
  --sample DIR       a checkout of awslabs/aws-config-rules
  --record           store the results: docs/performance.md, its chart, bench/record.json";

/// Invocations of a warm process after its first.
pub const WARM: usize = 100;
/// Warm processes of each subject, for each round-trip time.
pub const WARM_ROUNDS: usize = 3;
/// From the function to IAM and AWS Config and back.
pub const ROUND_TRIPS: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(1),
    Duration::from_millis(20),
];

/// Cargo's target folder of this workspace.
pub const BUILT: &str = "target/bench";
/// For what the runs write.
pub const SCRATCH: &str = "target/bench/scratch";
/// An interpreter that has awslambdaric and rdklib.
pub const PYTHON: &str = ".tools/bench/bin/python";
/// The table, the chart and the record of the results.
pub const RESULTS: [&str; 3] = [
    "docs/performance.md",
    "docs/performance.svg",
    "bench/record.json",
];

/// What to measure.
#[derive(Debug)]
pub struct Settings {
    /// Cold processes of each subject, for each round-trip time.
    pub rounds: usize,
    /// Part of a subject's name.
    pub only: Option<String>,
    /// Our function.
    pub bootstrap: PathBuf,
    /// The root certificates that are read at each start, PEM.
    pub roots: PathBuf,
    /// A checkout of AWS's public samples.
    pub sample: Option<PathBuf>,
    /// Whether to store the results.
    pub record: bool,
}

impl Settings {
    /// Reads the command line.
    ///
    /// # Errors
    /// An option is unknown or its value is malformed: the usage.
    pub fn from_arguments() -> Result<Self, String> {
        let mut settings = Self {
            rounds: 15,
            only: None,
            bootstrap: "target/bench/ours/bootstrap".into(),
            roots: "/etc/ssl/certs/ca-certificates.crt".into(),
            sample: None,
            record: false,
        };
        settings
            .take(lexopt::Parser::from_env())
            .map_err(|error| format!("{error}\n{USAGE}"))?;
        Ok(settings)
    }

    fn take(&mut self, mut arguments: lexopt::Parser) -> Result<(), lexopt::Error> {
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("rounds") => self.rounds = arguments.value()?.parse()?,
                Long("only") => self.only = Some(arguments.value()?.string()?),
                Long("bootstrap") => self.bootstrap = arguments.value()?.into(),
                Long("roots") => self.roots = arguments.value()?.into(),
                Long("sample") => self.sample = Some(arguments.value()?.into()),
                Long("record") => self.record = true,
                other => return Err(other.unexpected()),
            }
        }
        Ok(())
    }
}
