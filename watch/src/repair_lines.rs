//! Words what the watch did about the enrollment of accounts, and what it did not and why.

use std::collections::BTreeMap;

use root_keys::organization::operation::{Action, StartOperation, Started};
use root_keys::text::counted;

use crate::external::external;
use crate::repair::outcome::{Nothing, RepairOutcome};

/// What was done or not, for one or more accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairLine {
    /// A sentence without its period, which the accounts may follow.
    pub what: String,
    /// The accounts that it is about, in the order of their IDs; none if it is about no
    /// single account.
    pub accounts: Vec<String>,
}

/// Returns what was started first, then what earlier attempts came to, then what was not
/// done and why. Empty if no account needs a repair.
#[must_use]
pub fn of(outcome: &RepairOutcome) -> Vec<RepairLine> {
    let operation = outcome.repair.iter().map(|(it, started)| RepairLine {
        what: operation(it, started),
        accounts: it.accounts.clone(),
    });
    let mut succeeded: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (account, it) in &outcome.succeeded {
        succeeded
            .entry(it.attempts)
            .or_default()
            .push(account.clone());
    }
    let succeeded = succeeded
        .into_iter()
        .map(|(attempts, accounts)| RepairLine {
            what: format!(
                "Repaired: the stack is current after {}",
                counted(usize::try_from(attempts).unwrap_or(usize::MAX), "attempt")
            ),
            accounts,
        });
    let nothing = outcome.nothing.iter().filter(|it| needs_words(it));
    let nothing = nothing.map(|it| RepairLine {
        what: external(&it.sentence()),
        accounts: Vec::new(),
    });
    let mut clauses: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (account, why) in &outcome.not_repaired {
        clauses
            .entry(why.clause())
            .or_default()
            .push(account.clone());
    }
    let not_repaired = clauses.into_iter().map(|(clause, accounts)| RepairLine {
        what: external(&format!("Not repaired: {clause}")),
        accounts,
    });
    operation
        .chain(succeeded)
        .chain(nothing)
        .chain(not_repaired)
        .collect()
}

fn operation(operation: &StartOperation, started: &Started) -> String {
    let id = &operation.operation_id;
    let what = match operation.action {
        Action::Create => "create the stacks that are missing",
        Action::Update => "update the stacks that failed",
    };
    let accounts = counted(operation.accounts.len(), "account");
    match started {
        Started::Started | Started::AlreadyStarted => {
            format!("Started operation {id} to {what} in {accounts}")
        }
        Started::Refused(why) => external(&format!(
            "AWS refused operation {id} to {what} in {accounts}: {why}"
        )),
        Started::Unknown(why) => external(&format!(
            "It is not known whether operation {id} to {what} in {accounts} was started: {why}"
        )),
    }
}

/// Whether somebody has to know why no operation was started. The switches have words of
/// their own.
fn needs_words(nothing: &Nothing) -> bool {
    !matches!(
        nothing,
        Nothing::NotDeployed
            | Nothing::SwitchedOff
            | Nothing::SwitchNotRead
            | Nothing::NothingToRepair
            | Nothing::NoneDue
            | Nothing::NoStackSet
    )
}
