//! An organization of any size, and `root-keys list` run on it.

use std::ops::Deref;

use crate::wire::{Ended, MANAGEMENT, Wire, used_long_ago};
use local_aws::{Account, LocalAws, Operation, Organization, RootKey, days_ago};
use serde_json::Value;

pub const PAYMENTS: &str = "111111111111";
pub const WEB: &str = "222222222222";
pub const CLOSED: &str = "333333333333";

/// A member with two keys, one without, and a suspended one.
pub struct Fleet {
    pub wire: Wire,
    pub organization: Organization,
}

impl Fleet {
    pub async fn new() -> Self {
        let mut fleet = Self::empty().await;
        let second = RootKey::inactive(days_ago(800));
        fleet.join(PAYMENTS, "payments", [Some(used_long_ago()), Some(second)]);
        fleet.join(WEB, "web", [None, None]);
        fleet.join(CLOSED, "closed", [None, None]);
        fleet.organization.members[2].state = "SUSPENDED";
        fleet
    }

    async fn empty() -> Self {
        let aws = LocalAws::start().await.unwrap();
        aws.run_clock();
        let operator = aws.put_account(Account::new(MANAGEMENT));
        let wire = Wire { aws, operator };
        let organization = Organization::new(MANAGEMENT);
        Self { wire, organization }
    }

    /// So many members without a key.
    pub async fn of(members: usize) -> Self {
        let mut fleet = Self::empty().await;
        for number in 1..=members {
            fleet.join(&format!("{number:0>12}"), "member", [None, None]);
        }
        fleet
    }

    pub fn join(&mut self, id: &str, name: &str, [first, second]: [Option<RootKey>; 2]) {
        let account = Account::new(id).with_root_keys(first, second);
        self.put_account(account);
        self.organization = self.organization.clone().with_member(id, name);
    }

    pub async fn list(&self, arguments: &[&str]) -> Ended {
        self.put_organization(self.organization.clone());
        self.wire.run(&[&["list"], arguments].concat()).await
    }

    /// The document, and the exit code.
    pub async fn json(&self, arguments: &[&str]) -> (Value, Option<i32>) {
        let output = ["--output", "json"];
        let ended = self.list(&[arguments, &output].concat()).await;
        (document(&ended), ended.code)
    }

    pub fn sent(&self, operation: Operation) -> usize {
        self.wire.sent(operation).len()
    }
}

impl Deref for Fleet {
    type Target = Wire;

    fn deref(&self) -> &Wire {
        &self.wire
    }
}

pub fn document(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("no document: {ended:?}"))
}

pub fn row<'a>(document: &'a Value, account: &str) -> &'a Value {
    let mut rows = document["accounts"].as_array().unwrap().iter();
    rows.find(|row| row["account"] == account).unwrap()
}
