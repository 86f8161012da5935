//! The description of the organization, and how the emulator comes to hold it.

use chrono::Duration;
use local_aws::{
    Account, Aggregator, ConfigRule, Fault, LocalAws, Member, Operation, Organization, RULE_NAME,
    Report, RootKey, StackInstance, StackSet,
};
use serde::Deserialize;
use serde_json::Value;

/// The principals of StackSets and of aggregators.
const SERVICES: [&str; 2] = [
    "member.org.stacksets.cloudformation.amazonaws.com",
    "config.amazonaws.com",
];

/// An organization with its rollout.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Description {
    /// The management account's 12 digits.
    pub management_account: String,
    /// The member that administers the rollout.
    pub administrator: String,
    /// The unit that the StackSet goes to.
    pub unit: String,
    /// Name of the StackSet.
    pub stack_set: String,
    /// The StackSet's template.
    pub template: String,
    pub members: Vec<Described>,
}

/// One member account.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Described {
    /// 12 digits.
    pub account: String,
    pub name: String,
    /// `ACTIVE` or `SUSPENDED`.
    pub state: String,
    /// AWS Config records there.
    pub recorder: bool,
    /// The StackSet's instance, where there is one.
    pub instance: Option<Instance>,
    /// The root user's access keys.
    #[serde(default)]
    pub root_keys: Vec<Key>,
    /// IAM refuses every call.
    #[serde(default)]
    pub denied: bool,
    /// The rule, where there is one.
    pub rule: Option<Rule>,
    /// ARN of the function, where there is one.
    pub function: Option<String>,
    /// What that function gets, in this order.
    #[serde(default)]
    pub events: Vec<Value>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Key {
    Active,
    Inactive,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Instance {
    pub status: String,
    pub detailed_status: String,
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    pub name: String,
    /// The result tokens that AWS Config has given out for it.
    pub tokens: Vec<String>,
}

impl Description {
    /// Makes the emulator hold all of it, at the time of this machine.
    pub fn populate(&self, aws: &LocalAws) {
        aws.run_clock();
        let mut organization = Organization::new(&self.management_account);
        let mut stack_set = StackSet::new(&self.stack_set, &self.template);
        stack_set.units = vec![self.unit.clone()];
        for member in &self.members {
            member.populate(aws);
            organization.members.push(Member {
                account: member.account.clone(),
                name: member.name.clone(),
                state: kept(&member.state),
                unit: Some(self.unit.clone()),
            });
            let instance = member.instance.as_ref();
            stack_set.instances.extend(instance.map(|it| StackInstance {
                unit: self.unit.clone(),
                status: kept(&it.status),
                detailed_status: kept(&it.detailed_status),
                reason: Some(it.reason.clone()).filter(|reason| !reason.is_empty()),
                ..StackInstance::current(&member.account)
            }));
        }
        aws.put_account(Account::new(&self.management_account));
        aws.delete_rule(&self.management_account, RULE_NAME);
        organization.stack_sets.push(stack_set);
        organization.trusted_services = SERVICES.to_vec();
        organization.delegated = SERVICES
            .map(|service| (service, self.administrator.clone()))
            .to_vec();
        let aggregator = Aggregator::of_organization("organization", &self.administrator);
        organization.aggregators.push(aggregator);
        aws.put_organization(organization);
    }
}

impl Described {
    fn populate(&self, aws: &LocalAws) {
        let id = &self.account;
        let made = aws.now() - Duration::days(400);
        let mut account = Account::new(id).with_report(Report::Complete {
            generated_at: aws.now() - Duration::hours(1),
        });
        account.recorder = self.recorder;
        for (slot, key) in account.root_keys.iter_mut().zip(&self.root_keys) {
            *slot = Some(match key {
                Key::Active => RootKey::active(made),
                Key::Inactive => RootKey::inactive(made),
            });
        }
        aws.put_account(account);
        aws.delete_rule(id, RULE_NAME);
        if self.denied {
            for operation in [
                Operation::GetAccountSummary,
                Operation::GetCredentialReport,
                Operation::GenerateCredentialReport,
            ] {
                aws.fault_always(id, operation, Fault::Denied);
            }
        }
        if let Some(rule) = &self.rule {
            aws.put_rule(ConfigRule::new(id, &rule.name));
            for token in &rule.tokens {
                aws.accept_token(id, &rule.name, token);
            }
        }
    }
}

/// The emulator knows AWS's words as constants; these are few, and the process is short.
fn kept(word: &str) -> &'static str {
    word.to_owned().leak()
}
