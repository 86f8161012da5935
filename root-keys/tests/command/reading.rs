//! Reading the organization in slices gives the same report, byte for byte, as reading it
//! in one go.

use std::cell::Cell;
use std::sync::LazyLock;

use aws_config::Region;
use aws_smithy_async::time::StaticTimeSource;
use chrono::{DateTime, Utc};
use local_aws::{Fault, Operation, RULE_NAME};
use root_keys::aws::caller::Caller;
use root_keys::exemptions::Exemptions;
use root_keys::organization::clients::{OrganizationClients, advice_of_status};
use root_keys::organization::facts::Facts;
use root_keys::organization::reading::{self, Reading};
use root_keys::progress::Progress;
use root_keys::status::assessment::assess;
use root_keys::status::report::Report;

use crate::library::sdk;
use crate::rollout::{CLEAN, HOME, KEY, MANAGEMENT, Rollout};
use crate::wire::days_before_now;

const DETAILS: Operation = Operation::GetAggregateComplianceDetailsByConfigRule;
const MEMBERS: usize = 45;
/// How often the SDK sends a request that is throttled.
const ATTEMPTS: usize = 7;

/// When everything happens. Not long ago: the SDK calls again if its clock differs from
/// AWS's.
static NOW: LazyLock<DateTime<Utc>> = LazyLock::new(|| days_before_now(0));

/// How the responses about some of the accounts differ from the correct ones.
type Trouble = fn(&mut Rollout);

fn member(number: usize) -> String {
    format!("{number:0>12}")
}

fn fails(rollout: &Rollout, number: usize, times: usize, fault: Fault) {
    rollout.fault_about(MANAGEMENT, DETAILS, &member(number), times, fault);
}

const TROUBLES: [(&str, Trouble); 8] = [
    ("none", |_| ()),
    ("throttled, and then read", |it| {
        for number in [1, 2, 3, 20, 45] {
            fails(it, number, 3, Fault::Throttle);
        }
    }),
    (
        "throttled in every attempt of the first call, and then read",
        |it| {
            for number in [1, 3, 4, 6, 7, 8, 9, 10, 12, 13, 14, 45] {
                fails(it, number, ATTEMPTS, Fault::Throttle);
            }
        },
    ),
    ("nine accounts denied or throttled", |it| {
        for number in [1, 7, 8, 9, 22] {
            fails(it, number, usize::MAX, Fault::Denied);
        }
        for number in [2, 10, 23, 45] {
            fails(it, number, usize::MAX, Fault::Throttle);
        }
    }),
    ("more than ten accounts denied", |it| {
        for number in (3..MEMBERS).step_by(3) {
            fails(it, number, usize::MAX, Fault::Denied);
        }
    }),
    ("all denied", |it| it.fails(DETAILS, Fault::Denied)),
    ("no aggregator", |it| it.organization.aggregators.clear()),
    ("the StackSet and the policies are denied", |it| {
        it.fails(Operation::ListStackInstances, Fault::Denied);
        it.fails(Operation::ListPolicies, Fault::Denied);
    }),
];

/// An organization of 46 accounts with a known mix; its clock stands.
async fn organization(trouble: Trouble) -> Rollout {
    let mut rollout = Rollout::new().await;
    rollout.set_time(*NOW);
    rollout.evaluate(MANAGEMENT, RULE_NAME, CLEAN, 0);
    for number in 1..=MEMBERS {
        let id = member(number);
        rollout.reach(&id, "member");
        match number % 9 {
            0 => rollout.report(&id, KEY, 1),
            1 => rollout.report(&id, CLEAN, 9 * 24),
            2 => {}
            _ => rollout.report(&id, CLEAN, 2),
        }
    }
    trouble(&mut rollout);
    rollout.put_organization(rollout.organization.clone());
    rollout
}

async fn clients(rollout: &Rollout) -> OrganizationClients {
    let sdk = sdk(&rollout.wire)
        .region(Region::new(HOME))
        .time_source(StaticTimeSource::new((*NOW).into()))
        .build();
    let caller = Caller::new(sdk).await.unwrap();
    OrganizationClients::new(&caller, Progress::hidden(), advice_of_status)
        .await
        .unwrap()
}

/// Reads everything in one go.
async fn in_one_go(rollout: &Rollout) -> Facts {
    let clients = clients(rollout).await;
    let now = clients.listings.now();
    reading::facts(&clients, None, now).await.unwrap()
}

/// The report without request IDs, which the emulator gives in the order of the requests.
fn json(facts: &Facts) -> String {
    let text = Report::new(facts, assess(facts), &Ok(Exemptions::new())).json();
    let mut parts = text.split("request id ");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| text + part.split_once(')').unwrap().1)
}

/// Reads so many results a slice, and stores the reading between any two.
async fn in_slices(clients: &OrganizationClients, size: usize) -> Facts {
    let begun = Reading::begin(clients, None, clients.listings.now()).await;
    let mut stored = serde_json::to_vec(&begun.unwrap()).unwrap();
    for _ in 0..=2 * MEMBERS {
        let mut reading: Reading = serde_json::from_slice(&stored).unwrap();
        let asked = Cell::new(1);
        let stop = || asked.replace(asked.get() + 1) >= size;
        let finished = reading.advance(clients, stop).await;
        stored = serde_json::to_vec(&reading).unwrap();
        if finished {
            let reading: Reading = serde_json::from_slice(&stored).unwrap();
            return reading.finish();
        }
    }
    panic!("slices of {size} do not come to an end");
}

#[tokio::test]
async fn slices_of_any_size_give_the_same_report_as_one_reading() {
    for (name, trouble) in TROUBLES {
        let rollout = organization(trouble).await;
        let whole = json(&in_one_go(&rollout).await);
        assert!(
            whole.contains("\"2026-") || whole.contains("at\":"),
            "{whole}"
        );
        for size in [1, 3, 10, 16, 100] {
            let rollout = organization(trouble).await;
            let clients = clients(&rollout).await;
            let sliced = json(&in_slices(&clients, size).await);
            assert_eq!(sliced, whole, "{name}, slices of {size}");
        }
    }
}

#[tokio::test]
async fn more_accounts_than_may_fail_are_throttled_at_first_and_every_one_is_read() {
    let rollout = organization(|it| {
        for number in 1..=20 {
            fails(it, number, ATTEMPTS, Fault::Throttle);
        }
    });
    let rollout = rollout.await;
    let report = json(&in_one_go(&rollout).await);
    assert!(!report.contains("ThrottlingException"), "{report}");
    let expected = organization(|_| ()).await;
    assert_eq!(report, json(&in_one_go(&expected).await));
}

#[tokio::test(start_paused = true)]
async fn once_an_account_was_throttled_to_the_end_one_call_is_made_at_a_time() {
    let rollout = organization(|it| {
        // The first four that have a result.
        for number in [1, 3, 4, 5] {
            fails(it, number, ATTEMPTS, Fault::Throttle);
        }
        // While its first attempt waits for a response, no other account is read.
        fails(it, 30, 1, Fault::Hang);
    });
    let rollout = rollout.await;
    in_one_go(&rollout).await;
    let sent = rollout.sent(DETAILS);
    let accounts = sent.iter().map(|it| it.parameters["AccountId"].as_str());
    let accounts: Vec<_> = accounts.flatten().collect();
    let hung = accounts.iter().position(|it| *it == member(30)).unwrap();
    assert_eq!(accounts[hung + 1], member(30), "{accounts:?}");
}

#[tokio::test]
async fn after_ten_failed_calls_no_further_slice_calls_again() {
    let rollout = organization(|it| it.fails(DETAILS, Fault::Denied)).await;
    let clients = clients(&rollout).await;
    in_slices(&clients, 3).await;
    // Four are under way at a time.
    let sent = rollout.sent(DETAILS).len();
    assert!((10..=13).contains(&sent), "{sent}");
}

#[tokio::test]
async fn a_result_that_was_not_read_is_not_visible() {
    let rollout = organization(|_| ()).await;
    let clients = clients(&rollout).await;
    let begun = Reading::begin(&clients, None, clients.listings.now()).await;
    let mut reading = begun.unwrap();
    // At least one is read, or a reading that is short of time would never end.
    assert!(!reading.advance(&clients, || true).await);
    assert_eq!(rollout.sent(DETAILS).len(), 1);
    let facts = reading.finish();
    let report = Report::new(&facts, assess(&facts), &Ok(Exemptions::new()));
    assert_eq!(
        report.summary["not visible"],
        MEMBERS - 5,
        "{:?}",
        report.summary
    );
}
