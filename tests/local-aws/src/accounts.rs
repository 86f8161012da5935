//! What a test puts into the accounts of the emulator, and reads from them.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    emulator::LocalAws,
    lambda::runtime_api::RuntimeApi,
    protocol::{
        fault::{Fault, FaultAbout, Rate},
        operation::Operation,
    },
    state::{
        account::{Account, Credentials},
        evaluation::Evaluation,
        organization::Organization,
        rollout::StackSetOperation,
        rule::{ConfigRule, RULE_NAME, scheduled_event},
        world::{Held, lock},
    },
};

impl LocalAws {
    /// Creates the account with its ConfigRule [`RULE_NAME`], or replaces what IAM knows of an
    /// existing one. Returns the credentials that sign for it.
    #[allow(clippy::must_use_candidate, reason = "it is called for its effect")]
    pub fn put_account(&self, account: Account) -> Credentials {
        let credentials = account.credentials();
        lock(&self.world).put_account(account);
        credentials
    }

    /// Returns the account as IAM knows it now.
    #[must_use]
    pub fn account(&self, id: &str) -> Account {
        self.held(id, |held| held.account.clone())
    }

    /// Creates or replaces the organization that the accounts belong to; without one, each account
    /// is on its own.
    pub fn put_organization(&self, organization: Organization) {
        lock(&self.world).organization = Some(organization);
    }

    /// The operations on StackSets that AWS has accepted or a test has put, in order.
    #[must_use]
    pub fn stack_set_operations(&self) -> Vec<StackSetOperation> {
        lock(&self.world).operations.clone()
    }

    /// Adds an operation on a StackSet, or replaces the one of that ID.
    pub fn put_stack_set_operation(&self, operation: StackSetOperation) {
        let operations = &mut lock(&self.world).operations;
        operations.retain(|it| it.id != operation.id || it.stack_set != operation.stack_set);
        operations.push(operation);
    }

    /// Limits pages of accounts, policies, stack instances, pack statuses and aggregated results.
    /// AWS may always return fewer items than requested.
    pub fn put_page_size(&self, most: usize) {
        lock(&self.world).page = most;
    }

    /// Adds a ConfigRule to its account, or replaces the one of that name.
    ///
    /// # Panics
    /// There is no such account. Every method that names an account panics then, so that a
    /// mistyped account does not let a test pass.
    pub fn put_rule(&self, rule: ConfigRule) {
        let now = self.now();
        self.held(&rule.account.clone(), |held| held.put_rule(rule, now));
    }

    /// Deletes a ConfigRule; for its tokens, AWS Config then responds `NoSuchConfigRuleException`.
    pub fn delete_rule(&self, account: &str, name: &str) {
        self.held(account, |held| held.rules.retain(|rule| rule.name != name));
    }

    /// Stores an evaluation of the account by that rule, as if the rule's function had reported it
    /// at that time; the latest one counts.
    pub fn put_evaluation(
        &self,
        account: &str,
        rule: &str,
        (compliance_type, annotation): (&str, &str),
        at: DateTime<Utc>,
    ) {
        self.held(account, |held| {
            held.evaluations.push(Evaluation {
                rule: rule.to_owned(),
                resource_type: "AWS::::Account".to_owned(),
                resource_id: account.to_owned(),
                compliance_type: compliance_type.to_owned(),
                annotation: Some(annotation.to_owned()),
                ordering_timestamp: at,
                invoked_at: at,
                recorded_at: at,
            });
        });
    }

    /// Connects the account's rules to that function, including rules that a StackSet creates
    /// later: `StartConfigRulesEvaluation` sends their events to it.
    pub fn connect_function(&self, account: &str, function: &RuntimeApi) {
        self.held(account, |held| {
            held.function = Some(function.clone());
            for rule in &mut held.rules {
                rule.function = Some(function.clone());
            }
        });
    }

    /// The event that AWS Config would send now for the account's rule [`RULE_NAME`], with a new result token.
    #[must_use]
    pub fn event(&self, account: &str) -> Value {
        self.event_of(account, RULE_NAME)
    }

    /// The event that AWS Config would send now for that rule of the account, with a new result token.
    #[must_use]
    pub fn event_of(&self, account: &str, rule: &str) -> Value {
        let token = self.issue_token(account, rule);
        let rule = self.held(account, |held| held.rule(rule));
        scheduled_event(&rule, &token, self.now())
    }

    /// A new result token of that rule, valid for the account's own credentials only.
    #[must_use]
    pub fn issue_token(&self, account: &str, rule: &str) -> String {
        self.held(account, |_| ());
        lock(&self.world).issue_token(account, rule)
    }

    /// Makes AWS Config accept this token, which was made elsewhere, as one of that rule.
    pub fn accept_token(&self, account: &str, rule: &str, token: &str) {
        self.held(account, |_| ());
        lock(&self.world).accept_token(account, rule, token);
    }

    /// Injects a fault into the account's next request of that kind; several faults queue up.
    pub fn fault(&self, account: &str, operation: Operation, fault: Fault) {
        self.held(account, |held| held.faults.once(operation, fault));
    }

    /// Injects a fault into every request of that kind; queued faults come first.
    pub fn fault_always(&self, account: &str, operation: Operation, fault: Fault) {
        self.held(account, |held| held.faults.always(operation, fault));
    }

    /// Injects a fault into so many requests of that kind in which a parameter has that
    /// value, before all other faults.
    pub fn fault_about(
        &self,
        account: &str,
        operation: Operation,
        value: &str,
        times: usize,
        fault: Fault,
    ) {
        let value = value.to_owned();
        self.held(account, |held| {
            held.faults.about(FaultAbout {
                operation,
                value,
                times,
                fault,
            });
        });
    }

    /// Throttles the account's requests of that kind beyond this rate, and those beyond this
    /// number at once.
    pub fn limit_rate(&self, account: &str, operation: Operation, per_second: u32, burst: u32) {
        let rate = Rate::new(per_second, burst);
        self.held(account, |held| held.faults.rate(operation, rate));
    }

    /// Removes all faults of the account.
    pub fn clear_faults(&self, account: &str) {
        self.held(account, |held| held.faults.clear());
    }

    #[allow(clippy::panic, reason = "a mistyped account must not let a test pass")]
    fn held<T>(&self, account: &str, change: impl FnOnce(&mut Held) -> T) -> T {
        match lock(&self.world).accounts.get_mut(account) {
            Some(held) => change(held),
            None => panic!("there is no account {account} in the emulator: put it first"),
        }
    }

    /// The evaluations that AWS Config accepted for the account, in order; those of test mode are not stored.
    #[must_use]
    pub fn evaluations(&self, account: &str) -> Vec<Evaluation> {
        self.held(account, |held| held.evaluations.clone())
    }
}
