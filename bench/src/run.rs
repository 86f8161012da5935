//! One process: started, invoked, measured, ended.

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use local_aws::{
    Account, Connections, Environment, Invocation, LocalAws, Outcome, RULE_NAME, RuntimeApi,
    lambda_environment,
};
use wait4::Wait4;

use crate::delay;
use crate::settings::SCRATCH;
use crate::subject::Subject;

const ACCOUNT: &str = "111122223333";

/// The time limit of one invocation, which is slow under valgrind.
const INVOCATION_TIMEOUT: Duration = Duration::from_mins(2);

/// How long to wait after the function's last response, so that the work that it does until
/// it requests the next event is measured.
const SETTLING_TIME: Duration = Duration::from_millis(30);

/// The measurements of one process.
#[derive(Debug)]
pub struct Run {
    /// Process start to the first `next`.
    pub ready: Duration,
    /// Process start to the response of the first invocation. The evaluation has been
    /// accepted by then.
    pub cold: Duration,
    /// Each later invocation, from its event to its response.
    pub warm: Vec<Duration>,
    /// User and system time of the whole process.
    pub cpu: Duration,
    /// The peak of resident memory, in bytes.
    pub peak_memory: usize,
    /// TCP connections and TLS handshakes.
    pub connections: Connections,
    /// Requests to IAM and Config.
    pub calls: usize,
}

/// The conditions of a run.
#[derive(Debug)]
pub struct Conditions<'a> {
    /// The round-trip time to IAM and Config.
    pub round_trip: Duration,
    /// The root certificates that a machine has (PEM); the local AWS emulator's is added.
    pub roots: &'a str,
}

/// Starts `subject` (under `wrapper`, if it is not empty), invokes it once cold
/// and `warm` times more, and ends it.
///
/// # Errors
/// The process does not start or respond, or an evaluation was not accepted.
pub async fn measure(
    subject: &Subject,
    conditions: &Conditions<'_>,
    wrapper: &[&str],
    warm: usize,
) -> Result<Run, Box<dyn Error>> {
    let aws = LocalAws::start_tls().await?;
    let runtime = RuntimeApi::start().await?;
    let account = Account::new(ACCOUNT);
    aws.put_account(account.clone());
    let environment = environment(subject, conditions, &aws, &runtime, &account)?;

    // The first event is waiting when the process requests it. So the time of that request
    // follows from the duration of the invocation.
    let first = tokio::spawn(invoke(runtime.clone(), event(subject, &aws)));
    let output = output_file();
    let started = Instant::now();
    let child = start(subject, wrapper, &environment, &output)?;
    let mut process = Process(Some(child));
    first
        .await?
        .map_err(|error| about(subject, &error, &output))?;
    let cold = started.elapsed();
    let ready = cold.saturating_sub(runtime.last_duration().unwrap_or_default());

    let mut durations = Vec::with_capacity(warm);
    for _ in 0..warm {
        let outcome = invoke(runtime.clone(), event(subject, &aws)).await;
        outcome.map_err(|error| about(subject, &error, &output))?;
        durations.extend(runtime.last_duration());
    }
    tokio::time::sleep(SETTLING_TIME).await;
    let accepted = aws.evaluations(ACCOUNT).len();
    if subject.evaluates && accepted != warm + 1 {
        let error = format!("{accepted} evaluations accepted instead of {}", warm + 1);
        return Err(about(subject, &error, &output).into());
    }
    let peak_memory = process.peak_memory()?;
    Ok(Run {
        ready,
        cold,
        warm: durations,
        cpu: process.end()?,
        peak_memory,
        connections: aws.connections(),
        calls: aws.requests().len(),
    })
}

/// What the last process printed.
pub fn output_file() -> PathBuf {
    Path::new(SCRATCH).join("output.txt")
}

fn about(subject: &Subject, error: &str, output: &Path) -> String {
    let output = fs::read_to_string(output).unwrap_or_default();
    format!("{}: {error}; it printed:\n{output}", subject.name)
}

async fn invoke(runtime: RuntimeApi, event: String) -> Result<(), String> {
    let arn = local_aws::ConfigRule::new(ACCOUNT, RULE_NAME).function_arn();
    let invocation = Invocation::of(&arn).within(INVOCATION_TIMEOUT);
    match tokio::time::timeout(INVOCATION_TIMEOUT, runtime.invoke(event, invocation)).await {
        Ok(Outcome::Response(_)) => Ok(()),
        Ok(other) => Err(format!("responded {other:?}")),
        Err(_) => Err(format!("no response within {INVOCATION_TIMEOUT:?}")),
    }
}

fn event(subject: &Subject, aws: &LocalAws) -> String {
    let mut event = aws.event(ACCOUNT);
    if let Some(parameters) = &subject.rule_parameters {
        event["ruleParameters"] = parameters.as_str().into();
    }
    event.to_string()
}

/// Lambda's environment with the machine's root certificates, because reading them is part of
/// a cold start.
fn environment(
    subject: &Subject,
    conditions: &Conditions<'_>,
    aws: &LocalAws,
    runtime: &RuntimeApi,
    account: &Account,
) -> Result<Environment, Box<dyn Error>> {
    let mut environment = lambda_environment(aws, runtime, account);
    let own = aws.ca_file().ok_or("the local AWS emulator has no TLS")?;
    let bundle = Path::new(SCRATCH).join("roots.pem");
    fs::write(&bundle, fs::read_to_string(own)? + conditions.roots)?;
    for name in ["SSL_CERT_FILE", "AWS_CA_BUNDLE"] {
        environment.insert(name.to_owned(), bundle.display().to_string());
    }
    if !conditions.round_trip.is_zero() {
        for name in ["AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_CONFIG_SERVICE"] {
            let url = environment.get(name).ok_or(name)?;
            let address = url.trim_start_matches("https://").parse()?;
            let far = delay::before(address, conditions.round_trip)?;
            environment.insert(name.to_owned(), format!("https://{far}"));
        }
    }
    if let Some(folder) = &subject.folder {
        let folder = folder.display().to_string();
        environment.insert("LAMBDA_TASK_ROOT".to_owned(), folder.clone());
        environment.insert("PYTHONPATH".to_owned(), folder);
    }
    Ok(environment)
}

fn start(
    subject: &Subject,
    wrapper: &[&str],
    environment: &Environment,
    output: &Path,
) -> Result<Child, Box<dyn Error>> {
    let output = File::create(output)?;
    let mut command = wrapper
        .iter()
        .map(Path::new)
        .chain(subject.command.iter().map(AsRef::as_ref));
    let program = command.next().ok_or("no program")?;
    Ok(Command::new(program)
        .args(command)
        .env_clear()
        .envs(environment)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()
        .map_err(|error| format!("cannot start {}: {error}", program.display()))?)
}

/// A child process that does not outlive its measurement.
struct Process(Option<Child>);

impl Process {
    /// The kernel's high-water mark of this program alone. `ru_maxrss` would
    /// also hold what the parent had resident when it forked.
    fn peak_memory(&self) -> Result<usize, Box<dyn Error>> {
        let child = self.0.as_ref().ok_or("it has ended")?;
        let status = fs::read_to_string(format!("/proc/{}/status", child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        Ok(kibibytes
            .ok_or("no VmHWM in /proc/PID/status")?
            .parse::<usize>()?
            * 1024)
    }

    /// Ends it and returns the processor time of its whole life. valgrind still reports after
    /// this signal.
    fn end(&mut self) -> Result<Duration, Box<dyn Error>> {
        let mut child = self.0.take().ok_or("it has ended")?;
        let pid = child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status()?;
        let usage = child.wait4()?.rusage;
        Ok(usage.utime + usage.stime)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
