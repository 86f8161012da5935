//! Histories: an organization, and days on which accounts change and runs go wrong.

use local_aws::{Fault, Framing, Operation};
use proptest::prelude::*;

/// The most members, without a crowd.
pub const MEMBERS: usize = 5;

/// A whole history.
#[derive(Debug, Clone)]
pub struct History {
    pub members: Vec<Plain>,
    /// Whether more accounts have no stack than one operation may work in.
    pub crowd: bool,
    pub days: Vec<Day>,
    /// From which day on the e-mail subscription is confirmed.
    pub confirmed_on: u32,
}

/// What an account is like.
#[derive(Debug, Clone)]
pub struct Plain {
    pub has_key: bool,
    pub has_recorder: bool,
    pub in_unit: bool,
    pub stack: Stack,
}

impl History {
    /// The members at the beginning.
    pub fn members(&self) -> Vec<Plain> {
        let joined = Plain {
            has_key: false,
            has_recorder: true,
            in_unit: true,
            stack: Stack::Missing,
        };
        let crowd = if self.crowd { 52 } else { 0 };
        [self.members.clone(), vec![joined; crowd]].concat()
    }
}

/// The StackSet's stack in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    Current,
    Missing,
    /// It failed for a reason that passes.
    Throttled,
    /// It failed because the account has no recorder.
    NoRecorder,
    /// It failed for a reason that does not pass.
    Denied,
    Canceled,
    Inoperable,
    /// Nobody has updated it.
    Outdated,
}

/// One day.
#[derive(Debug, Clone)]
pub struct Day {
    pub events: Vec<(usize, Event)>,
    /// Whether repair and the digest are on; `None` if the switches cannot be read.
    pub switches: Option<(bool, bool)>,
    /// What somebody else does to the StackSet.
    pub other: Option<Other>,
    pub runs: Vec<Run>,
}

/// An update of the StackSet by somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Other {
    /// It has not ended on this day.
    Runs,
    /// It stopped at its failure tolerance.
    Stopped,
    Succeeded,
}

/// Something that happens to the member of that number.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    CreatesKey,
    DeletesKey,
    StopsReporting,
    ReportsAgain,
    GetsRecorder,
    LosesRecorder,
    Joins,
    Leaves,
    IsSuspended,
    Stack(Stack),
    IsExempt(u32),
    IsNotExempt,
}

/// One execution of the state machine.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is one thing that can go wrong"
)]
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// What goes wrong once with a call.
    pub faults: Vec<(Operation, Fault)>,
    /// A call that is denied throughout the run.
    pub denied: Option<Operation>,
    /// The function dies at the request of that number: before it is sent, or after AWS has
    /// processed it.
    pub crashes: Vec<(usize, bool)>,
    /// The execution is lost after so many invocations of the function.
    pub lost_after: Option<usize>,
    /// Amazon SNS does not take the digest.
    pub not_published: bool,
    /// `latest.json` cannot be read throughout the run.
    pub record_denied: bool,
    /// An operation that the run starts has not ended on the next day.
    pub slow: bool,
    /// Somebody else begins to update the StackSet when the function dies.
    pub updated_meanwhile: bool,
}

fn stack() -> impl Strategy<Value = Stack> {
    prop_oneof![
        6 => Just(Stack::Current),
        3 => Just(Stack::Missing),
        3 => Just(Stack::Throttled),
        2 => Just(Stack::NoRecorder),
        1 => Just(Stack::Denied),
        1 => Just(Stack::Canceled),
        1 => Just(Stack::Inoperable),
        1 => Just(Stack::Outdated),
    ]
}

fn plain() -> impl Strategy<Value = Plain> {
    let unlikely = || prop::bool::weighted(0.15);
    (unlikely(), unlikely(), unlikely(), unlikely(), stack()).prop_map(
        |(has_key, without_recorder, outside, broken, stack)| Plain {
            has_key,
            has_recorder: !without_recorder,
            in_unit: !outside,
            stack: if broken { stack } else { Stack::Current },
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => Just(Event::CreatesKey),
        3 => Just(Event::DeletesKey),
        2 => Just(Event::StopsReporting),
        3 => Just(Event::ReportsAgain),
        3 => Just(Event::GetsRecorder),
        1 => Just(Event::LosesRecorder),
        2 => Just(Event::Joins),
        1 => Just(Event::Leaves),
        1 => Just(Event::IsSuspended),
        6 => stack().prop_map(Event::Stack),
        2 => (0..20u32).prop_map(Event::IsExempt),
        1 => Just(Event::IsNotExempt),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    let html = b"<html>sign in</html>".to_vec();
    prop_oneof![
        3 => Just(Fault::Throttle),
        2 => Just(Fault::ServerError(500)),
        2 => Just(Fault::ServerError(503)),
        2 => Just(Fault::AcceptThenReset),
        2 => Just(Fault::ResetBeforeAnswer),
        1 => Just(Fault::Denied),
        1 => Just(Fault::Hang),
        2 => (0..400usize).prop_map(|bytes| Fault::Cut { bytes, framing: Framing::MatchingLength }),
        1 => Just(Fault::Foreign { status: 200, content_type: "text/html".to_owned(), body: html }),
    ]
}

/// The calls of a run.
fn call() -> impl Strategy<Value = Operation> {
    prop::sample::select(vec![
        Operation::GetObject,
        Operation::GetObject,
        Operation::PutObject,
        Operation::PutObject,
        Operation::GetCallerIdentity,
        Operation::DescribeOrganization,
        Operation::ListAccounts,
        Operation::DescribeStackSet,
        Operation::ListStackInstances,
        Operation::ListStackSetOperations,
        Operation::CreateStackInstances,
        Operation::UpdateStackInstances,
        Operation::DescribeConfigurationAggregators,
        Operation::DescribeConfigurationAggregatorSourcesStatus,
        Operation::DescribeAggregateComplianceByConfigRules,
        Operation::GetAggregateComplianceDetailsByConfigRule,
        Operation::GetAggregateComplianceDetailsByConfigRule,
        Operation::ListPolicies,
    ])
}

fn run() -> impl Strategy<Value = Run> {
    let trouble = prop::bool::weighted(0.5);
    (
        trouble,
        prop::collection::vec((call(), fault()), 0..4),
        prop::option::weighted(0.15, call()),
        prop::collection::vec((1..40usize, any::<bool>()), 0..3),
        prop::option::weighted(0.1, 1..4usize),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.05),
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.2),
    )
        .prop_map(
            |(
                trouble,
                faults,
                denied,
                crashes,
                lost_after,
                not_published,
                record_denied,
                slow,
                updated_meanwhile,
            )| {
                let run = Run {
                    faults,
                    denied,
                    crashes,
                    lost_after,
                    not_published,
                    record_denied,
                    slow,
                    updated_meanwhile,
                };
                let calm = Run {
                    slow,
                    ..Run::default()
                };
                if trouble { run } else { calm }
            },
        )
}

fn day(members: usize) -> impl Strategy<Value = Day> {
    let switches = prop_oneof![
        10 => Just(Some((true, true))),
        1 => Just(Some((false, true))),
        1 => Just(Some((true, false))),
        1 => Just(None),
    ];
    (
        prop::collection::vec((0..members, event()), 0..2),
        switches,
        prop::option::weighted(
            0.15,
            prop_oneof![
                2 => Just(Other::Runs),
                1 => Just(Other::Stopped),
                3 => Just(Other::Succeeded),
            ],
        ),
        prop_oneof![
            1 => Just(Vec::new()),
            12 => prop::collection::vec(run(), 1..2),
            3 => prop::collection::vec(run(), 2..3),
        ],
    )
        .prop_map(|(events, switches, other, runs)| Day {
            events,
            switches,
            other,
            runs,
        })
}

pub fn histories() -> impl Strategy<Value = History> {
    let members = prop::collection::vec(plain(), 1..=MEMBERS);
    let confirmed_on = prop_oneof![2 => Just(1u32), 1 => 2..6u32];
    let crowd = prop::bool::weighted(0.04);
    let days = prop::collection::vec(day(MEMBERS), 4..20);
    (members, crowd, confirmed_on, days).prop_map(|(members, crowd, confirmed_on, days)| History {
        members,
        crowd,
        days,
        confirmed_on,
    })
}
