//! What fixes a problem, in words for one account or for many.

use std::collections::BTreeSet;

use crate::DOCS;
use crate::status::facts::{STACK_SET, Viewpoint};

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
    pub operation: Operation,
    /// The OU through which the account is targeted; `None` if it is not known.
    pub unit: Option<String>,
    pub call_as: &'static str,
    pub region: String,
}

/// What is done to a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Create,
    Update,
    /// The same after somebody has created a configuration recorder.
    UpdateWithRecorder,
    Replace,
}

impl Remedy {
    /// The text for all.
    pub fn same(text: impl Into<String>) -> Self {
        Self::Same(text.into())
    }

    /// An operation on the stack of an account in that OU.
    pub fn stacks(viewpoint: &Viewpoint, operation: Operation, unit: Option<&str>) -> Self {
        Self::Stacks(Stacks {
            operation,
            unit: unit.map(str::to_owned),
            call_as: viewpoint.call_as(),
            region: viewpoint.region.clone(),
        })
    }

    /// What fixes it in one account.
    pub fn text(&self, accounts: &[&str]) -> String {
        Self::of_all(&[self], accounts)
    }

    /// What fixes a problem of one kind in these accounts, each with its remedy.
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
            "list the keys of each account, beginning with: `root-keys list --account {first}`"
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
                "create it, unless an operation is under way: `aws cloudformation \
                 create-stack-instances {targets}`"
            ),
            Operation::Update => format!(
                "when the cause is fixed, try again: `aws cloudformation update-stack-instances \
                 {targets}`"
            ),
            Operation::UpdateWithRecorder => format!(
                "create a configuration recorder there in {region} (a stopped one is enough), then \
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
