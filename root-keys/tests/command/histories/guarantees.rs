//! The guarantees of an application, checked against every request and every record.

use std::collections::BTreeMap;

use local_aws::{Account, Operation};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use root_keys::root_session::apply::report::Report;
use root_keys::root_session::plan::facts::{Deletion, Plan};
use serde_json::Value;

use super::world::{Sent, World};

/// Everything so far.
pub struct Seen<'a> {
    world: &'a World,
    plan: &'a Plan,
    sent: Vec<Sent>,
    journal: Vec<u8>,
}

impl<'a> Seen<'a> {
    pub fn of(world: &'a World, plan: &'a Plan) -> Self {
        Self {
            world,
            plan,
            sent: world.sent(),
            journal: world.journal(),
        }
    }

    pub fn keeps_the_guarantees(&self) -> Result<(), TestCaseError> {
        for (at, request) in self.sent.iter().enumerate() {
            if request.operation == Operation::DeleteAccessKey {
                let line = self.planned(request)?;
                self.is_as_planned(at, line)?;
                self.has_its_own_intent(at)?;
            }
        }
        self.no_record_is_false()
    }

    /// No deletion outside the plan.
    fn planned(&self, request: &Sent) -> Result<&Deletion, TestCaseError> {
        let mut lines = self.plan.delete.iter();
        let line =
            lines.find(|it| it.account == request.account && it.key.access_key_id == request.key);
        line.ok_or_else(|| TestCaseError::fail(format!("not in the plan: {request:?}")))
    }

    /// What IAM said of the key immediately before, since any earlier attempt, is what
    /// the plan says.
    fn is_as_planned(&self, at: usize, line: &Deletion) -> Result<(), TestCaseError> {
        let key = &line.key;
        let before = self.sent[..at].iter().rev();
        let before: Vec<_> = before
            .take_while(|it| {
                it.operation != Operation::DeleteAccessKey || it.key != key.access_key_id
            })
            .filter(|it| it.account == line.account && it.answer.contains("Result>"))
            .collect();
        let last = |operation, key: &str| {
            let mut of = before.iter().filter(|it| it.operation == operation);
            of.find(|it| key.is_empty() || it.key == key)
                .map(|it| &it.answer)
        };
        let used = last(Operation::GetAccessKeyLastUsed, &key.access_key_id);
        let Some(used) = used else {
            return Err(TestCaseError::fail(
                "the last use was not read before an attempt",
            ));
        };
        let planned = key.last_used.as_ref().map(|it| it.at.to_string());
        prop_assert_eq!(text(used, "LastUsedDate"), planned, "another last use");
        let listed = last(Operation::ListAccessKeys, "")
            .cloned()
            .unwrap_or_default();
        let ids = texts(&listed, "AccessKeyId");
        let known = |id: &String| *id == key.access_key_id || line.other_keys.contains(id);
        prop_assert!(ids.iter().all(known), "another key: {}", listed);
        let place = ids.iter().position(|id| *id == key.access_key_id);
        let status = place.and_then(|place| texts(&listed, "Status").get(place).cloned());
        prop_assert_eq!(status.as_ref(), Some(&key.status), "another status");
        Ok(())
    }

    /// Before each attempt its own intent is in the journal, complete.
    fn has_its_own_intent(&self, at: usize) -> Result<(), TestCaseError> {
        let request = &self.sent[at];
        let is_attempt =
            |it: &&Sent| it.operation == Operation::DeleteAccessKey && it.key == request.key;
        let attempts = self.sent[..=at].iter().filter(is_attempt).count();
        let written = records(&self.journal[..request.journal.min(self.journal.len())]);
        let intents = written
            .iter()
            .filter(|it| it["accessKeyId"] == *request.key && it["record"] == "intent")
            .count();
        prop_assert!(
            intents >= attempts,
            "attempt {} of {}",
            attempts,
            request.key
        );
        Ok(())
    }

    /// A record says nothing that was not so.
    fn no_record_is_false(&self) -> Result<(), TestCaseError> {
        let mut earlier: BTreeMap<String, usize> = BTreeMap::new();
        for (end, record) in self.records_with_ends() {
            let id = record["accessKeyId"].as_str().unwrap().to_owned();
            if record["record"] == "intent" {
                continue;
            }
            // The attempts of which this record speaks: since the key's last outcome.
            let from_request = earlier.get(&id).copied().unwrap_or_default();
            let until = self.sent.iter().position(|it| it.journal >= end);
            let until = until.unwrap_or(self.sent.len()).max(from_request);
            let attempts: Vec<_> = self.sent[from_request..until]
                .iter()
                .filter(|it| it.operation == Operation::DeleteAccessKey && it.key == id)
                .collect();
            earlier.insert(id.clone(), until);
            let deleted = attempts.iter().any(|it| it.deleted);
            let ever = self.sent[..until]
                .iter()
                .any(|it| it.deleted && it.key == id);
            if record["keyIsGone"] == true {
                prop_assert!(!self.exists(&record), "not gone: {}", record);
            }
            match record["result"].as_str().unwrap() {
                "deleted" => prop_assert!(deleted, "{}", record),
                "gone" => prop_assert!(!self.exists(&record), "{}", record),
                // Somebody else deleted it, and no attempt of ours.
                "not-listed" => prop_assert!(!ever && !self.exists(&record), "{}", record),
                "not-deleted" => prop_assert!(!last_deleted(&attempts), "{}", record),
                "unknown" | "skipped" | "not-readable" => {}
                other => prop_assert!(false, "an unknown result {}", other),
            }
        }
        Ok(())
    }

    /// In the end every key of the plan is gone, or differs from the plan; and no other
    /// key was deleted.
    pub fn is_finished(&self, members: &[Account], report: &Report) -> Result<(), TestCaseError> {
        for (line, result) in self.plan.delete.iter().zip(&report.results) {
            let now = self.world.aws.account(&line.account);
            let then = members.iter().find(|it| it.id == line.account).unwrap();
            let changed = now
                .root_keys
                .iter()
                .zip(&then.root_keys)
                .any(|(now, then)| now.is_some() && now != then);
            let gone = !exists(&now, &line.key.access_key_id);
            prop_assert_eq!(result.is_settled(), gone, "{:?}: {:?}", result, line);
            prop_assert!(gone || changed, "left alone without a reason: {:?}", line);
        }
        Ok(())
    }

    pub fn deletions(&self) -> usize {
        self.sent.iter().filter(|it| it.deleted).count()
    }

    pub fn skipped(&self) -> usize {
        let records = records(&self.journal);
        records
            .iter()
            .filter(|it| it["result"] == "skipped")
            .count()
    }

    fn exists(&self, record: &Value) -> bool {
        let account = self.world.aws.account(record["account"].as_str().unwrap());
        exists(&account, record["accessKeyId"].as_str().unwrap())
    }

    /// The complete records, each with the number of bytes of the journal up to its end.
    fn records_with_ends(&self) -> Vec<(usize, Value)> {
        let mut end = 0;
        let mut records = Vec::new();
        for line in self.journal.split_inclusive(|byte| *byte == b'\n') {
            end += line.len();
            if let Ok(record) = serde_json::from_slice(line) {
                records.push((end, record));
            }
        }
        records
    }
}

/// Whether the last of these attempts deleted the key.
fn last_deleted(attempts: &[&Sent]) -> bool {
    attempts.last().is_some_and(|it| it.deleted)
}

fn exists(account: &Account, key: &str) -> bool {
    (0..2).any(|slot| account.root_keys[slot].is_some() && account.root_key_id(slot) == key)
}

fn records(journal: &[u8]) -> Vec<Value> {
    let lines = journal.split(|byte| *byte == b'\n');
    lines
        .filter_map(|it| serde_json::from_slice(it).ok())
        .collect()
}

/// The text of every element of that name.
fn texts(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml.split(&open).skip(1);
    parts
        .filter_map(|it| Some(it.split_once(&close)?.0.to_owned()))
        .collect()
}

fn text(xml: &str, name: &str) -> Option<String> {
    texts(xml, name).into_iter().next()
}
