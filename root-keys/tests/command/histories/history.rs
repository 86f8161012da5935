//! Histories: members with keys, and several applications of one plan, each with what goes
//! wrong and what happens meanwhile.

use local_aws::{Account, Fault, Framing, Operation, RootKey};
use proptest::prelude::*;

use crate::planned::{key, unused};
use crate::wire::MANAGEMENT;

/// A whole history.
#[derive(Debug, Clone)]
pub struct History {
    pub members: Vec<Account>,
    /// What happens between the plan and the first application.
    pub between: Vec<Event>,
    pub runs: Vec<Run>,
}

/// One application of the plan.
#[derive(Debug, Clone, Default)]
pub struct Run {
    pub members: Vec<String>,
    pub faults: Vec<(String, Operation, Fault)>,
    /// After a deletion so many reads still say what the ones before said.
    pub lag: u8,
    /// What happens immediately before the request of that number.
    pub events: Vec<(usize, Event)>,
    /// How it ends at the request of that number, if not by itself.
    pub end: Option<(usize, End)>,
    /// Whether the last write is cut short after the run, by so many per cent.
    pub torn: Option<u8>,
}

/// Something that the owner of a member does; the number is the key's slot.
#[derive(Debug, Clone)]
pub enum Event {
    Used(String, usize),
    Deactivated(String, usize),
    Deleted(String, usize),
    Created(String),
}

#[derive(Debug, Clone, Copy)]
pub enum End {
    /// The process dies before the request is sent; what it wrote since the last request
    /// is cut by so many per cent.
    CrashBefore(u8),
    /// It dies after AWS has processed the request.
    CrashAfter,
    CtrlC,
}

fn id(number: usize) -> String {
    format!("{number:0>12}")
}

fn root_key() -> impl Strategy<Value = Option<RootKey>> {
    prop_oneof![
        1 => Just(None),
        4 => Just(Some(unused())),
        3 => Just(Some(key(900, Some(400)))),
        1 => Just(Some(key(900, Some(5)))),
        1 => Just(Some(RootKey { active: false, ..unused() })),
    ]
}

fn members() -> impl Strategy<Value = Vec<Account>> {
    let keys = (root_key(), root_key());
    prop::collection::vec(keys, 1..5).prop_map(|members| {
        let numbered = (1..).zip(members);
        numbered
            .map(|(number, (first, second))| {
                Account::new(&id(number)).with_root_keys(first, second)
            })
            .collect()
    })
}

fn event(members: usize) -> impl Strategy<Value = Event> {
    (1..=members, 0..2usize, 0..6u8).prop_map(|(number, slot, kind)| match kind {
        0..3 => Event::Used(id(number), slot),
        3 => Event::Deactivated(id(number), slot),
        4 => Event::Deleted(id(number), slot),
        _ => Event::Created(id(number)),
    })
}

fn fault() -> impl Strategy<Value = Fault> {
    let html = b"<html>sign in</html>".to_vec();
    prop_oneof![
        3 => Just(Fault::AcceptThenReset),
        2 => Just(Fault::ResetBeforeAnswer),
        2 => Just(Fault::Throttle),
        1 => Just(Fault::ServerError(500)),
        1 => Just(Fault::ServerError(503)),
        1 => Just(Fault::Denied),
        1 => Just(Fault::Hang),
        1 => Just(Fault::WithoutRequestId),
        1 => (0..300usize).prop_map(|bytes| Fault::Cut { bytes, framing: Framing::MatchingLength }),
        1 => Just(Fault::Foreign { status: 200, content_type: "text/html".to_owned(), body: html }),
    ]
}

fn faulty(members: usize) -> impl Strategy<Value = (String, Operation, Fault)> {
    let operation = prop_oneof![
        4 => Just(Operation::DeleteAccessKey),
        2 => Just(Operation::ListAccessKeys),
        1 => Just(Operation::GetAccessKeyLastUsed),
        1 => Just(Operation::GetAccountSummary),
        1 => Just(Operation::AssumeRoot),
    ];
    (1..=members, operation, fault()).prop_map(|(number, operation, fault)| {
        let account = if operation == Operation::AssumeRoot {
            MANAGEMENT.to_owned()
        } else {
            id(number)
        };
        (account, operation, fault)
    })
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        3 => (0..=100u8).prop_map(End::CrashBefore),
        3 => Just(End::CrashAfter),
        1 => Just(End::CtrlC),
    ]
}

fn run(members: usize) -> impl Strategy<Value = Run> {
    (
        prop::collection::vec(faulty(members), 0..5),
        prop_oneof![3 => Just(0), 1 => 1..12u8],
        prop::collection::vec((1..40usize, event(members)), 0..3),
        prop::option::of((1..40usize, end())),
        prop::option::weighted(0.2, 0..=100u8),
    )
        .prop_map(move |(faults, lag, events, end, torn)| Run {
            members: (1..=members).map(id).collect(),
            faults,
            lag,
            events,
            end,
            torn,
        })
}

pub fn histories() -> impl Strategy<Value = History> {
    members().prop_flat_map(|members| {
        let number = members.len();
        let between = prop::collection::vec(event(number), 0..2);
        let runs = prop::collection::vec(run(number), 1..4);
        (Just(members), between, runs).prop_map(|(members, between, runs)| History {
            members,
            between,
            runs,
        })
    })
}
