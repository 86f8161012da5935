//! Whatever goes wrong and whatever happens meanwhile, an application of a plan deletes
//! nothing else, deletes no key whose last use differs, and records nothing false.
//! `HISTORIES=2000 SEED=7` makes more of them; a failure is shrunk to the shortest history
//! that still breaks a guarantee.

mod guarantees;
mod history;
mod world;

use std::io;
use std::sync::Mutex;
use std::time::Duration;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use root_keys::aws::caller::Caller;
use root_keys::progress::Progress;
use root_keys::root_session::apply::interrupt::Interrupt;
use root_keys::root_session::apply::journal::Journal;
use root_keys::root_session::apply::report::Report;
use root_keys::root_session::apply::run::Application;
use root_keys::root_session::apply::writer::{Log, Writer};
use root_keys::root_session::confirmation::Confirmation;
use root_keys::root_session::inventory::report::{Head, Report as Listed, Requested, SCHEMA};
use root_keys::root_session::inventory::{read, scope};
use root_keys::root_session::plan::decision::{Criteria, decide};
use root_keys::root_session::plan::facts::Plan;
use root_keys::root_session::plan::listing::Listing;
use root_keys::time::Time;

use crate::wire::days_before_now;
use guarantees::Seen;
use history::{End, History, Run, histories};
use world::World;

/// The journal, which outlives a crash.
struct Disk(World);

impl Log for Disk {
    fn append(&mut self, line: &str) -> io::Result<()> {
        let torn = self.0.journal().last().is_some_and(|last| *last != b'\n');
        if torn {
            self.0.append(b"\n");
        }
        self.0.append(line.as_bytes());
        Ok(())
    }
}

/// What the histories had in them.
#[derive(Debug, Default)]
struct Tally {
    planned: usize,
    deletions: usize,
    crashes: usize,
    skipped: usize,
}

async fn plan(caller: &Caller) -> Plan {
    let progress = Progress::hidden();
    let targets = scope::targets(caller, &Requested::All, &progress)
        .await
        .unwrap();
    let now = days_before_now(0);
    let head = Head {
        schema: SCHEMA,
        command: "root-keys list",
        version: "1",
        at: Time(now),
        by: caller.arn.clone(),
        region: "eu-west-1".to_owned(),
        requested: Requested::All,
    };
    let policies = Ok(Vec::new()).into();
    let rows = read::read(caller.clone().into(), targets, policies, &progress).await;
    let listing = Listing::parse(Listed::new(head, rows, None).json().as_bytes()).unwrap();
    let criteria = Criteria {
        unused_for_days: 90,
        ..Criteria::default()
    };
    let plan = decide(&listing, &criteria, "1", now).unwrap();
    Plan::parse(&plan.document()).unwrap()
}

/// Applies the plan once, until it ends by itself, by Ctrl-C or by a crash.
async fn apply(world: &World, caller: &Caller, plan: &Plan, run: &Run) -> Option<Report> {
    world.begin(run);
    let end = world.end();
    let is_crash = matches!(run.end, Some((_, End::CrashBefore(_) | End::CrashAfter)));
    let mut disk = Disk(world.clone());
    let signal = end.clone();
    let application = Application {
        caller,
        plan,
        journal: Journal::parse(&world.journal(), plan).unwrap(),
        writer: Writer::Execute {
            confirmation: Confirmation::of_number(1, "1").unwrap(),
            log: &mut disk,
        },
        stop_after: 3,
        interrupt: Interrupt::on(async move {
            if is_crash {
                std::future::pending::<()>().await;
            }
            signal.notified().await;
        }),
    };
    let mut show = |_: &_, _: &_| {};
    let report = tokio::select! {
        biased;
        () = end.notified(), if is_crash => None,
        report = application.run(&mut show) => Some(report.unwrap()),
    };
    if report.is_none()
        && let Some((_, End::CrashBefore(percent))) = run.end
    {
        world.tear(percent);
    }
    if report.is_some()
        && let Some(percent) = run.torn
    {
        // The crash came during the last write.
        world.tear(percent);
    }
    report
}

async fn keeps_the_guarantees(
    history: &History,
    tally: &Mutex<Tally>,
) -> Result<(), TestCaseError> {
    let world = World::new(&history.members).await;
    let quiet = Run {
        members: history.members.iter().map(|it| it.id.clone()).collect(),
        ..Run::default()
    };
    world.begin(&quiet);
    let caller = Caller::new(world.sdk()).await.unwrap().with_more_retries();
    let plan = plan(&caller).await;
    for event in &history.between {
        world.happen(event);
    }
    for run in &history.runs {
        if apply(&world, &caller, &plan, run).await.is_none() {
            tally.lock().unwrap().crashes += 1;
        }
        Seen::of(&world, &plan).keeps_the_guarantees()?;
    }
    // What an attempt may have done shows itself once nothing lags.
    tokio::time::sleep(Duration::from_mins(1)).await;
    let report = apply(&world, &caller, &plan, &quiet).await.unwrap();
    let seen = Seen::of(&world, &plan);
    seen.keeps_the_guarantees()?;
    seen.is_finished(&history.members, &report)?;
    let mut tally = tally.lock().unwrap();
    tally.planned += plan.delete.len();
    tally.deletions += seen.deletions();
    tally.skipped += seen.skipped();
    Ok(())
}

fn number(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.map_or(default, |value| value.parse().unwrap())
}

#[test]
fn an_application_of_a_plan_keeps_its_guarantees_in_every_history() {
    let cases = u32::try_from(number("HISTORIES", 30)).unwrap();
    let seed = number("SEED", 1).to_le_bytes().repeat(4);
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(config, random);
    let tally = Mutex::new(Tally::default());
    let ran = runner.run(&histories(), |history| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(keeps_the_guarantees(&history, &tally))
    });
    println!("{:?}", tally.lock().unwrap());
    if let Err(error) = ran {
        panic!("{error}");
    }
    let tally = tally.into_inner().unwrap();
    assert!(tally.deletions * 2 > tally.planned, "{tally:?}");
    assert!(tally.crashes > 0 && tally.skipped > 0, "{tally:?}");
}
