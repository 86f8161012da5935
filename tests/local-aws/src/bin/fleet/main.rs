//! An organization that somebody else describes: each member's rule and
//! function, and the events that its function gets.
//!
//! Each function is the real binary, a process of its own with its own
//! account's credentials, some side by side. What became of every event, and
//! what AWS Config then holds, is written to standard output, a JSON object a
//! line; the last line is the environment of whoever administers the rollout.
//! AWS stays until standard input ends.

mod description;
mod run;

use std::{
    fs,
    io::{self, Read, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use lexopt::ValueExt;
use local_aws::{Account, LocalAws};

use description::Description;

const HELP: &str = "fleet DESCRIPTION --bootstrap FILE [--side-by-side NUMBER]";

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[allow(clippy::print_stderr, reason = "it is what a command has to say")]
            {
                eprintln!("fleet: {error}");
            }
            ExitCode::from(2)
        }
    }
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let (file, bootstrap, side_by_side) = command_line()?;
    let description: Description = serde_json::from_slice(&fs::read(file)?)?;
    let aws = Arc::new(LocalAws::start().await?);
    description.populate(&aws);
    let administrator = Account::new(&description.administrator).credentials();
    let (done, took) = run::all(&aws, &bootstrap, description.members, side_by_side).await?;
    let mut out = io::stdout();
    for account in done {
        writeln!(out, "{}", account.told(&aws))?;
    }
    #[allow(clippy::print_stderr, reason = "it is not part of the answer")]
    {
        eprintln!("{took}");
    }
    let environment = serde_json::json!({
        "AWS_ACCESS_KEY_ID": administrator.access_key_id,
        "AWS_SECRET_ACCESS_KEY": administrator.secret_access_key,
        "AWS_SESSION_TOKEN": administrator.session_token,
        "AWS_ENDPOINT_URL_CLOUDFORMATION": aws.cloudformation_url(),
        "AWS_ENDPOINT_URL_CONFIG_SERVICE": aws.config_url(),
        "AWS_ENDPOINT_URL_IAM": aws.iam_url(),
        "AWS_ENDPOINT_URL_ORGANIZATIONS": aws.organizations_url(),
        "AWS_ENDPOINT_URL_STS": aws.sts_url(),
    });
    writeln!(out, "{environment}")?;
    out.flush()?;
    tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}

fn command_line() -> Result<(PathBuf, PathBuf, usize), Box<dyn std::error::Error>> {
    let (mut file, mut bootstrap, mut side_by_side) = (None, None, 4);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Value(path) if file.is_none() => file = Some(path.into()),
            lexopt::Arg::Long("bootstrap") => bootstrap = Some(arguments.value()?.into()),
            lexopt::Arg::Long("side-by-side") => side_by_side = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    file.zip(bootstrap)
        .map(|(file, bootstrap)| (file, bootstrap, side_by_side))
        .ok_or_else(|| HELP.into())
}
