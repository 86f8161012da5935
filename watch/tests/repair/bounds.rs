//! Every decision stays inside the bounds, and does what they permit.

use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use root_access_key_watch::repair::ledger::RepairLedger;
use root_access_key_watch::repair::outcome::{Decision, NotRepaired, Nothing};
use root_access_key_watch::repair::{decide, needs_operations};
use root_keys::organization::operation::{Action, StartOperation, Started};

use crate::eligible::{eligible, is_due, may_start, next_day};
use crate::organization::{Member, Organization, Stack, day, id};
use crate::situations::{Case, Earlier, TODAY, case, our_id};

fn decision(case: &Case) -> Decision {
    let facts = case.organization.facts(day(TODAY));
    let situation = case.situation(&facts);
    let needed = needs_operations(&situation);
    decide(&situation, needed.then_some(&case.operations))
}

/// Runs a property on many situations; it returns whether it had something to say.
fn holds(property: impl Fn(&Case, &Decision) -> Result<bool, TestCaseError>) {
    let told = Cell::new(0);
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let cases = config.cases;
    let outcome = TestRunner::new(config).run(&case(), |case| {
        let decision = decision(&case);
        told.set(told.get() + u32::from(property(&case, &decision)?));
        Ok(())
    });
    outcome.unwrap();
    assert!(told.get() > cases / 20, "only {} situations", told.get());
}

fn due_on_that_day(case: &Case) -> BTreeMap<String, Action> {
    let mut eligible = eligible(&case.organization, &case.configured);
    if let Earlier::Ledger(ledger) = &case.earlier {
        eligible.retain(|account, _| is_due(ledger, account, day(TODAY)));
    }
    eligible
}

#[test]
fn an_operation_works_only_in_accounts_in_which_it_may() {
    holds(|case, decision| {
        let Some(operation) = &decision.repair else {
            return Ok(false);
        };
        prop_assert!(may_start(case));
        let due = due_on_that_day(case);
        for account in &operation.accounts {
            prop_assert_eq!(due.get(account), Some(&operation.action), "{}", account);
        }
        let number = operation.accounts.len();
        prop_assert!((1..=50).contains(&number), "{}", number);
        let mut once = operation.accounts.clone();
        once.dedup();
        prop_assert_eq!(once.len(), number);
        Ok(true)
    });
}

#[test]
fn an_operation_names_only_configured_units_of_the_stack_set_that_its_accounts_are_in() {
    holds(|case, decision| {
        let Some(operation) = &decision.repair else {
            return Ok(false);
        };
        for unit in &operation.units {
            prop_assert!(case.configured.contains(unit));
            prop_assert!(case.organization.units.contains(&unit.as_str()));
        }
        for account in &operation.accounts {
            let unit = case.organization.members[account].unit.unwrap();
            let is_in = |it: &String| it == unit || it == "r-1";
            prop_assert!(operation.units.iter().any(is_in), "{}", account);
        }
        Ok(true)
    });
}

#[test]
fn the_id_is_fixed_by_the_day_and_the_action() {
    holds(|_, decision| {
        let Some(StartOperation {
            operation_id,
            action,
            ..
        }) = &decision.repair
        else {
            return Ok(false);
        };
        prop_assert_eq!(operation_id, &our_id(day(TODAY), action.word()));
        Ok(true)
    });
}

#[test]
fn what_may_be_repaired_is_and_those_with_the_fewest_attempts_come_first() {
    holds(|case, decision| {
        let due = due_on_that_day(case);
        if !may_start(case) || due.is_empty() {
            return Ok(false);
        }
        let Some(operation) = &decision.repair else {
            return Err(TestCaseError::fail(format!("{:?}", decision.nothing)));
        };
        let attempts = |account: &String| {
            let known = decision.ledger.accounts.get(account);
            known.map_or(0, |it| it.attempts)
        };
        let most = operation.accounts.iter().map(attempts).max();
        let others = due.iter().filter(|(id, action)| {
            **action == operation.action && !operation.accounts.contains(id)
        });
        let others: Vec<_> = others.map(|(id, _)| id).collect();
        prop_assert!(others.is_empty() || operation.accounts.len() == 50);
        prop_assert!(others.into_iter().all(|it| Some(attempts(it)) >= most));
        Ok(true)
    });
}

#[test]
fn every_account_without_a_current_stack_is_repaired_or_has_a_reason() {
    holds(|case, decision| {
        prop_assert_ne!(decision.repair.is_some(), decision.nothing.is_some());
        let started: Vec<_> = decision.repair.iter().flat_map(|it| &it.accounts).collect();
        if case.organization.stack_set != Some(true) {
            prop_assert!(decision.not_repaired.is_empty());
            return Ok(false);
        }
        for (id, member) in &case.organization.members {
            let reported = match member.stack {
                Stack::Current => false,
                Stack::Missing => !case.organization.results_visible || !member.evaluated,
                _ => true,
            };
            let (starts, why) = (started.contains(&id), decision.not_repaired.get(id));
            prop_assert_eq!(reported, starts != why.is_some(), "{} {:?}", id, member);
            prop_assert!(!(starts && why.is_some()));
        }
        Ok(true)
    });
}

#[test]
fn an_attempt_counts_unless_aws_refused_it() {
    let why = || "why".to_owned();
    holds(|_, decision| {
        let Some(operation) = &decision.repair else {
            let outcome = decision.clone().outcome(None);
            prop_assert_eq!(outcome.ledger, decision.ledger.clone());
            return Ok(false);
        };
        let refused = decision.clone().outcome(Some(Started::Refused(why())));
        prop_assert_eq!(&refused.ledger, &decision.ledger);
        for started in [
            Started::Started,
            Started::AlreadyStarted,
            Started::Unknown(why()),
        ] {
            let ledger = decision.clone().outcome(Some(started)).ledger;
            prop_assert_eq!(
                ledger.last_operation.as_ref(),
                Some(&operation.operation_id)
            );
            for account in &operation.accounts {
                let before = decision.ledger.accounts.get(account);
                let after = &ledger.accounts[account];
                prop_assert_eq!(after.attempts, before.map_or(0, |it| it.attempts) + 1);
                prop_assert_eq!(after.last, day(TODAY));
                prop_assert_eq!(after.not_before, next_day(after.attempts, day(TODAY)));
            }
        }
        Ok(true)
    });
}

#[test]
fn a_decision_is_the_same_after_it_was_stored() {
    holds(|_, decision| {
        let stored = serde_json::to_string(decision).unwrap();
        let read: Decision = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&read, decision);
        Ok(decision.repair.is_some())
    });
}

#[test]
fn each_stack_that_stays_as_it_is_has_the_reason_that_is_its_own() {
    let other = |status: &str| NotRepaired::OtherStatus(status.to_owned());
    let stacks = [
        (Stack::MissingHereOnly, NotRepaired::InOtherRegion),
        (Stack::FailedWithoutReason, NotRepaired::OtherReason),
        (Stack::Failed(3), NotRepaired::OtherReason),
        (Stack::Outdated, NotRepaired::NotUpdated),
        (Stack::OutdatedWithoutDetails, NotRepaired::NotUpdated),
        (Stack::Cancelled, NotRepaired::Cancelled),
        (Stack::Inoperable, NotRepaired::Inoperable),
        (Stack::Running, NotRepaired::InProgress),
        (Stack::Suspended, other("SKIPPED_SUSPENDED_ACCOUNT")),
        (Stack::FailedImport, other("FAILED_IMPORT")),
    ];
    for (stack, reason) in stacks {
        let member = |stack| Member {
            state: Some("ACTIVE"),
            unit: Some("ou-1"),
            stack,
            evaluated: false,
        };
        let case = Case {
            organization: Organization {
                members: BTreeMap::from([(id(1), member(stack)), (id(2), member(Stack::Current))]),
                units: vec!["ou-1"],
                brings_the_rule: true,
                stack_set: Some(true),
                results_visible: true,
            },
            earlier: Earlier::Ledger(RepairLedger::default()),
            configured: vec!["ou-1".to_owned()],
            deployed: true,
            switch: Some(true),
            operations: Ok(Vec::new()),
        };
        let decision = decision(&case);
        assert_eq!(decision.not_repaired, BTreeMap::from([(id(1), reason)]));
        assert_eq!(decision.nothing, Some(Nothing::NothingToRepair));
    }
}
