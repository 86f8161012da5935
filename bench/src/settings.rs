//! What the command line says.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;

const USAGE: &str = "\
usage: bench [OPTION...], from the repository's root; `make bench` builds what it needs
  --rounds N         processes of each subject and round-trip time, cold (15)
  --warm N           invocations of a warm process (100)
  --round-trips MS   comma-separated round-trip times (0,1,20)
  --only NAME        measure only the subjects whose name contains NAME, besides ours
  --bootstrap FILE   another build of our function
  --roots FILE       the root certificates to trust, PEM (/etc/ssl/certs/ca-certificates.crt)
  --sample DIR       a checkout of awslabs/aws-config-rules
  --record           keep the results: docs/performance.md, its chart, bench/record.json";

/// How to measure, and where things are. Paths are seen from the repository's root.
#[derive(Debug)]
pub struct Settings {
    /// Cold processes of each subject, for each round-trip time.
    pub rounds: usize,
    /// Invocations of a warm process after its first.
    pub warm: usize,
    /// Warm processes of each subject, for each round-trip time.
    pub warm_rounds: usize,
    /// From the function to IAM and Config and back.
    pub round_trips: Vec<Duration>,
    /// Part of a subject's name.
    pub only: Option<String>,
    /// Our function.
    pub bootstrap: PathBuf,
    /// Cargo's target folder of this workspace.
    pub built: PathBuf,
    /// An interpreter that has awslambdaric and rdklib.
    pub python: PathBuf,
    /// The folder of the rule on rdklib.
    pub rdklib: PathBuf,
    /// A checkout of AWS's public samples.
    pub sample: Option<PathBuf>,
    /// The root certificates that are read at each start, PEM; this machine's,
    /// unless others are named.
    pub roots: PathBuf,
    /// For what the runs write.
    pub scratch: PathBuf,
    /// Whether to keep the results.
    pub record: bool,
    /// Where the table is kept.
    pub page: PathBuf,
    /// Where the chart is kept.
    pub chart: PathBuf,
    /// What later runs are held against.
    pub record_file: PathBuf,
}

impl Settings {
    /// Reads the command line.
    ///
    /// # Errors
    /// The usage, when an option is unknown or its value no good.
    pub fn from_arguments() -> Result<Self, String> {
        let mut settings = Self {
            rounds: 15,
            warm: 100,
            warm_rounds: 3,
            round_trips: [0, 1, 20].map(Duration::from_millis).into(),
            only: None,
            bootstrap: "target/bench/ours/bootstrap".into(),
            built: "target/bench".into(),
            python: ".tools/bench/bin/python".into(),
            rdklib: "bench/rdklib".into(),
            sample: None,
            roots: "/etc/ssl/certs/ca-certificates.crt".into(),
            scratch: "target/bench/scratch".into(),
            record: false,
            page: "docs/performance.md".into(),
            chart: "docs/performance.svg".into(),
            record_file: "bench/record.json".into(),
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
                Long("warm") => self.warm = arguments.value()?.parse()?,
                Long("round-trips") => {
                    let list = arguments.value()?.string()?;
                    let milliseconds = |text: &str| text.parse().map(Duration::from_millis);
                    let parsed: Result<_, _> = list.split(',').map(milliseconds).collect();
                    self.round_trips = parsed.map_err(|_| format!("no list of numbers: {list}"))?;
                }
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
