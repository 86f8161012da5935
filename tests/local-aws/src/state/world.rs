//! The whole state of the emulated AWS, behind one lock.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    lambda::runtime_api::RuntimeApi,
    protocol::error::AwsError,
    protocol::fault::Faults,
    protocol::request::Request,
    state::account::{Account, Credentials, default_time},
    state::bucket::Bucket,
    state::evaluation::Evaluation,
    state::organization::Organization,
    state::recorder::Recorder,
    state::rollout::StackSetOperation,
    state::rule::{ConfigRule, RULE_NAME, Token, Tokens, result_token, scheduled_event},
    state::signer::{Principal, RootSession, Signer},
};

/// The state, shared by all connections.
pub(crate) type World = Arc<Mutex<State>>;

/// The state, for as long as the guard lives. A panic of another thread does not poison it.
pub(crate) fn lock(world: &World) -> MutexGuard<'_, State> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What AWS holds of one account.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub account: Account,
    pub rules: Vec<ConfigRule>,
    pub tokens: Tokens,
    pub evaluations: Vec<Evaluation>,
    pub faults: Faults,
    /// When `StartConfigRulesEvaluation` last started something.
    pub last_start: Option<DateTime<Utc>>,
    /// AWS Config's recorder, if there is one.
    pub recorder: Option<Recorder>,
    /// Whether the account has a delivery channel.
    pub delivery_channel: bool,
    /// The function that new rules invoke.
    pub function: Option<RuntimeApi>,
}

impl Held {
    /// Adds a rule, or replaces the one of that name.
    pub fn put_rule(&mut self, mut rule: ConfigRule, now: DateTime<Utc>) {
        let known = self.rules.iter().find(|known| known.name == rule.name);
        rule.activated_at = known.map_or(Some(now), |known| known.activated_at);
        rule.function = rule.function.or_else(|| self.function.clone());
        self.rules.retain(|known| known.name != rule.name);
        self.rules.push(rule);
    }

    /// Replaces what IAM knows of the account, and whether it has a recorder.
    pub fn put_account(&mut self, account: Account, now: DateTime<Utc>) {
        if account.recorder != self.recorder.is_some() {
            let recording = || Recorder::recording(now);
            self.recorder = account.recorder.then(recording);
            self.delivery_channel = account.recorder;
        }
        self.account = account;
    }

    /// Records whether a run of the rule is in progress.
    pub fn mark_evaluating(&mut self, name: &str, evaluating: bool) {
        for rule in self.rules.iter_mut().filter(|rule| rule.name == name) {
            rule.evaluating = evaluating;
        }
    }

    /// The rule of that name; if it was deleted, one like it.
    pub fn rule(&self, name: &str) -> ConfigRule {
        let known = self.rules.iter().find(|rule| rule.name == name);
        known
            .cloned()
            .unwrap_or_else(|| ConfigRule::new(&self.account.id, name))
    }
}

/// A run of a rule that AWS Config starts by sending the event to its function.
#[derive(Debug)]
pub(crate) struct Run {
    pub rule: ConfigRule,
    pub event: Value,
}

#[derive(Debug)]
pub(crate) struct State {
    pub accounts: BTreeMap<String, Held>,
    pub organization: Option<Organization>,
    pub root_sessions: Vec<RootSession>,
    pub requests: Vec<Request>,
    /// The time of the clock; `None` if it follows the machine's.
    pub stopped_at: Option<DateTime<Utc>>,
    /// The most items that a page about a whole organization holds, if that is less than AWS's
    /// own limit.
    pub page: usize,
    /// The runs of rules that the request being answered has started.
    pub started: Vec<Run>,
    /// The operations on StackSets so far.
    pub operations: Vec<StackSetOperation>,
    /// The buckets of Amazon S3, by name.
    pub buckets: BTreeMap<String, Bucket>,
    /// How many versions of objects have been written.
    pub objects_written: u64,
    tokens_issued: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            accounts: BTreeMap::new(),
            organization: None,
            root_sessions: Vec::new(),
            requests: Vec::new(),
            stopped_at: Some(default_time()),
            page: usize::MAX,
            started: Vec::new(),
            operations: Vec::new(),
            buckets: BTreeMap::new(),
            objects_written: 0,
            tokens_issued: 0,
        }
    }
}

impl State {
    pub fn now(&self) -> DateTime<Utc> {
        self.stopped_at
            .unwrap_or_else(|| std::time::SystemTime::now().into())
    }

    /// What AWS holds of an account that signed; accounts are never removed.
    pub fn held(&mut self, account: &str) -> Result<&mut Held, AwsError> {
        let unknown = || AwsError::new(500, "InternalFailure", "no such account here");
        self.accounts.get_mut(account).ok_or_else(unknown)
    }

    /// Adds the account with its rule, or replaces what IAM knows of an existing one.
    pub fn put_account(&mut self, account: Account) {
        let now = self.now();
        if let Some(held) = self.accounts.get_mut(&account.id) {
            held.put_account(account, now);
            return;
        }
        let mut held = Held::default();
        held.account.id.clone_from(&account.id);
        held.put_rule(ConfigRule::new(&account.id, RULE_NAME), now);
        held.put_account(account, now);
        self.accounts.insert(held.account.id.clone(), held);
    }

    /// The principal that these credentials belong to, all parts of them.
    pub fn signed_by(&self, access_key_id: &str, session_token: Option<&str>) -> Option<Signer> {
        let signer = |account: &str, principal| Signer {
            account: account.to_owned(),
            principal,
        };
        let Some(token) = session_token else {
            let mut accounts = self.accounts.values().map(|held| &held.account);
            let root = accounts.find(|it| it.signs_as_root(access_key_id))?;
            return Some(signer(&root.id, Principal::RootUser));
        };
        let is_of = |credentials: &Credentials| {
            credentials.access_key_id == access_key_id && credentials.session_token == token
        };
        // A role's key ends in its account's id.
        let id = access_key_id.get(access_key_id.len().saturating_sub(12)..)?;
        let held = self.accounts.get(id);
        if let Some(held) = held.filter(|held| is_of(&held.account.credentials())) {
            return Some(signer(&held.account.id, Principal::Role));
        }
        let mut sessions = self.root_sessions.iter();
        let session = sessions.find(|it| is_of(&it.credentials) && it.expires_at > self.now())?;
        Some(signer(
            &session.account,
            Principal::RootSession(session.policy),
        ))
    }

    /// Adds a rule, which AWS Config evaluates by itself as soon as it exists.
    pub fn put_new_rule(&mut self, rule: ConfigRule) -> Result<(), AwsError> {
        let (now, name) = (self.now(), rule.name.clone());
        let held = self.held(&rule.account.clone())?;
        held.put_rule(rule, now);
        let rule = held.rule(&name);
        self.start_run(rule)
    }

    /// Sends the rule's event to its function once this request is answered.
    pub fn start_run(&mut self, rule: ConfigRule) -> Result<(), AwsError> {
        let token = self.issue_token(&rule.account, &rule.name);
        let event = scheduled_event(&rule, &token, self.now());
        let held = self.held(&rule.account)?;
        held.mark_evaluating(&rule.name, rule.function.is_some());
        self.started.push(Run { rule, event });
        Ok(())
    }

    /// Removes what accumulates.
    pub fn forget(&mut self) {
        self.requests.clear();
        for held in self.accounts.values_mut() {
            held.evaluations.clear();
            held.tokens.clear();
        }
    }

    /// A token for one run of that rule, which may have been deleted.
    pub fn issue_token(&mut self, account: &str, rule: &str) -> String {
        self.tokens_issued += 1;
        let token = result_token(account, self.tokens_issued);
        self.accept_token(account, rule, &token);
        token
    }

    /// Records which rule a token belongs to.
    pub fn accept_token(&mut self, account: &str, rule: &str, token: &str) {
        let meaning = Token {
            rule: rule.to_owned(),
            invoked_at: self.now(),
        };
        if let Some(held) = self.accounts.get_mut(account) {
            held.tokens.insert(token.to_owned(), meaning);
        }
    }
}
