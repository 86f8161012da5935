//! An organization with the rule rolled out as far as each test needs, and
//! `root-keys status` run on it.

use std::ops::Deref;
use std::process::Command;

use chrono::Duration;
pub use local_aws::pack_rule;
use local_aws::{
    Account, Aggregator, ConfigRule, Credentials, Fault, LocalAws, Operation, Organization,
    RULE_NAME, StackInstance, StackSet,
};
use serde_json::Value;

use crate::screen::timeless;
use crate::wire::{Ended, Wire, end};

pub const ALL: &[&str] = &["--all"];

pub const HOME: &str = "us-east-1";
pub const MANAGEMENT: &str = "999999999999";
pub const PAYMENTS: &str = "111111111111";
pub const WEB: &str = "222222222222";
pub const NAME: &str = "root-access-key-rule-org";
pub const UNIT: &str = "ou-loca-accounts";
pub const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";
pub const PACKS: &str = "config-multiaccountsetup.amazonaws.com";
pub const CLEAN: (&str, &str) = ("COMPLIANT", "The root user has no access keys.");
pub const KEY: (&str, &str) = ("NON_COMPLIANT", "The root user has access keys.");

pub struct Rollout {
    pub wire: Wire,
    pub organization: Organization,
    /// From which region the command reads.
    pub region: &'static str,
}

/// What is different from [`Rollout::of_two`].
pub type Change = fn(&mut Rollout);

/// Runs `root-keys status` with these arguments after each change: the screen has the
/// name of the case.
pub async fn shows(folder: &str, cases: &[(&str, &[&str], Change)]) {
    for (case, arguments, change) in cases {
        let mut rollout = Rollout::of_two().await;
        change(&mut rollout);
        let ended = rollout.brief(arguments).await;
        ended.is_screen(&format!("{folder}/{case}"));
    }
}

/// The members' template, as far as the command reads it.
pub fn template(frequency: &str) -> String {
    serde_json::json!({"Resources": {
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {}},
        "Pack": {"Type": "AWS::Config::ConformancePack", "Properties": {
            "ConformancePackInputParameters": [
                {"ParameterName": "FunctionArn", "ParameterValue": {"Fn::GetAtt": ["Function", "Arn"]}},
                {"ParameterName": "MaximumExecutionFrequency", "ParameterValue": frequency},
            ],
        }},
    }})
    .to_string()
}

impl Rollout {
    /// The management account with the account stack, evaluated an hour ago, a
    /// StackSet without instances and an aggregator.
    pub async fn new() -> Self {
        let aws = LocalAws::start().await.unwrap();
        aws.run_clock();
        let operator = aws.put_account(Account::new(MANAGEMENT));
        let mut organization = Organization::new(MANAGEMENT);
        let mut stack_set = StackSet::new(NAME, &template("TwentyFour_Hours"));
        stack_set.units = vec![UNIT.to_owned()];
        organization.stack_sets.push(stack_set);
        organization.trusted_services = vec![STACK_SETS, "config.amazonaws.com"];
        let aggregator = Aggregator::of_organization("organization", MANAGEMENT);
        organization.aggregators.push(aggregator);
        let wire = Wire { aws, operator };
        let rollout = Self {
            wire,
            organization,
            region: HOME,
        };
        rollout.evaluate(MANAGEMENT, RULE_NAME, CLEAN, 1);
        rollout
    }

    /// That, and two members with function and rule, evaluated two hours ago.
    pub async fn of_two() -> Self {
        let mut rollout = Self::new().await;
        for (id, name) in [(PAYMENTS, "payments"), (WEB, "web")] {
            rollout.reach(id, name);
            rollout.report(id, CLEAN, 2);
        }
        rollout
    }

    /// A member of the unit that nothing has come to yet.
    pub fn join(&mut self, id: &str, name: &str) {
        self.put_account(Account::new(id));
        self.delete_rule(id, RULE_NAME);
        self.organization = self.organization.clone().with_member(id, name);
        self.member(id).unit = Some(UNIT.to_owned());
    }

    /// A member that the StackSet has brought function and rule; no result yet.
    pub fn reach(&mut self, id: &str, name: &str) {
        self.join(id, name);
        let mut instance = StackInstance::current(id);
        UNIT.clone_into(&mut instance.unit);
        self.organization.stack_sets[0].instances.push(instance);
        self.put_rule(ConfigRule::new(id, &pack_rule(id)));
    }

    pub fn member(&mut self, id: &str) -> &mut local_aws::Member {
        let mut members = self.organization.members.iter_mut();
        members.find(|member| member.account == id).unwrap()
    }

    pub fn instance(&mut self, id: &str) -> &mut StackInstance {
        let mut instances = self.organization.stack_sets[0].instances.iter_mut();
        instances.find(|instance| instance.account == id).unwrap()
    }

    /// A result of that rule, so many hours old.
    pub fn evaluate(&self, id: &str, rule: &str, result: (&str, &str), hours: i64) {
        let at = self.now() - Duration::hours(hours);
        self.put_evaluation(id, rule, result, at);
    }

    /// A result of the rule that the StackSet's pack brought to the account.
    pub fn report(&self, id: &str, result: (&str, &str), hours: i64) {
        self.evaluate(id, &pack_rule(id), result, hours);
    }

    /// The account stack's rule in the account, in that region, with a result.
    pub fn own_rule(&self, id: &str, region: &str, result: (&str, &str), hours: i64) {
        let mut rule = ConfigRule::new(id, RULE_NAME);
        region.clone_into(&mut rule.region);
        self.put_rule(rule);
        self.evaluate(id, RULE_NAME, result, hours);
    }

    /// The StackSet's stack in the account is in that state.
    pub fn set_stack(&mut self, id: &str, status: &'static str, detailed: &'static str) {
        let instance = self.instance(id);
        (instance.status, instance.detailed_status) = (status, detailed);
    }

    /// Every call of that operation from the management account fails.
    pub fn fails(&self, operation: Operation, fault: Fault) {
        self.fault_always(MANAGEMENT, operation, fault);
    }

    /// Every response to that operation is this JSON.
    pub fn responds(&self, operation: Operation, response: &Value) {
        self.fails(operation, Fault::json(response.to_string()));
    }

    /// The account asks from now on, as delegated administrator for all of these.
    pub fn ask_from(&mut self, id: &str, services: &[&'static str]) -> Credentials {
        for service in services {
            self.organization.delegated.push((service, id.to_owned()));
        }
        let aggregator = Aggregator::of_organization("organization", id);
        self.organization.aggregators.push(aggregator);
        let operator = Account::new(id).credentials();
        self.wire.operator = operator.clone();
        operator
    }

    /// Runs `root-keys status --all` with these arguments.
    pub async fn status(&self, arguments: &[&str]) -> Ended {
        self.brief(&[&["--all"], arguments].concat()).await
    }

    /// Runs `root-keys status` with these arguments and no other.
    pub async fn brief(&self, arguments: &[&str]) -> Ended {
        end(self.command(arguments).spawn().unwrap()).await
    }

    /// `root-keys status` with these arguments, about to be run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.put_organization(self.organization.clone());
        let mut command = self.wire.command(&["status"]);
        command.args(arguments).env("AWS_REGION", self.region);
        command
    }
}

impl Deref for Rollout {
    type Target = Wire;

    fn deref(&self) -> &Wire {
        &self.wire
    }
}

/// All below the verdict and the head.
pub fn body(ended: &Ended) -> String {
    let text = timeless(&ended.out);
    let (head, body) = text.split_once("\n\n").unwrap_or_default();
    assert!(
        head.contains("\nOrganization o-localaws01 in "),
        "{ended:?}"
    );
    body.to_owned()
}

/// The second line, which counts the accounts.
pub fn counts(ended: &Ended) -> &str {
    ended.out.lines().nth(1).unwrap_or_default()
}
