//! The organization as it is, and as the emulator shows it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use local_aws::{
    Account, ConfigRule, LocalAws, NO_RECORDER, Organization, RULE_NAME, StackInstance, StackSet,
    StackSetOperation, pack_rule,
};
use serde_json::{Value, json};

use crate::history::{Day, Event, Other, Plain, Run, Stack};
use crate::wire::{Sent, Wire};

pub const MANAGEMENT: &str = "999999999999";
const STACK_SET: &str = "root-access-key-rule-org";
pub const BUCKET: &str = "watch-999999999999";
/// The organizational unit that the StackSet deploys to, and another one.
pub const UNIT: &str = "ou-loca-accounts";
const OTHER_UNIT: &str = "ou-loca-sandboxes";
const CLEAN: (&str, &str) = ("COMPLIANT", "The root user has no access keys.");
const KEY: (&str, &str) = ("NON_COMPLIANT", "The root user has access keys.");

pub struct Fleet {
    pub wire: Wire,
    pub members: Vec<Member>,
    /// What CloudFormation was asked to do, in order.
    pub operations: Vec<Operation>,
    /// The operation of the watch that has not ended.
    running: Option<Running>,
    pub day: NaiveDate,
    pub moment: Moment,
}

/// An operation of the watch that has not ended.
#[derive(Debug)]
struct Running {
    operation: StackSetOperation,
    accounts: Vec<String>,
    /// The day on which it ends.
    ends: NaiveDate,
}

/// What decides whether something may be repaired, apart from the accounts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moment {
    /// Whether repair is switched on.
    pub switched_on: bool,
    /// The last update of the StackSet by somebody else.
    pub other: Option<Other>,
    /// Whether an operation of the watch has not ended.
    pub runs: bool,
    /// Whether there was a report before this run, and it can be read.
    pub has_report: bool,
}

/// One account as it is.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is one thing that can be so"
)]
#[derive(Debug, Clone)]
pub struct Member {
    pub id: String,
    pub plain: Plain,
    pub joined: bool,
    pub active: bool,
    pub silent: bool,
    /// Whether an operation in it has not ended.
    pub in_progress: bool,
    /// Whether the StackSet has brought the rule, which stays when an update fails.
    pub has_rule: bool,
    /// The last result: when, and whether it says that there are keys.
    pub result: Option<(DateTime<Utc>, bool)>,
    /// The last day of its exemption.
    pub exempt_until: Option<NaiveDate>,
}

/// A request to create or update stacks that CloudFormation has received.
#[derive(Debug, Clone)]
pub struct Operation {
    pub id: String,
    pub creates: bool,
    pub accounts: Vec<String>,
    pub accepted: bool,
    pub day: NaiveDate,
    /// What was so when its run began.
    pub members: Vec<Member>,
    /// What was so when it was requested.
    pub moment: Moment,
}

impl Fleet {
    pub async fn new(members: &[Plain]) -> Self {
        let aws = LocalAws::start().await.unwrap();
        aws.put_account(Account::new(MANAGEMENT));
        aws.put_bucket(BUCKET, MANAGEMENT);
        let numbered = (1..).zip(members);
        let members = numbered.map(|(number, it)| Member::new(number, it));
        let members: Vec<_> = members.collect();
        for member in &members {
            aws.put_account(Account::new(&member.id));
            aws.delete_rule(&member.id, RULE_NAME);
        }
        Self {
            wire: Wire::new(aws),
            members,
            operations: Vec::new(),
            running: None,
            day: day(0),
            moment: Moment::default(),
        }
    }

    /// A new day: its events happen, then the accounts report.
    pub fn begin(&mut self, number: u32, events: &Day) {
        self.day = day(number);
        self.wire.aws.set_time(self.at(4));
        self.moment.switched_on = events.switches.is_some_and(|(repair, _)| repair);
        self.end_operation();
        self.update(events.other);
        for (member, event) in &events.events {
            self.happen(*member, *event);
        }
        let at = self.at(4);
        self.wire
            .aws
            .put_evaluation(MANAGEMENT, RULE_NAME, CLEAN, at);
        for member in &mut self.members {
            if member.joined && member.active && member.has_rule && !member.silent {
                let result = if member.plain.has_key { KEY } else { CLEAN };
                self.wire
                    .aws
                    .put_evaluation(&member.id, &pack_rule(&member.id), result, at);
                member.result = Some((at, member.plain.has_key));
            }
        }
        self.wire
            .aws
            .put_object(BUCKET, "exemptions.json", &self.exemptions().to_string());
    }

    /// The run of that number on this day begins.
    pub fn advance(&mut self, number: usize, run: &Run) {
        self.wire.aws.set_time(self.hour(number));
        let has_report = self.wire.aws.object(BUCKET, "latest.json").is_some();
        self.moment.has_report = has_report && !run.record_denied;
        self.moment.runs = self.running.is_some();
        self.show();
    }

    /// When the run of that number begins.
    pub fn hour(&self, run: usize) -> DateTime<Utc> {
        self.at([5, 17][run.min(1)])
    }

    /// Somebody else updates the StackSet; an update that ran yesterday succeeds.
    fn update(&mut self, other: Option<Other>) {
        if self.moment.other == Some(Other::Runs) {
            self.put_update(self.day - TimeDelta::days(1), "SUCCEEDED");
            self.moment.other = Some(Other::Succeeded);
        }
        let status = match other {
            None => return,
            Some(Other::Runs) => "RUNNING",
            Some(Other::Stopped) => "FAILED",
            Some(Other::Succeeded) => "SUCCEEDED",
        };
        self.put_update(self.day, status);
        self.moment.other = other;
    }

    /// Somebody else begins to update the StackSet while a run is under way.
    pub fn somebody_updates(&self) {
        self.put_update(self.day, "RUNNING");
    }

    fn put_update(&self, day: NaiveDate, status: &'static str) {
        self.wire.aws.put_stack_set_operation(StackSetOperation {
            id: format!("somebody-{day}"),
            stack_set: STACK_SET.to_owned(),
            action: "UPDATE",
            status,
            at: day.and_hms_opt(3, 0, 0).unwrap().and_utc(),
        });
    }

    fn at(&self, hour: u32) -> DateTime<Utc> {
        self.day.and_hms_opt(hour, 0, 0).unwrap().and_utc()
    }

    fn happen(&mut self, number: usize, event: Event) {
        let today = self.day;
        let Some(member) = self.members.get_mut(number) else {
            return;
        };
        match event {
            Event::CreatesKey => member.plain.has_key = true,
            Event::DeletesKey => member.plain.has_key = false,
            Event::StopsReporting => member.silent = true,
            Event::ReportsAgain => member.silent = false,
            Event::GetsRecorder => member.plain.has_recorder = true,
            Event::LosesRecorder => member.plain.has_recorder = false,
            Event::Joins => (member.joined, member.active) = (true, true),
            Event::Leaves => member.joined = false,
            Event::IsSuspended => member.active = false,
            Event::Stack(stack) => {
                member.plain.stack = stack;
                member.has_rule |= stack == Stack::Current;
            }
            Event::IsExempt(days) => {
                member.exempt_until = Some(today + TimeDelta::days(days.into()));
            }
            Event::IsNotExempt => member.exempt_until = None,
        }
    }

    fn exemptions(&self) -> Value {
        let exempt = self.members.iter().filter_map(|it| {
            let expires = it.exempt_until?.to_string();
            Some(
                json!({"account": it.id, "owner": "owner", "reason": "reason", "expires": expires}),
            )
        });
        json!({ "exemptions": exempt.collect::<Vec<_>>() })
    }

    /// Shows the organization as it is to whoever asks the emulator.
    fn show(&self) {
        let aws = &self.wire.aws;
        let mut organization = Organization::new(MANAGEMENT).with_rollout();
        let mut stack_set = StackSet::with_the_rule(&[UNIT]);
        for member in self.members.iter().filter(|it| it.joined) {
            organization = organization.with_member(&member.id, "member");
            let listed = organization.members.last_mut().unwrap();
            let unit = if member.plain.in_unit {
                UNIT
            } else {
                OTHER_UNIT
            };
            listed.unit = Some(unit.to_owned());
            listed.state = if member.active { "ACTIVE" } else { "SUSPENDED" };
            stack_set.instances.extend(member.instance());
            let mut account = Account::new(&member.id);
            account.recorder = member.plain.has_recorder;
            aws.put_account(account);
            let rule = pack_rule(&member.id);
            if member.has_rule {
                aws.put_rule(ConfigRule::new(&member.id, &rule));
            } else {
                // The emulator may have created it in an operation that has not ended.
                aws.delete_rule(&member.id, &rule);
            }
        }
        organization.stack_sets.push(stack_set);
        aws.put_organization(organization);
    }

    /// Notes what CloudFormation was asked to do in the run, and does it: at once, or slowly.
    pub fn note_operations(&mut self, run: &Run) {
        let members = self.members.clone();
        let before = self.moment;
        if run.updated_meanwhile && self.wire.has_died() {
            self.moment.other = Some(Other::Runs);
        }
        for sent in self.wire.take_sent() {
            let creates = sent.is("CreateStackInstances");
            if !creates && !sent.is("UpdateStackInstances") {
                continue;
            }
            let moment = if sent.after_a_crash {
                self.moment
            } else {
                before
            };
            let operation = self.operation(&sent, creates, &members, moment);
            if operation.accepted && run.slow {
                self.start(&operation);
            } else if operation.accepted {
                for id in &operation.accounts {
                    self.deploy(id);
                }
            }
            self.operations.push(operation);
        }
    }

    fn operation(
        &self,
        sent: &Sent,
        creates: bool,
        members: &[Member],
        moment: Moment,
    ) -> Operation {
        let id = sent
            .parameters
            .get("OperationId")
            .cloned()
            .unwrap_or_default();
        let mut earlier = self.operations.iter();
        let known = earlier.any(|it| it.id == id && it.accepted);
        // A response that was lost, or a fault after which AWS has accepted it.
        let mut held = self.wire.aws.stack_set_operations().into_iter();
        let accepted = !known && held.any(|it| it.id == id);
        Operation {
            id,
            creates,
            accounts: sent.list("DeploymentTargets.Accounts"),
            accepted,
            day: self.day,
            members: members.to_vec(),
            moment,
        }
    }

    /// The operation, which the emulator has ended at once, has not ended: it does so on the
    /// day after tomorrow.
    fn start(&mut self, operation: &Operation) {
        let mut held = self.wire.aws.stack_set_operations().into_iter();
        let Some(mut held) = held.find(|it| it.id == operation.id) else {
            return;
        };
        held.status = "RUNNING";
        self.wire.aws.put_stack_set_operation(held.clone());
        let accounts = operation.accounts.clone();
        for member in &mut self.members {
            member.in_progress |= accounts.contains(&member.id);
        }
        self.running = Some(Running {
            operation: held,
            accounts,
            ends: self.day + TimeDelta::days(2),
        });
    }

    /// Ends the operation that has not ended, if its day has come.
    fn end_operation(&mut self) {
        let today = self.day;
        let Some(mut ended) = self.running.take_if(|it| it.ends <= today) else {
            return;
        };
        ended.operation.status = "SUCCEEDED";
        self.wire.aws.put_stack_set_operation(ended.operation);
        for id in &ended.accounts {
            self.deploy(id);
        }
    }

    /// What an operation does in an account.
    fn deploy(&mut self, id: &str) {
        let Some(member) = self.members.iter_mut().find(|it| it.id == id) else {
            return;
        };
        member.in_progress = false;
        member.plain.stack = if member.plain.has_recorder {
            member.has_rule = true;
            Stack::Current
        } else {
            Stack::NoRecorder
        };
    }

    /// The members that somebody has to act on when the run of that number begins.
    pub fn open(&self, run: usize) -> Vec<&Member> {
        let at = self.hour(run);
        let members = self.members.iter();
        members.filter(|it| it.is_open(self.day, at)).collect()
    }
}

impl Member {
    fn new(number: usize, plain: &Plain) -> Self {
        Self {
            id: id(number),
            plain: plain.clone(),
            joined: true,
            active: true,
            silent: false,
            in_progress: false,
            has_rule: plain.stack == Stack::Current,
            result: None,
            exempt_until: None,
        }
    }

    pub fn is_exempt(&self, day: NaiveDate) -> bool {
        self.exempt_until.is_some_and(|it| it >= day)
    }

    /// Whether somebody has to act on it: it has keys, its rule does not report, or its
    /// stack is not current.
    pub fn is_open(&self, day: NaiveDate, at: DateTime<Utc>) -> bool {
        if !self.joined || !self.active || self.is_exempt(day) {
            return false;
        }
        let missing = self.plain.stack == Stack::Missing && self.result.is_none();
        let broken = !matches!(self.plain.stack, Stack::Current | Stack::Missing);
        let reports_well = self
            .result
            .is_some_and(|(when, has_key)| !has_key && at - when <= TimeDelta::hours(27));
        missing || broken || !reports_well
    }

    fn instance(&self) -> Option<StackInstance> {
        let mut instance = StackInstance::current(&self.id);
        UNIT.clone_into(&mut instance.unit);
        if self.in_progress {
            (instance.status, instance.detailed_status) = ("OUTDATED", "RUNNING");
            return Some(instance);
        }
        let (status, detailed, reason) = match self.plain.stack {
            Stack::Current => ("CURRENT", "SUCCEEDED", None),
            Stack::Missing => return None,
            Stack::Throttled => (
                "OUTDATED",
                "FAILED",
                Some("ResourceStatusReason:Rate exceeded (Service: Lambda)"),
            ),
            Stack::NoRecorder => ("OUTDATED", "FAILED", Some(NO_RECORDER)),
            Stack::Denied => (
                "OUTDATED",
                "FAILED",
                Some("is not authorized to perform: lambda:CreateFunction"),
            ),
            Stack::Canceled => (
                "OUTDATED",
                "CANCELLED",
                Some("Cancelled since failure tolerance has exceeded"),
            ),
            Stack::Inoperable => ("INOPERABLE", "INOPERABLE", None),
            Stack::Outdated => ("OUTDATED", "SUCCEEDED", None),
        };
        (instance.status, instance.detailed_status) = (status, detailed);
        instance.reason = reason.map(str::to_owned);
        Some(instance)
    }
}

pub fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 1).unwrap() + TimeDelta::days(i64::from(number))
}

/// Accounts whose first nine digits differ, which names their pack's rule.
fn id(number: usize) -> String {
    format!("{number:0>9}000")
}
