//! One account's sandbox: its own Runtime API, and the function's binary with its credentials.

use std::{io, path::Path};

use local_aws::{
    ConfigRule, FunctionProcess, Invocation, LocalAws, Outcome, RULE_NAME, RuntimeApi,
    lambda_environment,
};

use crate::{fleet::Member, row::Row};

pub struct Sandbox {
    pub member: Member,
    runtime: RuntimeApi,
    process: FunctionProcess,
    rule: ConfigRule,
}

impl Sandbox {
    /// Puts the account into the stand-in and starts the binary in its name.
    pub async fn start(aws: &LocalAws, bootstrap: &Path, member: Member) -> io::Result<Self> {
        let account = &member.account;
        aws.put_account(account.clone());
        for (operation, fault) in &member.faults {
            aws.fault_always(&account.id, *operation, fault.clone());
        }
        let mut rule = ConfigRule::new(&account.id, RULE_NAME);
        rule.function_account = member.function_account.map(str::to_owned);
        aws.put_rule(rule.clone());
        let runtime = RuntimeApi::start().await?;
        aws.connect_function(&account.id, &runtime);
        let environment = lambda_environment(aws, &runtime, account);
        let process = FunctionProcess::spawn(bootstrap, &environment).map_err(|error| {
            let path = bootstrap.display();
            io::Error::other(format!(
                "cannot start the function's binary {path}: {error}; build it with \
                 `cargo build --workspace --all-targets` or name another with --bootstrap"
            ))
        })?;
        Ok(Self {
            member,
            runtime,
            process,
            rule,
        })
    }

    /// Has the account judged once, as AWS Config would, and compares.
    pub async fn judge(&self, aws: &LocalAws) -> Row {
        let account = &self.member.account.id;
        let before = aws.evaluations(account).len();
        let outcome = self.invoke(aws.event(account).to_string()).await;
        let evaluations = &aws.evaluations(account)[before..];
        Row::new(
            &self.member,
            outcome,
            evaluations,
            self.runtime.last_duration(),
        )
    }

    /// Runs the function once on any payload.
    pub async fn invoke(&self, payload: impl Into<Vec<u8>>) -> Outcome {
        let invocation = Invocation::of(&self.rule.function_arn());
        let outcome = self.process.invoke(&self.runtime, payload, invocation);
        match outcome.await {
            // Why it did not even start is more use than that it ended.
            Outcome::Exited(code) => {
                let mut errors = self.runtime.init_errors();
                errors.pop().map_or(Outcome::Exited(code), Outcome::Error)
            }
            outcome => outcome,
        }
    }
}
