//! The function of one account: its own Runtime API, and its real binary with the account's credentials.

use std::{io, path::PathBuf};

use local_aws::{
    Account, FunctionProcess, Invocation, LocalAws, Outcome, RuntimeApi, lambda_environment,
};

/// The function's binary, and whether to show its log.
pub struct Binary {
    pub path: PathBuf,
    pub shows_log: bool,
}

pub struct Function {
    pub runtime: RuntimeApi,
    process: FunctionProcess,
    shows_log: bool,
}

impl Function {
    /// Starts the binary; the account's rules call it from now on.
    pub async fn start(aws: &LocalAws, binary: &Binary, account: &Account) -> io::Result<Self> {
        let runtime = RuntimeApi::start().await?;
        aws.connect_function(&account.id, &runtime);
        let environment = lambda_environment(aws, &runtime, account);
        let process = FunctionProcess::spawn(&binary.path, &environment).map_err(|error| {
            let path = binary.path.display();
            io::Error::other(format!(
                "cannot start the function's binary {path}: {error}; build it with \
                 `cargo build --workspace --all-targets` or name another with --bootstrap"
            ))
        })?;
        Ok(Self {
            runtime,
            process,
            shows_log: binary.shows_log,
        })
    }

    /// What it has logged since the last call, one JSON object a line; empty without `--log`.
    pub fn log(&self) -> String {
        if self.shows_log {
            self.process.take_output()
        } else {
            String::new()
        }
    }

    /// Runs it once on any payload, under that ARN.
    pub async fn invoke(&self, payload: impl Into<Vec<u8>>, arn: &str) -> Outcome {
        let invocation = Invocation::of(arn);
        let outcome = self.process.invoke(&self.runtime, payload, invocation);
        match outcome.await {
            // The reason why it did not start says more than its end.
            Outcome::Exited(code) => {
                let mut errors = self.runtime.init_errors();
                errors.pop().map_or(Outcome::Exited(code), Outcome::Error)
            }
            outcome => outcome,
        }
    }
}
