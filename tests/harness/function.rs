//! The real `bootstrap` process, its account and its Runtime API.

#![allow(dead_code, reason = "each test file uses its part of this")]

use std::path::{Path, PathBuf};

use local_aws::{
    Account, Environment, FunctionProcess, Invocation, LocalAws, Outcome, RuntimeApi,
    lambda_environment,
};
use serde_json::Value;

use crate::wire::{ACCOUNT, FUNCTION};

/// The binary under test; `BOOTSTRAP=PATH` names another build of it.
pub fn bootstrap() -> PathBuf {
    std::env::var_os("BOOTSTRAP")
        .map_or_else(|| env!("CARGO_BIN_EXE_bootstrap").into(), PathBuf::from)
}

/// One function process, its account and its Runtime API.
pub struct Function {
    pub aws: LocalAws,
    pub runtime: RuntimeApi,
    pub process: FunctionProcess,
    pub account: Account,
}

impl Function {
    /// Starts it as Lambda does.
    pub async fn start(account: Account) -> Self {
        Self::start_with(account, &bootstrap(), |_| ()).await
    }

    /// Starts that binary in a changed environment.
    pub async fn start_with(
        account: Account,
        binary: &Path,
        change: impl Fn(&mut Environment),
    ) -> Self {
        let aws = LocalAws::start().await.unwrap();
        let runtime = RuntimeApi::start().await.unwrap();
        aws.put_account(account.clone());
        let mut environment = lambda_environment(&aws, &runtime, &account);
        change(&mut environment);
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
        self.process
            .invoke(&self.runtime, payload, Invocation::of(FUNCTION))
            .await
    }

    /// The outcome of the event that Config would send now.
    pub async fn evaluate(&self) -> Outcome {
        self.invoke(self.aws.event(ACCOUNT).to_string()).await
    }

    /// The JSON lines written so far; every line must be one.
    pub fn log(&self) -> Vec<Value> {
        let output = self.process.output();
        output
            .lines()
            .map(|line| serde_json::from_str(line).expect(line))
            .collect()
    }
}

/// The error type of a failed run.
pub fn error_type(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Error(error) => &error.error_type,
        other => panic!("not an error: {other:?}"),
    }
}
