//! The rule on this machine: the function's real binary evaluates a small fleet of
//! AWS accounts that the local AWS emulator has.

mod chain;
mod fleet;
mod function;
mod organization;
mod own_event;
mod row;
mod sandbox;
mod serve;
mod table;

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use lexopt::ValueExt;
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
  --chain           follows one account: clean, with a new key, clean again
  --event FILE      runs the function on an event of yours and prints what it
                    would send to AWS Config; the event's accountId must be one
                    of the table
  --help, -h        this text

Options:
  --port PORT       the first of six ports in a row for --serve and
                    --organization; default 4600, 0 for free ones
  --log             shows the function's log lines
  --bootstrap FILE  runs FILE, not the `bootstrap` beside this command
  --requests FILE   writes every request to AWS to FILE, a JSON object a line

Exit codes: 0 everything was as expected; 1 something was not, or the function's
run failed; 2 the command could not do its work.
";

/// The first port of what keeps running, unless said otherwise.
const PORT: u16 = 4600;

/// What the command line asks for.
struct Wanted {
    bootstrap: PathBuf,
    requests: Option<PathBuf>,
    port: u16,
    shows_log: bool,
    what: What,
}

/// One option, one thing to do; the last one given counts.
enum What {
    Evaluate,
    Serve,
    Chain,
    Organization,
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

/// Whether everything was as it should be.
async fn run() -> Result<bool, Box<dyn std::error::Error>> {
    let wanted = Wanted::from_command_line()?;
    let mut out = io::stdout();
    if matches!(wanted.what, What::Help) {
        io::Write::write_all(&mut out, HELP.as_bytes())?;
        return Ok(true);
    }
    // What keeps running has the machine's time, as its clients do, and the same ports each time;
    // what ends shows the same each time.
    let keeps_running = matches!(wanted.what, What::Serve | What::Organization);
    let port = if keeps_running { wanted.port } else { 0 };
    let aws = LocalAws::start_at(port)
        .await
        .map_err(|error| cannot_listen(port, &error))?;
    if keeps_running {
        aws.run_clock();
    }
    let binary = Binary {
        path: wanted.bootstrap.clone(),
        shows_log: wanted.shows_log,
    };
    let good = match &wanted.what {
        What::Event(event) => own_event::run(&aws, &binary, event, &mut out).await?,
        What::Chain => chain::run(&aws, &binary, &mut out).await?,
        What::Organization => {
            organization::serve(&aws, &binary, &mut out).await?;
            true
        }
        _ => evaluate_fleet(&aws, &binary, keeps_running, &mut out).await?,
    };
    if let Some(file) = &wanted.requests {
        write_requests(&aws, file)?;
    }
    Ok(good)
}

fn cannot_listen(port: u16, error: &io::Error) -> String {
    let last = u32::from(port) + 5;
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
        table.log(&sandbox.log())?;
        sandboxes.push(sandbox);
    }
    let good = table.sum("accounts")?;
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

impl Wanted {
    fn from_command_line() -> Result<Self, Box<dyn std::error::Error>> {
        let mut wanted = Self {
            bootstrap: env::current_exe()?.with_file_name("bootstrap"),
            requests: None,
            port: PORT,
            shows_log: false,
            what: What::Evaluate,
        };
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                lexopt::Arg::Long("bootstrap") => wanted.bootstrap = arguments.value()?.into(),
                lexopt::Arg::Long("requests") => wanted.requests = Some(arguments.value()?.into()),
                lexopt::Arg::Long("event") => wanted.what = What::Event(arguments.value()?.into()),
                lexopt::Arg::Long("chain") => wanted.what = What::Chain,
                lexopt::Arg::Long("serve") => wanted.what = What::Serve,
                lexopt::Arg::Long("organization") => wanted.what = What::Organization,
                lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => wanted.what = What::Help,
                lexopt::Arg::Long("log") => wanted.shows_log = true,
                lexopt::Arg::Long("port") => wanted.port = arguments.value()?.parse()?,
                other => {
                    let error = other.unexpected();
                    return Err(format!("{error}; `local --help` lists the options").into());
                }
            }
        }
        Ok(wanted)
    }
}
