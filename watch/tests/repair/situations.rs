//! Random situations.

use chrono::{NaiveDate, TimeDelta};
use proptest::collection::{btree_map, vec};
use proptest::option::weighted as maybe;
use proptest::prelude::*;
use proptest::sample::select;
use root_access_key_watch::repair::ledger::{Attempts, RepairLedger};
use root_access_key_watch::repair::{Known, Situation};
use root_keys::organization::facts::Facts;
use root_keys::organization::operation::StackSetOperation;
use root_keys::time::Time;

use crate::organization::{Member, Organization, REASONS, Stack, day, id};

/// The day of every situation.
pub const TODAY: u32 = 40;

/// Everything that a decision depends on.
#[derive(Debug, Clone)]
pub struct Case {
    pub organization: Organization,
    pub earlier: Earlier,
    pub configured: Vec<String>,
    pub deployed: bool,
    pub switch: Option<bool>,
    pub operations: Result<Vec<StackSetOperation>, String>,
}

/// What the last report knew.
#[derive(Debug, Clone)]
pub enum Earlier {
    First,
    Unreadable,
    Ledger(RepairLedger),
}

impl Case {
    pub fn situation<'a>(&'a self, facts: &'a Facts) -> Situation<'a> {
        Situation {
            facts,
            known: match &self.earlier {
                Earlier::First => Known::First,
                Earlier::Unreadable => Known::Unreadable,
                Earlier::Ledger(ledger) => Known::Ledger(ledger),
            },
            configured_units: &self.configured,
            deployed: self.deployed,
            switch: self.switch,
            day: day(TODAY),
        }
    }
}

/// True in most cases, so that the others are seen one at a time.
fn mostly() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.95)
}

fn stack() -> impl Strategy<Value = Stack> {
    prop_oneof![
        6 => Just(Stack::Missing),
        6 => (0..REASONS.len()).prop_map(Stack::Failed),
        6 => Just(Stack::Current),
        1 => select(vec![
            Stack::MissingHereOnly, Stack::FailedWithoutReason, Stack::Cancelled,
            Stack::Inoperable, Stack::Running, Stack::Suspended, Stack::FailedImport,
        ]),
    ]
}

fn member() -> impl Strategy<Value = Member> {
    let states = vec![
        None,
        Some("SUSPENDED"),
        Some("PENDING_CLOSURE"),
        Some("MIGRATING"),
    ];
    let state = prop_oneof![9 => Just(Some("ACTIVE")), 1 => select(states)];
    let unit = maybe(0.95, select(vec!["ou-1", "ou-2", "ou-3", "ou-4"]));
    (state, unit, stack(), prop::bool::weighted(0.1)).prop_map(|(state, unit, stack, evaluated)| {
        Member {
            state,
            unit,
            stack,
            evaluated,
        }
    })
}

fn members() -> impl Strategy<Value = Vec<Member>> {
    let without_success = vec(member(), 1..60).prop_map(|mut members| {
        for member in members.iter_mut().filter(|it| it.stack == Stack::Current) {
            member.stack = Stack::Missing;
        }
        members
    });
    let many_missing = vec(member(), 100..180).prop_map(|mut members| {
        for member in members.iter_mut().filter(|it| it.stack != Stack::Current) {
            (member.stack, member.unit) = (Stack::Missing, Some("ou-2"));
        }
        members
    });
    prop_oneof![
        18 => vec(member(), 1..180), 1 => without_success, 3 => many_missing,
    ]
}

fn organization() -> impl Strategy<Value = Organization> {
    let units = prop_oneof![
        4 => Just(vec!["ou-1", "ou-2", "ou-3"]),
        1 => Just(vec!["r-1"]),
        1 => Just(vec!["ou-2"]),
    ];
    let outdated = maybe(0.3, (0..180_usize, any::<bool>()));
    let stack_set = prop_oneof![20 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    (members(), units, outdated, stack_set, mostly(), mostly()).prop_map(
        |(members, units, outdated, stack_set, brings_the_rule, results_visible)| {
            let members = members.into_iter().enumerate();
            let mut organization = Organization {
                members: members.map(|(number, it)| (id(number), it)).collect(),
                units,
                brings_the_rule,
                stack_set,
                results_visible,
            };
            // One is enough to hold back its unit.
            if let Some((number, detailed)) = outdated
                && let Some(member) = organization.members.get_mut(&id(number))
            {
                member.stack = if detailed {
                    Stack::Outdated
                } else {
                    Stack::OutdatedWithoutDetails
                };
            }
            organization
        },
    )
}

fn attempts() -> impl Strategy<Value = Attempts> {
    (1..10_u32, 0..=TODAY, -20..20_i64).prop_map(|(attempts, last, pause)| Attempts {
        attempts,
        last: day(last),
        not_before: day(TODAY) + TimeDelta::days(pause),
        operation_id: our_id(day(last), "create"),
    })
}

pub fn our_id(day: NaiveDate, action: &str) -> String {
    format!("root-access-key-watch-{day}-{action}")
}

fn last_operation() -> impl Strategy<Value = Option<String>> {
    let known = (35..=TODAY, select(vec!["create", "update"]));
    maybe(
        0.9,
        known.prop_map(|(number, action)| our_id(day(number), action)),
    )
}

fn earlier() -> impl Strategy<Value = Earlier> {
    let accounts = btree_map((0..180_usize).prop_map(id), attempts(), 0..60);
    let ledger = (last_operation(), accounts).prop_map(|(last_operation, accounts)| {
        Earlier::Ledger(RepairLedger {
            last_operation,
            accounts,
        })
    });
    prop_oneof![20 => ledger, 1 => Just(Earlier::First), 1 => Just(Earlier::Unreadable)]
}

fn operation() -> impl Strategy<Value = StackSetOperation> {
    let theirs = "[a-f0-9]{8}";
    let ours = (20..=TODAY - 4, select(vec!["create", "update"]));
    let ours = ours.prop_map(|(number, action)| our_id(day(number), action));
    let newest = (35..=TODAY, select(vec!["create", "update"]));
    let newest = newest.prop_map(|(number, action)| our_id(day(number), action));
    let id = prop_oneof![6 => theirs.prop_map(|it| it), 3 => ours, 1 => newest];
    let status = prop_oneof![
        60 => Just("SUCCEEDED"), 4 => Just("FAILED"), 2 => Just("STOPPED"),
        1 => select(vec!["RUNNING", "QUEUED", "STOPPING", "SOMETHING_NEW"]),
    ];
    let action = select(vec!["CREATE", "UPDATE", "DELETE", "DETECT_DRIFT"]);
    (id, status, action, 0..3_000_000_i64).prop_map(|(id, status, action, seconds)| {
        let read = day(TODAY)
            .and_hms_opt(6, 0, 0)
            .unwrap()
            .and_utc()
            .timestamp();
        let created = read - seconds;
        StackSetOperation {
            id,
            action: action.to_owned(),
            status: status.to_owned(),
            created: Time::from_unix_seconds(created),
            // Some of them end while the organization is read.
            ended: Time::from_unix_seconds(created + 60_000),
        }
    })
}

pub fn case() -> impl Strategy<Value = Case> {
    let configured = prop_oneof![
        6 => Just(vec!["ou-1", "ou-2", "ou-3", "r-1"]),
        1 => Just(vec!["ou-1"]),
        1 => Just(vec!["ou-4"]),
    ];
    let configured =
        configured.prop_map(|units| units.iter().map(ToString::to_string).collect::<Vec<_>>());
    let switch = prop_oneof![20 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    let operations = prop_oneof![
        20 => vec(operation(), 0..6).prop_map(Ok), 1 => Just(Err("denied".to_owned())),
    ];
    (
        organization(),
        earlier(),
        configured,
        mostly(),
        switch,
        operations,
    )
        .prop_map(
            |(organization, earlier, configured, deployed, switch, operations)| Case {
                organization,
                earlier,
                configured,
                deployed,
                switch,
                operations,
            },
        )
}
