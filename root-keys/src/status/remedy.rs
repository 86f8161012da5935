//! What fixes a problem, in words for one account or for many.

use std::collections::BTreeSet;

use crate::docs::DOCS;
use crate::organization::facts::{STACK_SET, Viewpoint};

/// What fixes a problem of an account.
#[derive(Debug, Clone)]
pub enum Remedy {
    /// The same for every account.
    Same(String),
    /// Show the root user's keys, as the first step of a deletion.
    ListKeys,
    /// Operate on the StackSet's stacks.
    Stacks(Stacks),
    /// Evaluate again with the rule of that name.
    Evaluate(String),
}

/// An operation on the StackSet's stack of an account.
#[derive(Debug, Clone)]
pub struct Stacks {
    /// What is done to the stack.
    pub operation: Operation,
    /// The OU through which the account is targeted; `None` if it is not known.
    pub unit: Option<String>,
    /// In whose name CloudFormation is called: `SELF` or `DELEGATED_ADMIN`.
    pub call_as: &'static str,
    /// The region of the StackSet and of its stacks.
    pub region: String,
}

/// What is done to a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Create it.
    Create,
    /// Update it.
    Update,
    /// Update it after somebody has created a configuration recorder.
    UpdateWithRecorder,
    /// Remove it from the StackSet, delete it, and create it again.
    Replace,
}

impl Remedy {
    /// Makes a remedy that is the same for every account.
    pub fn same(text: impl Into<String>) -> Self {
        Self::Same(text.into())
    }

    /// Makes a remedy that operates on the stack of an account in that OU.
    #[must_use]
    pub fn stacks(viewpoint: &Viewpoint, operation: Operation, unit: Option<&str>) -> Self {
        Self::Stacks(Stacks {
            operation,
            unit: unit.map(str::to_owned),
            call_as: viewpoint.call_as(),
            region: viewpoint.region.clone(),
        })
    }

    /// Says what fixes the problem in these accounts.
    #[must_use]
    pub fn text(&self, accounts: &[&str]) -> String {
        Self::of_all(&[self], accounts)
    }

    /// Says what fixes a problem of one kind in these accounts, each with its remedy.
    #[must_use]
    pub fn of_all(remedies: &[&Self], accounts: &[&str]) -> String {
        let Some(first) = remedies.first() else {
            return String::new();
        };
        match first {
            Self::Same(text) => text.clone(),
            Self::ListKeys => list_keys(accounts),
            Self::Evaluate(rule) => evaluate(rule, accounts),
            Self::Stacks(first) => {
                let units: BTreeSet<&str> = remedies
                    .iter()
                    .filter_map(|remedy| match remedy {
                        Self::Stacks(stacks) => Some(stacks.unit.as_deref().unwrap_or("ou-...")),
                        _ => None,
                    })
                    .collect();
                first.text(&units.into_iter().collect::<Vec<_>>().join(","), accounts)
            }
        }
    }
}

fn list_keys(accounts: &[&str]) -> String {
    match accounts {
        [] => String::new(),
        [account] => format!("list its keys: `root-keys list --account {account}`"),
        [first, ..] => format!(
            "list the keys of each account, starting with: `root-keys list --account {first}`"
        ),
    }
}

fn evaluate(rule: &str, accounts: &[&str]) -> String {
    let each = match accounts {
        [] | [_] => "in that account".to_owned(),
        [first, ..] => format!("in each account with its own rule, for example in {first}"),
    };
    format!(
        "{each}: `aws configservice start-config-rules-evaluation --config-rule-names {rule}`; if \
         this persists: {DOCS}/operations.md#silence"
    )
}

impl Stacks {
    fn text(&self, units: &str, accounts: &[&str]) -> String {
        let targets = targets(self.call_as, &self.region, units, &accounts.join(","));
        let region = &self.region;
        match self.operation {
            Operation::Create => format!(
                "if no operation is in progress, create it: `aws cloudformation \
                 create-stack-instances {targets}`"
            ),
            Operation::Update => format!(
                "after you fix the cause, try again: `aws cloudformation update-stack-instances \
                 {targets}`"
            ),
            Operation::UpdateWithRecorder => format!(
                "create a customer managed configuration recorder in {region} in the account (a stopped one is enough), then \
                 try again: `aws cloudformation update-stack-instances {targets}`"
            ),
            Operation::Replace => format!(
                "remove it from the StackSet: `aws cloudformation delete-stack-instances {targets} \
                 --retain-stacks`; delete its stack in the account; then create it again: `aws \
                 cloudformation create-stack-instances {targets}`"
            ),
        }
    }
}

fn targets(call_as: &str, region: &str, units: &str, accounts: &str) -> String {
    format!(
        "--stack-set-name {STACK_SET} --call-as {call_as} --regions {region} --deployment-targets \
         OrganizationalUnitIds={units},AccountFilterType=INTERSECTION,Accounts={accounts}"
    )
}
