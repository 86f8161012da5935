//! The state machine: invokes the function step by step, repeats a step that failed or whose
//! function died, and publishes the digest.

use std::time::Duration;

use proptest::test_runner::TestCaseError;
use root_access_key_watch::answer::{Answer, Digest, Next};
use root_access_key_watch::error::{ErrorKind, WatchError};
use root_access_key_watch::settings::Settings;
use root_access_key_watch::steps::{Invocation, Watch};
use serde_json::{Value, json};

use crate::fleet::{BUCKET, Fleet, MANAGEMENT, UNIT};
use crate::guarantees::Guarantees;
use crate::history::Run;

const FUNCTION: &str =
    "arn:aws:lambda:us-east-1:999999999999:function:root-access-key-rule-org-watch";
/// How often a step is invoked before the execution fails.
const ATTEMPTS: usize = 13;
/// After so many steps a run would never end.
const MAX_STEPS: usize = 60;

pub struct Machine<'a> {
    fleet: &'a Fleet,
    run: &'a Run,
    switches: Option<(bool, bool)>,
}

/// How an execution ended.
#[derive(Debug, Default)]
pub struct Ran {
    /// The digest that was to be published.
    pub digest: Option<Digest>,
    /// Whether Amazon SNS took it.
    pub published: bool,
    /// Whether `latest.json` was written, or was of this day already.
    pub recorded: bool,
    /// Whether a report of this day was there already.
    pub nothing_to_do: bool,
    pub crashes: usize,
    /// The messages of the steps that failed.
    pub failures: Vec<String>,
    invocations: usize,
}

/// Why an execution ends.
enum Stop {
    Lost,
    Failed,
}

fn ignore(_: &str) {}

impl<'a> Machine<'a> {
    pub fn new(fleet: &'a Fleet, run: &'a Run, switches: Option<(bool, bool)>) -> Self {
        Self {
            fleet,
            run,
            switches,
        }
    }

    /// One execution. After each invocation, `guarantees` sees what the bucket has.
    pub async fn run(&self, name: &str, guarantees: &mut Guarantees) -> Result<Ran, TestCaseError> {
        let aws = &self.fleet.wire.aws;
        aws.clear_faults(MANAGEMENT);
        let denied = |operation| self.run.denied == Some(operation);
        // A response that is cut after its end would be a call that is not denied.
        let faults = self.run.faults.iter().filter(|(it, _)| !denied(*it));
        for (operation, fault) in faults {
            aws.fault(MANAGEMENT, *operation, fault.clone());
        }
        if let Some(operation) = self.run.denied {
            aws.fault_always(MANAGEMENT, operation, local_aws::Fault::Denied);
        }
        if self.run.record_denied {
            let (get, denied) = (local_aws::Operation::GetObject, local_aws::Fault::Denied);
            aws.fault_about(MANAGEMENT, get, "latest.json", usize::MAX, denied);
        }
        self.fleet.wire.begin(&self.run.crashes);
        let mut ran = Ran::default();
        let ended = self.states(name, guarantees, &mut ran).await?;
        aws.clear_faults(MANAGEMENT);
        ran.recorded &= ended.is_ok();
        Ok(ran)
    }

    async fn states(
        &self,
        name: &str,
        guarantees: &mut Guarantees,
        ran: &mut Ran,
    ) -> Result<Result<(), Stop>, TestCaseError> {
        let started = self.fleet.wire.aws.now().to_rfc3339();
        let on_or_off = |on: bool| if on { "on" } else { "off" };
        let switches = self.switches;
        let switches = switches.map(
            |(repair, digest)| json!({"repair": on_or_off(repair), "digest": on_or_off(digest)}),
        );
        let work = json!({"step": "work", "run": name, "started": started, "switches": switches});
        let mut steps = 0;
        let answer = loop {
            steps += 1;
            if steps > MAX_STEPS {
                return Err(TestCaseError::fail("the run does not end"));
            }
            match self.invoke(&work, guarantees, ran).await? {
                Err(stop) => return Ok(Err(stop)),
                Ok(answer) if answer.next == Next::Work => {}
                Ok(answer) => break answer,
            }
        };
        if answer.next == Next::Done {
            (ran.recorded, ran.nothing_to_do) = (true, true);
            return Ok(Ok(()));
        }
        ran.published = answer.next == Next::Publish && !self.run.not_published;
        ran.digest = answer.digest;
        let record =
            json!({"step": "record", "run": name, "started": started, "published": ran.published});
        Ok(self
            .invoke(&record, guarantees, ran)
            .await?
            .map(|_| ran.recorded = true))
    }

    /// A step, repeated as the state machine repeats it.
    async fn invoke(
        &self,
        payload: &Value,
        guarantees: &mut Guarantees,
        ran: &mut Ran,
    ) -> Result<Result<Answer, Stop>, TestCaseError> {
        for _ in 0..ATTEMPTS {
            if self.run.lost_after.is_some_and(|it| ran.invocations >= it) {
                return Ok(Err(Stop::Lost));
            }
            ran.invocations += 1;
            let ended = self.once(payload).await;
            guarantees.bucket(self.fleet)?;
            if let Some(Err(error)) = &ended {
                ran.failures.push(error.to_string());
            }
            match ended {
                None => {
                    ran.crashes += 1;
                    if self.run.updated_meanwhile {
                        self.fleet.somebody_updates();
                    }
                }
                Some(Ok(answer)) => return Ok(Ok(answer)),
                Some(Err(error)) if never_repeated(error.kind) => return Ok(Err(Stop::Failed)),
                Some(Err(error)) if error.kind == ErrorKind::InternalError => {
                    return Err(TestCaseError::fail(error.message));
                }
                Some(Err(_)) => {}
            }
        }
        Ok(Err(Stop::Failed))
    }

    /// One invocation; `None` if the function died.
    async fn once(&self, payload: &Value) -> Option<Result<Answer, WatchError>> {
        let settings = Settings {
            bucket: BUCKET.to_owned(),
            repair: true,
            configured_units: vec![UNIT.to_owned()],
        };
        let watch = Watch::new(self.fleet.wire.sdk(), settings, ignore);
        let invocation = Invocation {
            function_arn: FUNCTION.to_owned(),
            time_left: Duration::from_mins(5),
        };
        let dies = self.fleet.wire.dies();
        let payload = payload.to_string();
        tokio::select! {
            biased;
            () = dies.notified() => None,
            ended = watch.step(&payload, &invocation) => Some(ended),
        }
    }
}

fn never_repeated(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::InvalidEnvironment
            | ErrorKind::InvalidEvent
            | ErrorKind::RecordConflict
            | ErrorKind::CheckpointUnreadable
    )
}
