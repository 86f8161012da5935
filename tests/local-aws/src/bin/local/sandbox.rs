//! One account's sandbox: the account with its rule, and the function that the rule calls.

use std::io;

use local_aws::{ConfigRule, LocalAws, Outcome, RULE_NAME};

use crate::{
    fleet::Member,
    function::{Binary, Function},
    row::Row,
};

pub struct Sandbox {
    pub member: Member,
    function: Function,
    rule: ConfigRule,
}

impl Sandbox {
    /// Puts the account into the emulator and starts the binary in its name.
    pub async fn start(aws: &LocalAws, binary: &Binary, member: Member) -> io::Result<Self> {
        let account = &member.account;
        aws.put_account(account.clone());
        for (operation, fault) in &member.faults {
            aws.fault_always(&account.id, *operation, fault.clone());
        }
        let mut rule = ConfigRule::new(&account.id, RULE_NAME);
        rule.function_account = member.function_account.map(str::to_owned);
        aws.put_rule(rule.clone());
        let function = Function::start(aws, binary, account).await?;
        Ok(Self {
            member,
            function,
            rule,
        })
    }

    /// Has the account evaluated once, as AWS Config would, and compares.
    pub async fn evaluate(&self, aws: &LocalAws) -> Row {
        let account = &self.member.account.id;
        let before = aws.evaluations(account).len();
        let outcome = self.invoke(aws.event(account).to_string()).await;
        let evaluations = &aws.evaluations(account)[before..];
        let took = self.function.runtime.last_duration();
        Row::new(&self.member, outcome, evaluations, took)
    }

    /// What the function has logged since the last call.
    pub fn log(&self) -> String {
        self.function.log()
    }

    /// Runs the function once on any payload.
    pub async fn invoke(&self, payload: impl Into<Vec<u8>>) -> Outcome {
        self.function
            .invoke(payload, &self.rule.function_arn())
            .await
    }
}
