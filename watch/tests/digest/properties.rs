//! Random days of random organizations, against an oracle that knows what is true: what each
//! account needs, since when, and what a digest has said of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use root_access_key_watch::event::Switches;

use crate::days::{Day, ON, Watch};
use crate::organization::{MANAGEMENT, Member, Organization, Reported, Stack, day, id};

const MEMBERS: usize = 6;

/// What happens on one day, before the watch runs.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is one thing that can happen"
)]
#[derive(Debug, Clone)]
struct Events {
    changes: Vec<Change>,
    stack_set_unread: bool,
    results_unread: bool,
    blind: bool,
    exemptions_unread: bool,
    /// Whether Amazon SNS takes the digest.
    publishes: bool,
    switches: Option<Switches>,
    /// How many days pass until the next run.
    pause: u32,
}

#[derive(Debug, Clone)]
enum Change {
    Becomes(usize, Stack, Reported),
    Suspended(usize),
    Leaves(usize),
    Joins(usize),
    Exempt(usize, u32),
    NotExempt(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let stack = prop_oneof![
        4 => Just(Stack::Current),
        1 => Just(Stack::Missing),
        1 => Just(Stack::Failed("Throttling: Rate exceeded".to_owned())),
        1 => Just(Stack::Failed("NoAvailableConfigurationRecorderException".to_owned())),
        1 => Just(Stack::Inoperable),
    ];
    let result = prop_oneof![
        5 => Just(Reported::Compliant),
        3 => Just(Reported::NonCompliant),
        2 => (2..30i64).prop_map(Reported::Silent),
        2 => Just(Reported::None),
        1 => Just(Reported::NotRead("ThrottlingException: Rate exceeded".to_owned())),
    ];
    let member = 1..=MEMBERS;
    prop_oneof![
        8 => (member.clone(), stack, result).prop_map(|(m, s, r)| Change::Becomes(m, s, r)),
        1 => member.clone().prop_map(Change::Suspended),
        1 => member.clone().prop_map(Change::Leaves),
        2 => member.clone().prop_map(Change::Joins),
        2 => (member.clone(), 0..30u32).prop_map(|(m, days)| Change::Exempt(m, days)),
        1 => member.prop_map(Change::NotExempt),
    ]
}

fn events() -> impl Strategy<Value = Events> {
    let rare = || prop::bool::weighted(0.12);
    let switches = prop_oneof![
        12 => Just(Some(ON)),
        1 => Just(Some(Switches { digest: false, ..ON })),
        1 => Just(None),
    ];
    (
        prop::collection::vec(change(), 0..3),
        (rare(), rare(), rare(), rare()),
        prop::bool::weighted(0.85),
        switches,
        prop_oneof![8 => Just(1u32), 1 => 2..5u32],
    )
        .prop_map(|(changes, unread, publishes, switches, pause)| Events {
            changes,
            stack_set_unread: unread.0,
            results_unread: unread.1,
            blind: unread.2,
            exemptions_unread: unread.3,
            publishes,
            switches,
            pause,
        })
}

fn happen(organization: &mut Organization, change: &Change, today: u32) {
    let number = match change {
        Change::Becomes(number, ..)
        | Change::Suspended(number)
        | Change::Leaves(number)
        | Change::Joins(number)
        | Change::Exempt(number, _)
        | Change::NotExempt(number) => id(*number),
    };
    let member = organization.members.get_mut(&number);
    match change {
        Change::Becomes(_, stack, result) => {
            if let Some(member) = member {
                (member.stack, member.result) = (stack.clone(), result.clone());
            }
        }
        Change::Suspended(_) => {
            if let Some(member) = member {
                member.state = "SUSPENDED";
            }
        }
        Change::Leaves(_) => drop(organization.members.remove(&number)),
        Change::Joins(_) => {
            let new = Member::new("joined", "r-ab12/ou-ab12-new");
            organization.members.entry(number).or_insert(new);
        }
        Change::Exempt(_, days) => {
            organization.exempt(&number, "owner", "reason", day(today + days));
        }
        Change::NotExempt(_) => {
            if let Ok(exemptions) = &mut organization.exemptions {
                exemptions.remove(&number);
            }
        }
    }
}

/// What is wrong with an account, by the titles of a report. This is the truth: it does not
/// ask the evaluation.
fn wrong(member: &Member, id: &str) -> BTreeSet<&'static str> {
    let mut wrong = BTreeSet::new();
    if member.state != "ACTIVE" {
        return wrong;
    }
    match &member.stack {
        Stack::Failed(reason) if reason.contains("Recorder") => {
            wrong.insert("The account has no customer managed configuration recorder");
        }
        Stack::Failed(_) => drop(wrong.insert("The StackSet's stack is not current")),
        Stack::Inoperable => drop(wrong.insert("The StackSet's stack is INOPERABLE")),
        Stack::Missing => {
            let unknown = matches!(member.result, Reported::None | Reported::NotRead(_));
            if unknown && id != MANAGEMENT {
                wrong.insert(NO_STACK);
            }
        }
        Stack::Current => {}
    }
    match &member.result {
        Reported::NonCompliant => drop(wrong.insert(KEYS)),
        Reported::Silent(_) => drop(wrong.insert("The rule stopped reporting")),
        Reported::NotRead(_) => {
            wrong.insert(NOT_READ);
        }
        Reported::None if wrong.is_empty() => drop(wrong.insert(NO_RESULT)),
        Reported::None | Reported::Compliant => {}
    }
    wrong
}

/// A line about an account in a digest: the section, the cause, the account, the rest.
type Line = (String, String, String, String);

/// Reads a digest as a person does.
fn lines(text: &str) -> Vec<Line> {
    let (mut section, mut cause) = (String::new(), String::new());
    let mut found = Vec::new();
    for line in text.lines() {
        let id = line.get(4..16).unwrap_or("?");
        let is_account = id.bytes().all(|b| b.is_ascii_digit());
        if !line.starts_with(' ')
            && line.chars().any(char::is_alphabetic)
            && !line.chars().any(char::is_lowercase)
        {
            line.clone_into(&mut section);
            cause.clear();
        } else if let Some((title, _)) = line.split_once(" (").filter(|_| line.ends_with(')')) {
            title.clone_into(&mut cause);
        } else if line.starts_with("    ") && is_account {
            let account = line[4..16].to_owned();
            found.push((
                section.clone(),
                cause.clone(),
                account,
                line[16..].to_owned(),
            ));
        }
    }
    found
}

const KEYS: &str = "The root user has access keys";
const NOT_READ: &str = "The results of the rule could not be read";

const NO_RESULT: &str = "The rule has no result";
const NO_STACK: &str = "The StackSet has no stack in the account";

/// What a report could have known of a problem.
#[derive(Debug, Clone, Copy)]
enum Known {
    /// Since when it is known, and whether a digest that was published has named it.
    Since(NaiveDate, bool),
    /// A report that could not see the account came in between.
    Uncertain,
}

/// What is true, and what was said.
#[derive(Default)]
struct Oracle {
    known: BTreeMap<(String, &'static str), Known>,
    last_weekly: Option<NaiveDate>,
}

/// The world on one day, and how much of it the report could see.
struct Moment<'a> {
    organization: &'a Organization,
    events: &'a Events,
    today: NaiveDate,
}

impl Moment<'_> {
    fn partial(&self) -> bool {
        let mut members = self.organization.members.values();
        let unread = members.any(|it| wrong(it, "").contains(NOT_READ));
        let Events {
            blind,
            results_unread,
            stack_set_unread,
            exemptions_unread,
            ..
        } = self.events;
        *blind || *results_unread || *stack_set_unread || *exemptions_unread || unread
    }

    fn exempt(&self, account: &str) -> bool {
        let exemptions = self.organization.exemptions.as_ref().unwrap();
        let exemption = exemptions.get(account);
        !self.events.exemptions_unread && exemption.is_some_and(|it| it.expires >= self.today)
    }

    /// Everything in the account that somebody has to act on.
    fn truth(&self, account: &str) -> BTreeSet<&'static str> {
        let member = self.organization.members.get(account);
        let mut truth = member.map(|it| wrong(it, account)).unwrap_or_default();
        truth.retain(|cause| !self.exempt(account) || *cause == NOT_READ);
        truth
    }

    /// Whether the report could see everything in the account.
    fn sees(&self, account: &str) -> bool {
        let Events {
            blind,
            results_unread,
            stack_set_unread,
            ..
        } = self.events;
        let member = self.organization.members.get(account);
        let unread = member.is_some_and(|it| wrong(it, account).contains(NOT_READ));
        !blind && !results_unread && !stack_set_unread && !unread
    }

    /// Whether no result says that the root user's keys are gone.
    fn keys_may_remain(&self, account: &str) -> bool {
        let member = self.organization.members.get(account);
        let silent = member.is_some_and(|it| it.result == Reported::None && it.state == "ACTIVE");
        silent && !self.exempt(account)
    }
}

impl Oracle {
    fn accounts() -> impl Iterator<Item = String> {
        (1..=MEMBERS).map(id).chain([MANAGEMENT.to_owned()])
    }

    /// Notes what the report of that day can know.
    fn note(&mut self, now: &Moment<'_>) {
        for account in Self::accounts() {
            let truth = now.truth(&account);
            if now.sees(&account) {
                let sticky = now.keys_may_remain(&account);
                self.known.retain(|(it, cause), _| {
                    *it != account || truth.contains(cause) || (sticky && *cause == KEYS)
                });
            } else {
                for ((_, cause), known) in
                    self.known.iter_mut().filter(|((it, _), _)| *it == account)
                {
                    if !truth.contains(cause) {
                        *known = Known::Uncertain;
                    }
                }
            }
            let first = if now.sees(&account) {
                Known::Since(now.today, false)
            } else {
                Known::Uncertain
            };
            if !now.sees(&account) {
                // A report that cannot see all of the account may find something else.
                for cause in [NO_RESULT, NO_STACK] {
                    let known = self.known.entry((account.clone(), cause));
                    known.or_insert(Known::Uncertain);
                }
            }
            for cause in truth {
                self.known.entry((account.clone(), cause)).or_insert(first);
            }
        }
    }

    fn check(&mut self, now: &Moment<'_>, ran: &Day) -> Result<(), TestCaseError> {
        self.note(now);
        let since_weekly = self.last_weekly.map(|last| (now.today - last).num_days());
        let Some(digest) = &ran.digest else {
            let switched_off = now.events.switches.is_some_and(|it| !it.digest);
            let week = since_weekly.is_some_and(|days| days < 7);
            let quiet = self.known.is_empty() && !now.partial() && week;
            prop_assert!(switched_off || quiet, "no digest: {:?}", self.known);
            return Ok(());
        };
        let text = &digest.text;
        let weekly = digest.subject.contains("compliant and reporting");
        let well = self.known.is_empty() && !now.partial() && now.events.switches.is_some();
        if weekly {
            prop_assert!(well, "{:?}\n{text}", self.known);
            prop_assert!(since_weekly.is_none_or(|days| days >= 7), "too early");
        }
        let mut lines = lines(text);
        lines.retain(|it| !it.0.starts_with("CLOSED") && it.0 != "EXEMPTIONS");
        for account in ran.latest.open.keys() {
            let is_named = lines.iter().any(|it| it.2 == *account);
            prop_assert!(is_named, "{account} is open and missing:\n{text}");
        }
        adds_up(text)?;
        let first_account = text.find("    00000").unwrap_or(usize::MAX);
        let not_visible = text.find("NOT VISIBLE: FIX THIS FIRST");
        if now.partial() || now.events.switches.is_none() {
            prop_assert!(not_visible.is_some_and(|at| at < first_account), "{text}");
        } else {
            prop_assert!(not_visible.is_none(), "{text}");
        }
        self.names_all(now, &lines, text)?;
        self.names_nothing_else(now, &lines, text)?;
        if now.events.publishes {
            for known in self.known.values_mut() {
                if let Known::Since(_, announced) = known {
                    *announced = true;
                }
            }
            self.last_weekly = if weekly {
                Some(now.today)
            } else {
                self.last_weekly
            };
        }
        Ok(())
    }

    /// Every known problem is in the digest, with its age and under the right title.
    fn names_all(&self, now: &Moment<'_>, lines: &[Line], text: &str) -> Result<(), TestCaseError> {
        for ((account, cause), known) in &self.known {
            let Known::Since(since, announced) = known else {
                let found = now.sees(account) && now.truth(account).contains(cause);
                prop_assert!(
                    !found || named(lines, account, cause).is_some(),
                    "{account} {cause}:\n{text}"
                );
                continue;
            };
            let Some((section, .., rest)) = named(lines, account, cause) else {
                return Err(TestCaseError::fail(format!(
                    "{account} {cause} is missing:\n{text}"
                )));
            };
            let age = match (now.today - *since).num_days() {
                0 => "first seen today".to_owned(),
                1 => format!("open for 1 day, since {since}"),
                days => format!("open for {days} days, since {since}"),
            };
            prop_assert!(rest.contains(&age), "{account} {cause}: {rest}, not {age}");
            if now.sees(account) && now.truth(account).contains(cause) {
                let known = section.starts_with("STILL OPEN");
                prop_assert_eq!(known, *announced, "{} {}:\n{}", account, cause, text);
            }
        }
        Ok(())
    }

    /// An account that the report sees is in the digest for nothing that is not so.
    fn names_nothing_else(
        &self,
        now: &Moment<'_>,
        lines: &[Line],
        text: &str,
    ) -> Result<(), TestCaseError> {
        for (_, cause, account, _) in lines {
            let mut known = self.known.keys();
            let is_known = known.any(|(it, what)| it == account && what == cause);
            prop_assert!(
                is_known || !now.sees(account),
                "{account} {cause} is not so:\n{text}"
            );
        }
        Ok(())
    }
}

/// The counts of the head come to the number of accounts.
fn adds_up(text: &str) -> Result<(), TestCaseError> {
    let head = text.split("\n\n").next().unwrap_or_default();
    let counts = head
        .lines()
        .find(|it| it.contains(" compliant and reporting, "));
    let Some((all, counts)) = counts.and_then(|it| it.split_once(" accounts: ")) else {
        return Ok(());
    };
    let numbers = counts
        .split(", ")
        .map(|it| it.split(' ').next().unwrap_or_default());
    let sum: usize = numbers.map(|it| it.parse::<usize>().unwrap()).sum();
    prop_assert_eq!(all.parse(), Ok(sum), "{}", text);
    Ok(())
}

fn named<'a>(lines: &'a [Line], account: &str, cause: &str) -> Option<&'a Line> {
    lines.iter().find(|(_, c, a, _)| a == account && c == cause)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_digest_is_true_and_complete(days in prop::collection::vec(events(), 1..16)) {
        let mut organization = Organization::new().with_compliant(MEMBERS);
        let mut watch = Watch::new();
        let mut oracle = Oracle::default();
        let mut number = 1;
        for events in &days {
            for change in &events.changes {
                happen(&mut organization, change, number);
            }
            let unread = |broken: bool| if broken { Err("AccessDenied".to_owned()) } else { Ok(()) };
            organization.stack_set = unread(events.stack_set_unread);
            organization.results = unread(events.results_unread);
            let mut seen = organization.clone();
            if events.exemptions_unread {
                seen.exemptions = Err("AccessDenied".to_owned());
            }
            watch.publishes = events.publishes;
            watch.switches = events.switches;
            let view = if events.blind { Err("AccessDenied") } else { Ok(&seen) };
            let ran = watch.run(day(number), view);
            let now = Moment { organization: &organization, events, today: day(number) };
            oracle.check(&now, &ran)?;
            number += events.pause;
        }
    }
}
