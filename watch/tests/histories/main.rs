//! Whatever goes wrong, and whatever happens meanwhile: no open account is missing from a
//! digest, no report is clean that could not see everything, and nothing is repaired outside
//! its bounds. The steps are the real ones, in process, against the local AWS emulator.
//! `HISTORIES=2000 SEED=7` makes more of them; a failure is shrunk to the shortest history
//! that still breaks a guarantee.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and it prints what it did"
)]

mod fleet;
mod guarantees;
mod history;
mod machine;
mod repairs;
mod situations;
mod wire;

use std::sync::Mutex;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use fleet::Fleet;
use guarantees::Guarantees;
use history::{History, histories};
use machine::Machine;
use situations::{situations, updated_meanwhile};

/// What the histories had in them.
#[derive(Debug, Default)]
struct Tally {
    days: usize,
    runs: usize,
    recorded: usize,
    crashes: usize,
    digests: usize,
    incomplete: usize,
    weekly: usize,
    operations: usize,
    repaired: usize,
    /// Runs while an operation of the watch had not ended.
    while_ours_runs: usize,
    /// Histories with an operation in as many accounts as are permitted.
    full: usize,
}

async fn keeps_its_guarantees(
    history: &History,
    tally: &Mutex<Tally>,
) -> Result<(), TestCaseError> {
    let mut fleet = Fleet::new(&history.members()).await;
    let mut guarantees = Guarantees::new(history.confirmed_on);
    let mut count = Tally::default();
    for (number, day) in (1..).zip(&history.days) {
        fleet.begin(number, day);
        count.days += 1;
        for (hour, run) in day.runs.iter().enumerate() {
            fleet.advance(hour, run);
            count.while_ours_runs += usize::from(fleet.moment.runs);
            let machine = Machine::new(&fleet, run, day.switches);
            let ran = machine
                .run(&format!("day-{number}-{hour}"), &mut guarantees)
                .await?;
            fleet.note_operations(run);
            guarantees.after(&fleet, hour, (day, run), &ran)?;
            count.runs += 1;
            count.recorded += usize::from(ran.recorded);
            count.crashes += ran.crashes;
            count.digests += usize::from(ran.digest.is_some());
            let text = ran.digest.map(|it| it.text).unwrap_or_default();
            count.incomplete += usize::from(text.contains(guarantees::NOT_VISIBLE));
        }
    }
    count.weekly = guarantees.weekly();
    (count.operations, count.repaired) = repairs::count(&fleet);
    let mut operations = fleet.operations.iter();
    count.full = usize::from(operations.any(|it| it.accounts.len() == 50));
    tally.lock().unwrap().add(&count);
    Ok(())
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.days += other.days;
        self.runs += other.runs;
        self.recorded += other.recorded;
        self.crashes += other.crashes;
        self.digests += other.digests;
        self.incomplete += other.incomplete;
        self.weekly += other.weekly;
        self.operations += other.operations;
        self.repaired += other.repaired;
        self.while_ours_runs += other.while_ours_runs;
        self.full += other.full;
    }
}

fn number(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.map_or(default, |value| value.parse().unwrap())
}

fn run(history: &History, tally: &Mutex<Tally>) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(keeps_its_guarantees(history, tally))
}

#[test]
fn the_watch_goes_to_each_bound_of_repairs_and_not_past_it() {
    for situation in situations() {
        let tally = Mutex::new(Tally::default());
        if let Err(error) = run(&situation.history, &tally) {
            panic!("{}: {error}", situation.name);
        }
        let operations = tally.into_inner().unwrap().operations;
        assert_eq!(operations, situation.operations, "{}", situation.name);
    }
}

#[test]
fn the_watch_asks_again_before_it_starts_what_it_has_stored() {
    let mut died = 0;
    // Those from the reading of the results to the end.
    for request in 16..=34 {
        let tally = Mutex::new(Tally::default());
        if let Err(error) = run(&updated_meanwhile(request), &tally) {
            panic!("at request {request}: {error}");
        }
        let tally = tally.into_inner().unwrap();
        assert_eq!(tally.operations, 1, "at request {request}");
        died += tally.crashes;
    }
    assert!((15..19).contains(&died), "{died}");
}

#[test]
fn the_watch_keeps_its_guarantees_in_every_history() {
    let cases = u32::try_from(number("HISTORIES", 20)).unwrap();
    let seed = number("SEED", 1).to_le_bytes().repeat(4);
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(config, random);
    let tally = Mutex::new(Tally::default());
    let ran = runner.run(&histories(), |history| run(&history, &tally));
    println!("{:?}", tally.lock().unwrap());
    if let Err(error) = ran {
        panic!("{error}");
    }
    let tally = tally.into_inner().unwrap();
    assert!(tally.recorded * 2 > tally.runs, "{tally:?}");
    assert!(
        tally.crashes > 0 && tally.incomplete > 0 && tally.weekly > 0,
        "{tally:?}"
    );
    assert!(tally.operations > 0 && tally.repaired > 0, "{tally:?}");
    assert!(tally.while_ours_runs > 0, "{tally:?}");
}
