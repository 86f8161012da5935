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
    Account, LocalAws, Operation, Report, Request, RootKey, Service, days_ago, default_time,
};
use root_access_key_rule::aws::sdk_config;
use root_access_key_rule::error::RuleError;
use root_access_key_rule::handler::{Evaluated, Rule};
use serde_json::Value;

/// The account that the tests are about.
pub const ACCOUNT: &str = "111122223333";

/// The function's ARN in that account.
pub const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:root-access-key-rule";

/// A clean account; tests change what they are about.
pub fn account() -> Account {
    Account::new(ACCOUNT)
}

/// An account with one active key from 2019 and a fresh report of it.
pub fn account_with_key() -> Account {
    account()
        .with_root_keys(Some(RootKey::active(days_ago(2000))), None)
        .with_report(fresh_report())
}

/// A report made an hour before the notification.
pub fn fresh_report() -> Report {
    Report::Complete {
        generated_at: default_time() - chrono::Duration::hours(1),
    }
}

/// Where the SDK finds the local AWS emulator, as `AWS_ENDPOINT_URL_…` would tell it.
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

    /// The same for tests of thousands of runs that fail: each call is tried once.
    pub async fn without_retries(account: Account) -> Self {
        Self::connected(account, |sdk| sdk.retry_config(RetryConfig::disabled())).await
    }

    /// The same with a changed SDK configuration.
    pub async fn connected(account: Account, change: impl Fn(Builder) -> Builder) -> Self {
        let aws = LocalAws::start().await.unwrap();
        let rule = Rule::new(&change(sdk_for(&aws, &account)).build());
        aws.put_account(account);
        Self { aws, rule }
    }

    /// Evaluates the event that Config would send now.
    pub async fn evaluate(&self) -> Result<Evaluated, RuleError> {
        self.evaluate_event(&self.aws.event(ACCOUNT)).await
    }

    /// Evaluates `event` with Lambda's full 30 seconds.
    pub async fn evaluate_event(&self, event: &Value) -> Result<Evaluated, RuleError> {
        self.evaluate_payload(&event.to_string()).await
    }

    /// Evaluates any payload with Lambda's full 30 seconds.
    pub async fn evaluate_payload(&self, payload: &str) -> Result<Evaluated, RuleError> {
        self.rule
            .evaluate(payload, &context(FUNCTION, Duration::from_secs(30)))
            .await
    }

    /// Evaluates `event` in a function with that ARN and so much time left.
    pub async fn evaluate_as(
        &self,
        event: &Value,
        function_arn: &str,
        left: Duration,
    ) -> Result<Evaluated, RuleError> {
        self.rule
            .evaluate(&event.to_string(), &context(function_arn, left))
            .await
    }

    /// The operations that were called, in order.
    pub fn operations(&self) -> Vec<Operation> {
        self.aws
            .requests()
            .iter()
            .filter_map(|request| request.operation)
            .collect()
    }

    /// The one PutEvaluations that was sent.
    pub fn put_evaluations(&self) -> Request {
        let all: Vec<Request> = self
            .aws
            .requests()
            .into_iter()
            .filter(|request| request.operation == Some(Operation::PutEvaluations))
            .collect();
        assert_eq!(all.len(), 1, "one PutEvaluations, not {}", all.len());
        all.into_iter().next().unwrap()
    }

    /// The annotation that Config accepted.
    pub fn annotation(&self) -> String {
        let evaluations = self.aws.evaluations(ACCOUNT);
        assert_eq!(evaluations.len(), 1);
        evaluations[0].annotation.clone().unwrap()
    }
}

fn sdk_for(aws: &LocalAws, account: &Account) -> Builder {
    let keys = account.credentials();
    let credentials = Credentials::new(
        keys.access_key_id,
        keys.secret_access_key,
        Some(keys.session_token),
        None,
        "test",
    );
    sdk_config::with_limits(SdkConfig::builder())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .service_config(Endpoints {
            iam: aws.url(Service::Iam),
            config: aws.url(Service::Config),
        })
}

fn context(function_arn: &str, left: Duration) -> Context {
    let deadline = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        + left;
    let mut context = Context::default();
    function_arn.clone_into(&mut context.invoked_function_arn);
    context.deadline = u64::try_from(deadline.as_millis()).unwrap();
    context
}

/// Runs them at the same time: most of their time is the wait before a retry.
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

/// The text of a fixture; its path is the case.
pub fn fixture(path: &str) -> String {
    let file = format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
}
