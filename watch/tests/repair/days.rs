//! Many days in a row, with lost responses, refusals and runs that end before they record:
//! AWS never starts an operation outside the bounds.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use root_access_key_watch::repair::ledger::RepairLedger;
use root_access_key_watch::repair::outcome::Decision;
use root_access_key_watch::repair::{Known, Situation, decide, needs_operations};
use root_keys::organization::facts::SourceResult;
use root_keys::organization::operation::{Action, StackSetOperation, StartOperation, Started};
use root_keys::time::Time;

use crate::eligible::PAUSES;
use crate::organization::{Member, Organization, Stack, day, id};

/// What happens on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Fine,
    /// AWS accepts the operation and the response is lost; the step is retried.
    LostOnce,
    /// The same, and the retries are lost, too.
    Lost,
    /// AWS refuses the operation.
    Refused,
    /// The run ends after AWS accepted the operation, before it records anything.
    NotRecorded,
    /// The same, and a second run follows on the same day.
    NotRecordedAndRunAgain,
    /// The operation is still in progress on the next day.
    Slow,
    /// The same, and the run ends before it records anything.
    SlowAndNotRecorded,
    /// There is no run.
    NoRun,
    /// The record of attempts is lost before the run.
    RecordLost,
    /// The record of attempts as it was ten runs before is restored before the run.
    OldRecord,
}

impl Event {
    fn is_slow(self) -> bool {
        matches!(self, Self::Slow | Self::SlowAndNotRecorded)
    }
}

/// What CloudFormation does in an account.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// Every attempt fails, for a reason that passes.
    Fails,
    /// The attempt of that number succeeds.
    SucceedsAt(usize),
}

/// AWS, as far as repairs go.
struct Aws {
    organization: Organization,
    fates: BTreeMap<String, Fate>,
    operations: Vec<StackSetOperation>,
    /// The days of the attempts in each account since its stack was last current.
    attempts: BTreeMap<String, Vec<NaiveDate>>,
}

impl Aws {
    fn start(&mut self, operation: &StartOperation, day: NaiveDate, slow: bool) -> Started {
        let again = self
            .operations
            .iter()
            .any(|it| it.id == operation.operation_id);
        if again {
            return Started::AlreadyStarted;
        }
        for account in &operation.accounts {
            let attempts = self.attempts.entry(account.clone()).or_default();
            attempts.push(day);
            let succeeds =
                matches!(self.fates[account], Fate::SucceedsAt(it) if it <= attempts.len());
            let stack = &mut self.organization.members.get_mut(account).unwrap().stack;
            *stack = match (succeeds, slow) {
                (_, true) => Stack::Running,
                (true, false) => Stack::Current,
                (false, false) => Stack::Failed(0),
            };
        }
        self.operations.push(StackSetOperation {
            id: operation.operation_id.clone(),
            action: operation.action.word().to_uppercase(),
            status: if slow { "RUNNING" } else { "SUCCEEDED" }.to_owned(),
            created: Some(Time(day.and_hms_opt(6, 0, 0).unwrap().and_utc())),
            ended: None,
        });
        Started::Started
    }

    /// What was in progress ends.
    fn end(&mut self) {
        for operation in &mut self.operations {
            "SUCCEEDED".clone_into(&mut operation.status);
        }
        for member in self.organization.members.values_mut() {
            if member.stack == Stack::Running {
                member.stack = Stack::Failed(0);
            }
        }
    }

    fn decide(&self, ledger: &RepairLedger, day: NaiveDate) -> Decision {
        let facts = self.organization.facts(day);
        let configured = ["ou-1".to_owned()];
        let situation = Situation {
            facts: &facts,
            known: Known::Ledger(ledger),
            configured_units: &configured,
            deployed: true,
            switch: Some(true),
            day,
        };
        let operations: SourceResult<_> = Ok(self.operations.clone());
        decide(
            &situation,
            needs_operations(&situation).then_some(&operations),
        )
    }

    /// One run; returns what the next one knows.
    fn run(&mut self, ledger: &RepairLedger, day: NaiveDate, event: Event) -> RepairLedger {
        let decision = self.decide(ledger, day);
        let stored = serde_json::to_string(&decision).unwrap();
        let started = decision.repair.as_ref().map(|operation| match event {
            Event::Refused => Started::Refused("denied".to_owned()),
            Event::LostOnce => {
                self.start(operation, day, false);
                // The step is retried with the decision that was stored.
                let stored: Decision = serde_json::from_str(&stored).unwrap();
                self.start(&stored.repair.unwrap(), day, false)
            }
            Event::Lost => {
                self.start(operation, day, false);
                Started::Unknown("no response".to_owned())
            }
            _ => self.start(operation, day, event.is_slow()),
        });
        let after = decision.outcome(started).ledger;
        match event {
            Event::NotRecorded | Event::SlowAndNotRecorded => ledger.clone(),
            Event::NotRecordedAndRunAgain => {
                let again = self.decide(ledger, day);
                let started = again.repair.as_ref().map(|it| self.start(it, day, false));
                again.outcome(started).ledger
            }
            _ => after,
        }
    }
}

fn history() -> impl Strategy<Value = (Vec<(Stack, Fate)>, Vec<Event>)> {
    let stack = prop_oneof![
        Just(Stack::Missing),
        Just(Stack::Failed(1)),
        Just(Stack::Current)
    ];
    let fate = prop_oneof![Just(Fate::Fails), (1..6_usize).prop_map(Fate::SucceedsAt)];
    let event = prop_oneof![
        8 => Just(Event::Fine),
        4 => select(vec![
            Event::LostOnce, Event::Lost, Event::Refused, Event::NotRecorded,
            Event::NotRecordedAndRunAgain, Event::Slow, Event::SlowAndNotRecorded,
            Event::NoRun, Event::RecordLost, Event::OldRecord,
        ]),
    ];
    (vec((stack, fate), 1..8), vec(event, 90))
}

fn aws(accounts: &[(Stack, Fate)]) -> Aws {
    let member = |stack| Member {
        state: Some("ACTIVE"),
        unit: Some("ou-1"),
        stack,
        evaluated: false,
    };
    let all = accounts
        .iter()
        .map(|(stack, _)| *stack)
        .chain([Stack::Current]);
    let members = all
        .enumerate()
        .map(|(number, stack)| (id(number), member(stack)));
    let fates = accounts.iter().enumerate();
    Aws {
        organization: Organization {
            members: members.collect(),
            units: vec!["ou-1"],
            brings_the_rule: true,
            stack_set: Some(true),
            results_visible: true,
        },
        fates: fates
            .map(|(number, (_, fate))| (id(number), *fate))
            .collect(),
        operations: Vec::new(),
        attempts: BTreeMap::new(),
    }
}

#[test]
fn over_many_days_no_pause_is_shortened_and_nothing_is_tried_a_ninth_time() {
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&history(), |(accounts, events)| {
        let mut aws = aws(&accounts);
        let mut ledger = RepairLedger::default();
        let mut records = vec![ledger.clone()];
        let most = PAUSES.len();
        let changed = |it: &Event| matches!(it, Event::RecordLost | Event::OldRecord);
        let kept = !events.iter().any(changed);
        for (number, event) in (1..).zip(events) {
            let before = aws.operations.len();
            match event {
                Event::RecordLost => ledger = RepairLedger::default(),
                Event::OldRecord => ledger = records[records.len().saturating_sub(10)].clone(),
                _ => {}
            }
            if event != Event::NoRun {
                ledger = aws.run(&ledger, day(number), event);
            }
            records.push(ledger.clone());
            prop_assert!(
                aws.operations.len() <= before + 1,
                "two operations in a day"
            );
            if !event.is_slow() {
                aws.end();
            }
        }
        for (account, days) in &aws.attempts {
            prop_assert!(!kept || days.len() <= most, "{}: {:?}", account, days);
            for (attempt, pair) in days.windows(2).enumerate() {
                let pause = TimeDelta::days(PAUSES[attempt.min(most - 1)]);
                prop_assert!(pair[1] - pair[0] >= pause, "{}: {:?}", account, days);
            }
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn without_trouble_what_can_succeed_does() {
    let mut aws = aws(&[
        (Stack::Missing, Fate::SucceedsAt(1)),
        (Stack::Failed(0), Fate::SucceedsAt(3)),
        (Stack::Failed(2), Fate::Fails),
    ]);
    let mut ledger = RepairLedger::default();
    for number in 1..=100 {
        ledger = aws.run(&ledger, day(number), Event::Fine);
    }
    let stacks: Vec<_> = aws
        .organization
        .members
        .values()
        .map(|it| it.stack)
        .collect();
    let expected = [
        Stack::Current,
        Stack::Current,
        Stack::Failed(0),
        Stack::Current,
    ];
    assert_eq!(stacks, expected);
    let attempts: Vec<_> = aws.attempts.values().map(Vec::len).collect();
    assert_eq!(attempts, [1, 3, 8]);
    let actions: Vec<_> = aws.operations.iter().map(|it| it.action.as_str()).collect();
    assert_eq!(actions[0], Action::Create.word().to_uppercase());
    // Of the account that stays as it is, the record stays.
    assert_eq!(ledger.accounts.keys().collect::<Vec<_>>(), [&id(2)]);
}
