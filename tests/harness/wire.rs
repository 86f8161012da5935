//! One account, the rule in this process, and the local AWS emulator on the other
//! end of the wire.

#![allow(dead_code, reason = "each test file uses its part of this")]

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_iam::config::Region;
use aws_sdk_iam::config::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::sdk_config::Builder;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use lambda_runtime::Context;
use local_aws::{
    Account, Fault, LocalAws, Operation, Report, Request, RootKey, Service, days_ago, default_time,
};
use root_access_key_rule::aws::sdk_config;
use root_access_key_rule::error::RuleError;
use root_access_key_rule::handler::{Evaluated, Rule};
use serde_json::Value;

/// The account that the tests are about.
pub const ACCOUNT: &str = "111122223333";

/// The function's ARN in that account.
pub const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:root-access-key-rule";

/// The function's timeout.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// An account without root keys.
pub fn account() -> Account {
    Account::new(ACCOUNT)
}

/// An account with one active root key from 2020, and a current credential report.
pub fn account_with_key() -> Account {
    account()
        .with_root_keys(Some(RootKey::active(days_ago(2000))), None)
        .with_report(fresh_report())
}

/// A credential report from an hour before the notification.
pub fn fresh_report() -> Report {
    Report::Complete {
        generated_at: default_time() - chrono::Duration::hours(1),
    }
}

/// A response that does not come from AWS: it has no request ID.
pub fn foreign(status: u16, content_type: &str, body: &str) -> Fault {
    Fault::Foreign {
        status,
        content_type: content_type.to_owned(),
        body: body.into(),
    }
}

/// The emulator's endpoints, as `AWS_ENDPOINT_URL_…` would set them.
#[derive(Debug)]
struct Endpoints {
    iam: String,
    config: String,
}

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        match (key.env(), key.service_id()) {
            ("AWS_ENDPOINT_URL", "IAM") => Some(self.iam.clone()),
            ("AWS_ENDPOINT_URL", "Config Service") => Some(self.config.clone()),
            _ => None,
        }
    }
}

/// The rule of one account, connected to the local AWS emulator.
pub struct Wire {
    pub aws: LocalAws,
    rule: Rule,
}

impl Wire {
    /// Starts the local AWS emulator with `account` in it.
    pub async fn to(account: Account) -> Self {
        Self::connected(account, |sdk| sdk).await
    }

    /// Starts the emulator with `account` in it; every call of `operation` fails.
    pub async fn failing(account: Account, operation: Operation, fault: Fault) -> Self {
        let wire = Self::to(account).await;
        wire.aws.fault_always(ACCOUNT, operation, fault);
        wire
    }

    /// Starts the emulator for thousands of runs that fail: each call is tried once.
    pub async fn without_retries(account: Account) -> Self {
        Self::connected(account, |sdk| sdk.retry_config(RetryConfig::disabled())).await
    }

    /// Starts the emulator, with a changed SDK configuration of the rule.
    pub async fn connected(account: Account, change: impl Fn(Builder) -> Builder) -> Self {
        let aws = LocalAws::start().await.unwrap();
        let rule = Rule::new(&change(sdk_for(&aws, &account)).build());
        aws.put_account(account);
        Self { aws, rule }
    }

    /// Lets the next call of `operation` fail.
    pub fn fault(&self, operation: Operation, fault: Fault) {
        self.aws.fault(ACCOUNT, operation, fault);
    }

    /// Evaluates the event that AWS Config would send now.
    pub async fn evaluate(&self) -> Result<Evaluated, RuleError> {
        self.evaluate_within(TIMEOUT).await
    }

    /// Evaluates the event that AWS Config would send now, with `left` until the deadline.
    pub async fn evaluate_within(&self, left: Duration) -> Result<Evaluated, RuleError> {
        let event = self.aws.event(ACCOUNT);
        self.evaluate_as(&event, FUNCTION, left).await
    }

    /// Evaluates `event`.
    pub async fn evaluate_event(&self, event: &Value) -> Result<Evaluated, RuleError> {
        self.evaluate_as(event, FUNCTION, TIMEOUT).await
    }

    /// Evaluates any payload.
    pub async fn evaluate_payload(&self, payload: &str) -> Result<Evaluated, RuleError> {
        let context = context(FUNCTION, TIMEOUT);
        self.rule.evaluate(payload, &context).await
    }

    /// Evaluates `event` in the function with that ARN, with `left` until the deadline.
    pub async fn evaluate_as(
        &self,
        event: &Value,
        function_arn: &str,
        left: Duration,
    ) -> Result<Evaluated, RuleError> {
        let context = context(function_arn, left);
        self.rule.evaluate(&event.to_string(), &context).await
    }

    /// The message of a run that fails with that error type. It names the account.
    pub async fn failure(&self, error_type: &str) -> String {
        message_of(self.evaluate().await, error_type)
    }

    /// The annotation that AWS Config stores for a run that evaluates the account.
    pub async fn evaluated(&self) -> String {
        self.evaluate().await.unwrap();
        self.annotation()
    }

    /// The operations that were called, in order.
    pub fn operations(&self) -> Vec<Operation> {
        let requests = self.aws.requests();
        requests.iter().filter_map(|it| it.operation).collect()
    }

    /// How often `operation` was called.
    pub fn count(&self, operation: Operation) -> usize {
        let operations = self.operations();
        operations.iter().filter(|it| **it == operation).count()
    }

    /// The PutEvaluations requests that were sent.
    pub fn put_evaluations(&self) -> Vec<Request> {
        let mut requests = self.aws.requests();
        requests.retain(|it| it.operation == Some(Operation::PutEvaluations));
        requests
    }

    /// The annotation of the one evaluation that AWS Config stored.
    pub fn annotation(&self) -> String {
        let evaluations = self.aws.evaluations(ACCOUNT);
        assert_eq!(evaluations.len(), 1);
        evaluations[0].annotation.clone().unwrap()
    }
}

/// The message of a failed run. It has that error type, and its message names the account.
pub fn message_of(outcome: Result<Evaluated, RuleError>, error_type: &str) -> String {
    let error = outcome.expect_err(error_type);
    assert_eq!(error.error_type(), error_type, "{error}");
    assert!(error.message().contains(ACCOUNT), "{error}");
    error.message().to_owned()
}

fn sdk_for(aws: &LocalAws, account: &Account) -> Builder {
    let keys = account.credentials();
    let (id, secret) = (keys.access_key_id, keys.secret_access_key);
    let credentials = Credentials::new(id, secret, Some(keys.session_token), None, "test");
    sdk_config::with_limits(SdkConfig::builder())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .service_config(Endpoints {
            iam: aws.url(Service::Iam),
            config: aws.url(Service::Config),
        })
}

fn context(function_arn: &str, left: Duration) -> Context {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let mut context = Context::default();
    function_arn.clone_into(&mut context.invoked_function_arn);
    context.deadline = u64::try_from((now + left).as_millis()).unwrap();
    context
}

/// Runs all of them at the same time: most of their time is the wait before a retry.
pub async fn all(runs: impl Iterator<Item = impl Future<Output = ()>>) {
    let mut runs: Vec<_> = runs.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        runs.retain_mut(|run| run.as_mut().poll(context).is_pending());
        if runs.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

/// The rows of a table of cases: one row a line, with ` | ` between the columns.
pub fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.trim().lines().map(|line| {
        let columns: Vec<_> = line.split(" | ").map(str::trim).collect();
        columns.try_into().expect(line)
    })
}

/// The text of a file in `tests/fixtures`.
pub fn fixture(path: &str) -> String {
    let file = format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
}
