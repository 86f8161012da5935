//! The real `bootstrap` process, its account and its Runtime API.

use std::path::{Path, PathBuf};

use local_aws::{
    Account, FunctionProcess, Invocation, LocalAws, Outcome, RuntimeApi, lambda_environment,
};
use serde_json::Value;

use crate::wire::{ACCOUNT, FUNCTION};

/// The binary under test; `BOOTSTRAP=PATH` names another build of it.
pub fn bootstrap() -> PathBuf {
    std::env::var_os("BOOTSTRAP")
        .map_or_else(|| env!("CARGO_BIN_EXE_bootstrap").into(), PathBuf::from)
}

/// An example that serves as `bootstrap` does and has a defect (`examples/defect.rs`).
pub fn defect() -> PathBuf {
    let examples = Path::new(env!("CARGO_BIN_EXE_bootstrap")).with_file_name("examples");
    examples.join("defect")
}

/// One function process, its account and its Runtime API.
pub struct Function {
    pub aws: LocalAws,
    pub runtime: RuntimeApi,
    pub process: FunctionProcess,
    pub account: Account,
}

impl Function {
    /// Starts the function as Lambda does.
    pub async fn start(account: Account) -> Self {
        Self::start_with(account, &[]).await
    }

    /// Starts the function with changed environment variables: each is set, or removed.
    pub async fn start_with(account: Account, changes: &[(&str, Option<&str>)]) -> Self {
        let aws = LocalAws::start().await.unwrap();
        Self::spawn(&bootstrap(), aws, account, changes).await
    }

    /// Starts `binary`, which calls `aws`, with changed environment variables.
    pub async fn spawn(
        binary: &Path,
        aws: LocalAws,
        account: Account,
        changes: &[(&str, Option<&str>)],
    ) -> Self {
        let runtime = RuntimeApi::start().await.unwrap();
        aws.put_account(account.clone());
        let mut environment = lambda_environment(&aws, &runtime, &account);
        for (name, value) in changes {
            match value {
                Some(value) => environment.insert((*name).to_owned(), (*value).to_owned()),
                None => environment.remove(*name),
            };
        }
        let process = FunctionProcess::spawn(binary, &environment).unwrap();
        Self {
            aws,
            runtime,
            process,
            account,
        }
    }

    /// The outcome of any payload.
    pub async fn invoke(&self, payload: impl Into<Vec<u8>>) -> Outcome {
        let invocation = Invocation::of(FUNCTION);
        self.process
            .invoke(&self.runtime, payload, invocation)
            .await
    }

    /// The outcome of the event that AWS Config would send now.
    pub async fn evaluate(&self) -> Outcome {
        self.evaluate_as(Invocation::of(FUNCTION)).await
    }

    /// The outcome of the event that AWS Config would send now, in that invocation.
    pub async fn evaluate_as(&self, invocation: Invocation) -> Outcome {
        let event = self.aws.event(ACCOUNT).to_string();
        self.process.invoke(&self.runtime, event, invocation).await
    }

    /// The JSON lines written so far; every line must be one.
    pub fn log(&self) -> Vec<Value> {
        let output = self.process.output();
        let lines = output.lines();
        lines
            .map(|line| serde_json::from_str(line).expect(line))
            .collect()
    }
}

/// The response of a run that succeeded.
pub fn response(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Response(body) => serde_json::from_str(&body).unwrap(),
        other => panic!("not a response: {other:?}"),
    }
}

/// The error type and message of a failed run.
pub fn error(outcome: Outcome) -> (String, String) {
    match outcome {
        Outcome::Error(error) => (error.error_type, error.error_message),
        other => panic!("not an error: {other:?}"),
    }
}
