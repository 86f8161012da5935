//! From `list` over `plan` to `apply`: the command with its files in a folder of its own.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use local_aws::{Account, LocalAws, Organization, RootKey};
use serde_json::Value;

use crate::wire::{Ended, MANAGEMENT, Wire, days_before_now};

/// An organization, and a folder for the documents.
pub struct Planned {
    pub wire: Wire,
    pub organization: Organization,
    folder: PathBuf,
}

/// A key created so many days ago, and used so many days ago.
pub fn key(created: i64, used: Option<i64>) -> RootKey {
    let key = RootKey::active(days_before_now(created));
    match used {
        Some(days) => key.last_used(days_before_now(days), "eu-west-1", "s3"),
        None => key,
    }
}

/// An old key without a use on record.
pub fn unused() -> RootKey {
    key(900, None)
}

impl Planned {
    pub async fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("root-keys-plan-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        let aws = LocalAws::start().await.unwrap();
        aws.run_clock();
        let operator = aws.put_account(Account::new(MANAGEMENT));
        Self {
            wire: Wire { aws, operator },
            organization: Organization::new(MANAGEMENT),
            folder,
        }
    }

    /// The same with a member whose root user has these keys.
    pub async fn with(keys: [Option<RootKey>; 2]) -> Self {
        let mut planned = Self::new().await;
        planned.join("111111111111", keys);
        planned
    }

    pub fn join(&mut self, id: &str, keys: [Option<RootKey>; 2]) {
        self.put_keys(id, keys);
        self.organization = self.organization.clone().with_member(id, "member");
    }

    pub fn put_keys(&self, id: &str, [first, second]: [Option<RootKey>; 2]) {
        self.put_account(Account::new(id).with_root_keys(first, second));
    }

    /// Changes what IAM knows of a member.
    pub fn change(&self, id: &str, change: impl FnOnce(&mut Account)) {
        let mut account = self.account(id);
        change(&mut account);
        self.put_account(account);
    }

    /// Changes the key in that slot.
    pub fn change_key(&self, id: &str, slot: usize, change: impl FnOnce(&mut RootKey)) {
        self.change(id, |account| {
            change(account.root_keys[slot].as_mut().unwrap());
        });
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn text(path: &Path) -> &str {
        path.to_str().unwrap()
    }

    /// Lists all accounts into `list.json`.
    pub async fn list(&self) -> Ended {
        self.put_organization(self.organization.clone());
        let listed = self.run(&["list", "--all", "--output", "json"]).await;
        fs::write(self.path("list.json"), &listed.out).unwrap();
        listed
    }

    /// Makes `plan.json` from `list.json`.
    pub async fn plan(&self, arguments: &[&str]) -> Ended {
        let (from, out) = (self.path("list.json"), self.path("plan.json"));
        let files = [
            "plan",
            "--from",
            Self::text(&from),
            "--out",
            Self::text(&out),
        ];
        self.run(&[&files, arguments].concat()).await
    }

    /// Lists and plans.
    pub async fn prepare(&self) {
        self.list().await;
        let planned = self.plan(&[]).await;
        assert!(matches!(planned.code, Some(0 | 3)), "{planned:?}");
    }

    /// The dry run of `plan.json`.
    pub async fn dry_run(&self) -> Ended {
        let plan = self.path("plan.json");
        self.run(&["apply", Self::text(&plan)]).await
    }

    /// Applies `plan.json` and types that.
    pub async fn apply(&self, typed: &str) -> Ended {
        let plan = self.path("plan.json");
        let arguments = ["apply", Self::text(&plan), "--execute"];
        self.run_typing(&arguments, &format!("{typed}\n")).await
    }

    /// The plan as JSON.
    pub fn document(&self) -> Value {
        let text = fs::read_to_string(self.path("plan.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The records of the journal.
    pub fn journal(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("plan.json.journal")).unwrap_or_default();
        let lines = text.lines();
        lines.map(|it| serde_json::from_str(it).unwrap()).collect()
    }
}

impl Deref for Planned {
    type Target = Wire;

    fn deref(&self) -> &Wire {
        &self.wire
    }
}

impl Drop for Planned {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
