//! The rule on this machine: the function's real binary evaluates a small fleet of
//! AWS accounts in the local AWS emulator.

mod described;
mod expected;
mod fleet;
mod function;
mod organization;
mod own_event;
mod sandbox;
mod serve;
mod table;

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use lexopt::{
    Arg::{Long, Short},
    ValueExt,
};
use local_aws::LocalAws;

use function::Binary;
use sandbox::Sandbox;
use table::Table;

const HELP: &str = "\
Runs the function's real binary against a local AWS emulator on this machine.
Through make: make local ARGS='OPTIONS'

What to run (the last one given counts):
  (nothing)         evaluates a fleet of accounts and shows a table; succeeds
                    only if every row is the expected result
  --serve           does the same, then keeps running on this machine's clock
                    for the AWS CLI and `root-keys`: read results, start
                    evaluations, delete keys
  --organization    keeps running with an organization in the middle of a
                    rollout, for `root-keys status` and the commands it prints
  --describe FILE   keeps running with the organization that FILE describes in
                    JSON, and prints the endpoints as JSON
  --event FILE      runs the function on an event of yours and prints what it
                    would send to AWS Config; the event's accountId must be one
                    of the table
  --help, -h        this text

Options:
  --port PORT       the first of seven ports in a row for what keeps running;
                    default 4600, 0 for free ones
  --log             shows the function's log lines
  --bootstrap FILE  runs FILE, not the `bootstrap` beside this command
  --requests FILE   writes every request to AWS to FILE, a JSON object a line

Exit codes: 0 everything was as expected; 1 something was not, or the function's
run failed; 2 the command itself failed (for example a wrong option or a port in
use).
";

/// The default first port of what keeps running.
const PORT: u16 = 4600;

/// The command line.
struct Options {
    binary: Binary,
    requests: Option<PathBuf>,
    port: u16,
    what: What,
}

/// What to run; the last option that says so counts.
enum What {
    Evaluate,
    Serve,
    Organization,
    Describe(PathBuf),
    Event(PathBuf),
    Help,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // The reader closed the pipe.
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::FAILURE,
        Err(error) => {
            #[allow(clippy::print_stderr, reason = "a command reports its errors here")]
            {
                eprintln!("local: {error}");
            }
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Whether everything was as expected.
async fn run() -> Result<bool, Box<dyn std::error::Error>> {
    let options = Options::from_command_line()?;
    let mut out = io::stdout();
    if matches!(options.what, What::Help) {
        io::Write::write_all(&mut out, HELP.as_bytes())?;
        return Ok(true);
    }
    // What keeps running uses the machine's clock, as its clients do, and fixed ports. Otherwise
    // the clock stands still, so that every run prints the same.
    let keeps_running = matches!(
        options.what,
        What::Serve | What::Organization | What::Describe(_)
    );
    let port = if keeps_running { options.port } else { 0 };
    let aws = LocalAws::start_at(port)
        .await
        .map_err(|error| cannot_listen(port, &error))?;
    if keeps_running {
        aws.run_clock();
    }
    let binary = &options.binary;
    let good = match &options.what {
        What::Event(event) => own_event::run(&aws, binary, event, &mut out).await?,
        What::Describe(file) => {
            described::serve(&aws, file, &mut out).await?;
            true
        }
        What::Organization => {
            organization::serve(&aws, binary, &mut out).await?;
            true
        }
        _ => evaluate_fleet(&aws, binary, keeps_running, &mut out).await?,
    };
    if let Some(file) = &options.requests {
        write_requests(&aws, file)?;
    }
    Ok(good)
}

fn cannot_listen(port: u16, error: &io::Error) -> String {
    let last = u32::from(port) + 6;
    format!(
        "cannot listen on the ports {port} to {last} of 127.0.0.1: {error}; \
         choose others with --port, or free ones with --port 0"
    )
}

async fn evaluate_fleet(
    aws: &LocalAws,
    binary: &Binary,
    keeps_running: bool,
    out: &mut impl io::Write,
) -> io::Result<bool> {
    let mut table = Table::new(out);
    table.head()?;
    let mut sandboxes = Vec::new();
    for member in fleet::members(aws.now()) {
        let sandbox = Sandbox::start(aws, binary, member).await?;
        table.row(&sandbox.evaluate(aws).await)?;
        sandboxes.push(sandbox);
    }
    let good = table.sum()?;
    if keeps_running {
        serve::until_interrupted(aws, &sandboxes, out).await?;
    }
    Ok(good)
}

fn write_requests(aws: &LocalAws, file: &Path) -> io::Result<()> {
    let mut lines = Vec::new();
    for request in aws.requests() {
        serde_json::to_writer(&mut lines, &request)?;
        lines.push(b'\n');
    }
    fs::write(file, lines)
}

impl Options {
    fn from_command_line() -> Result<Self, Box<dyn std::error::Error>> {
        let mut options = Self {
            binary: Binary {
                path: env::current_exe()?.with_file_name("bootstrap"),
                shows_log: false,
            },
            requests: None,
            port: PORT,
            what: What::Evaluate,
        };
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("bootstrap") => options.binary.path = arguments.value()?.into(),
                Long("requests") => options.requests = Some(arguments.value()?.into()),
                Long("event") => options.what = What::Event(arguments.value()?.into()),
                Long("serve") => options.what = What::Serve,
                Long("describe") => options.what = What::Describe(arguments.value()?.into()),
                Long("organization") => options.what = What::Organization,
                Long("help") | Short('h') => options.what = What::Help,
                Long("log") => options.binary.shows_log = true,
                Long("port") => options.port = arguments.value()?.parse()?,
                other => {
                    let error = other.unexpected();
                    return Err(format!("{error}; `local --help` lists the options").into());
                }
            }
        }
        Ok(options)
    }
}
