//! An organization with the rule rolled out, as far as each test wants it, and
//! `root-keys status` looking at it.

use std::ops::Deref;
use std::process::Command;

use chrono::{DateTime, Duration};
use local_aws::{
    Account, Aggregator, ConfigRule, Credentials, LocalAws, Organization, RULE_NAME, StackInstance,
    StackSet,
};

use crate::wire::{Ended, Wire, end, unwrapped};

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
}

/// As AWS Config names a rule that a conformance pack brought.
pub fn pack_rule(account: &str) -> String {
    format!("{RULE_NAME}-conformance-pack-{}", &account[..9])
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
        let rollout = Self { wire, organization };
        rollout.evaluate(MANAGEMENT, RULE_NAME, CLEAN, 1);
        rollout
    }

    /// That, and two members with function and rule, evaluated two hours ago.
    pub async fn of_two() -> Self {
        let mut rollout = Self::new().await;
        for (id, name) in [(PAYMENTS, "payments"), (WEB, "web")] {
            rollout.reach(id, name);
            rollout.evaluate(id, &pack_rule(id), CLEAN, 2);
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

    /// Runs `root-keys status --all` with these arguments in the home region.
    pub async fn status(&self, arguments: &[&str]) -> Ended {
        self.status_in("us-east-1", &[&["--all"], arguments].concat())
            .await
    }

    /// Runs `root-keys status` with these arguments and no other.
    pub async fn brief(&self, arguments: &[&str]) -> Ended {
        self.status_in("us-east-1", arguments).await
    }

    pub async fn status_in(&self, region: &str, arguments: &[&str]) -> Ended {
        let mut command = self.command(arguments);
        command.env("AWS_REGION", region);
        end(command.spawn().unwrap()).await
    }

    /// `root-keys status` with these arguments in the home region, about to be run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.put_organization(self.organization.clone());
        let mut command = self.wire.command(&["status"]);
        command.args(arguments).env("AWS_REGION", "us-east-1");
        command
    }
}

impl Deref for Rollout {
    type Target = Wire;

    fn deref(&self) -> &Wire {
        &self.wire
    }
}

/// With `TIME` for each moment in it.
pub fn timeless(text: &str) -> String {
    let mut timeless = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let moment = rest
            .get(..20)
            .filter(|it| it.ends_with('Z') && DateTime::parse_from_rfc3339(it).is_ok());
        let length = moment.map_or(next.len_utf8(), str::len);
        timeless.push_str(if moment.is_some() {
            "TIME"
        } else {
            &rest[..length]
        });
        rest = &rest[length..];
    }
    timeless
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

/// The first line, which is the verdict.
pub fn verdict(ended: &Ended) -> &str {
    ended.out.lines().next().unwrap_or_default()
}

/// The second line, which counts the accounts.
pub fn counts(ended: &Ended) -> &str {
    ended.out.lines().nth(1).unwrap_or_default()
}

/// The table of all accounts: `account | compliance | name | function | rule`; the
/// tests of prevention read the last column.
pub fn rows(ended: &Ended) -> String {
    let lines = ended.out.lines();
    let mut lines = lines.skip_while(|line| !line.starts_with("ACCOUNT "));
    let head = lines
        .next()
        .unwrap_or_else(|| panic!("no table: {ended:?}"));
    let columns = [
        "ACCOUNT",
        "COMPLIANCE",
        "NAME",
        "FUNCTION",
        "RULE",
        "NEW KEYS",
    ];
    let starts = columns.map(|it| head.find(it).unwrap());
    let rows = lines.take_while(|line| !line.is_empty());
    let rows = rows.filter(|line| !line.starts_with(' '));
    let row = |line: &str| {
        let line: Vec<char> = line.chars().collect();
        let cells = starts.iter().zip(&starts[1..]).map(|(start, end)| {
            let end = *end;
            let cell: String = line[(*start).min(line.len())..end.min(line.len())]
                .iter()
                .collect();
            cell.trim().to_owned()
        });
        cells.collect::<Vec<_>>().join(" | ") + "\n"
    };
    rows.map(row).collect()
}

/// Exit code and table.
pub fn is(ended: &Ended, code: i32, expected: &str) {
    assert_eq!(rows(ended), expected, "{ended:?}");
    assert_eq!(ended.code, Some(code), "{}", ended.out);
}

/// What could not be read and the issues, one line each.
pub fn to_fix(ended: &Ended) -> String {
    let body = body(ended);
    let body = body.split("ACCOUNT ").next().unwrap_or_default();
    let issues = unwrapped(body.trim_end());
    let is_issue =
        |line: &&str| line.starts_with("Not visible") || line.starts_with(char::is_numeric);
    let issues = issues.lines().filter(is_issue);
    let issues = issues.filter(|line| !line.ends_with("to fix:"));
    issues.collect::<Vec<_>>().join("\n")
}
