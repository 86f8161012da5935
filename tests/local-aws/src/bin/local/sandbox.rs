//! One account with its rule, and the function that the rule calls.

use std::{io, time::Duration};

use local_aws::{ConfigRule, Fault, LocalAws, Outcome, RULE_NAME};

use crate::{
    expected::Evaluated,
    fleet::Member,
    function::{Binary, Function},
};

pub struct Sandbox {
    pub member: Member,
    function: Function,
    rule: ConfigRule,
}

/// The result of one account, and whether it is the expected one.
pub struct Row {
    pub account: String,
    pub what: &'static str,
    pub result: Evaluated,
    pub took: Option<Duration>,
    /// The expected result, if this is another one.
    pub instead_of: Option<String>,
    /// What the function logged.
    pub log: String,
}

impl Sandbox {
    /// Adds the account to the emulator and starts the binary with its credentials.
    pub async fn start(aws: &LocalAws, binary: &Binary, member: Member) -> io::Result<Self> {
        let account = &member.account;
        aws.put_account(account.clone());
        for operation in member.denied {
            aws.fault_always(&account.id, *operation, Fault::Denied);
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

    /// Evaluates the account once, as AWS Config would, and compares the result.
    pub async fn evaluate(&self, aws: &LocalAws) -> Row {
        let Member {
            account,
            what,
            expected,
            ..
        } = &self.member;
        let before = aws.evaluations(&account.id).len();
        let outcome = self.invoke(aws.event(&account.id).to_string()).await;
        let result = Evaluated::new(outcome, &aws.evaluations(&account.id)[before..]);
        Row {
            account: account.id.clone(),
            what,
            took: self.function.runtime.last_duration(),
            instead_of: (!expected.is(&result)).then(|| expected.to_string()),
            result,
            log: self.log(),
        }
    }

    /// What the function has logged since the last call.
    pub fn log(&self) -> String {
        self.function.log()
    }

    /// Runs the function once on any payload.
    pub async fn invoke(&self, payload: impl Into<Vec<u8>>) -> Outcome {
        let arn = self.rule.function_arn();
        self.function.invoke(payload, &arn).await
    }
}
