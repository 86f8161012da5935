//! The rule on this machine: the function's real binary judges a small fleet of
//! AWS accounts that exist on loopback only.

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

use local_aws::LocalAws;

use sandbox::Sandbox;
use table::Table;

const HELP: &str = "\
Runs the function's real binary against a stand-in for AWS on this machine.

  local                    judges a small fleet of accounts and shows a table;
                           succeeds only if every row is what it should be
  local --serve            the same, then stays, for the AWS CLI and `root-keys`: reads
                           the results, starts evaluations, deletes keys
  local --chain            follows one account: clean, with a new root key, clean
  local --organization     stays with an organization in the middle of a rollout, for
                           `root-keys status` and the commands that it prints
  local --event FILE       runs one event of yours and prints what would be sent
                           to AWS Config

  --bootstrap FILE         another binary than the `bootstrap` beside this one
  --requests FILE          writes every request to AWS to FILE, a JSON object a line
";

/// What the command line asks for.
struct Wanted {
    bootstrap: PathBuf,
    requests: Option<PathBuf>,
    what: What,
}

/// One option, one thing to do; the last one given counts.
enum What {
    Judge,
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
        // Whoever reads has seen enough.
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::FAILURE,
        Err(error) => {
            #[allow(clippy::print_stderr, reason = "it is what a command has to say")]
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
    let aws = LocalAws::start().await?;
    // What stays has the machine's time, which its clients have too, from its
    // first row on; what ends shows the same each time.
    if matches!(wanted.what, What::Serve | What::Organization) {
        aws.run_clock();
    }
    let good = match &wanted.what {
        What::Event(event) => own_event::run(&aws, &wanted.bootstrap, event, &mut out).await?,
        What::Chain => chain::run(&aws, &wanted.bootstrap, &mut out).await?,
        What::Organization => {
            organization::serve(&aws, &wanted.bootstrap, &mut out).await?;
            true
        }
        _ => judge_fleet(&aws, &wanted, &mut out).await?,
    };
    if let Some(file) = &wanted.requests {
        write_requests(&aws, file)?;
    }
    Ok(good)
}

async fn judge_fleet(
    aws: &LocalAws,
    wanted: &Wanted,
    out: &mut impl io::Write,
) -> Result<bool, Box<dyn std::error::Error>> {
    let mut table = Table::new(out);
    table.head()?;
    let mut sandboxes = Vec::new();
    for member in fleet::members(aws.now()) {
        let sandbox = Sandbox::start(aws, &wanted.bootstrap, member).await?;
        table.row(&sandbox.judge(aws).await)?;
        sandboxes.push(sandbox);
    }
    let good = table.sum("accounts")?;
    if matches!(wanted.what, What::Serve) {
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
            what: What::Judge,
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
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(wanted)
    }
}
