//! An invented organization: any number of accounts with a known mix of problems.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use root_keys::exemptions::{Exemption, Exemptions};
use root_keys::organization::account::Account;
use root_keys::organization::facts::{
    AggregatedResults, Details, Facts, Instance, RuleResult, StackSet, Viewpoint,
};
use root_keys::status::assessment::assess;
use root_keys::status::history::{Day, History, Repair, Switches};
use root_keys::status::report::Report;
use root_keys::time::Time;

const MANAGEMENT: &str = "100000000000";
const ROOT: &str = "o-example01/r-ab12";
const UNITS: [&str; 8] = [
    "ou-ab12-production/ou-ab12-payments",
    "ou-ab12-production/ou-ab12-storefront",
    "ou-ab12-production/ou-ab12-logistics",
    "ou-ab12-staging",
    "ou-ab12-sandbox",
    "ou-ab12-security",
    "ou-ab12-suspended",
    "ou-ab12-acquired/ou-ab12-bookshop",
];
const NAMES: [&str; 8] = [
    "payments",
    "checkout",
    "search",
    "ledger",
    "analytics",
    "media",
    "identity",
    "warehouse",
];

/// What somebody could write into a name or an annotation to harm a reader.
const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=https://example.com/x.png onerror=alert(1)>",
    "'onmouseover='alert(1)",
    "</td></table></details><h1>All is well</h1>",
    "\u{202e}txt.exe\u{2066}\0\u{7}\u{85}\u{2028}",
    "=HYPERLINK(\"https://example.com\",\"click\")",
    "</style><style>*{display:none}</style>&lt;b&gt;&amp;",
    "`aws s3 rm` https://github.com/evil https://example.com javascript:alert(1) --> ]]> {{7*7}}",
];

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_766_400, 0).unwrap_or_default()
}

fn hours_ago(hours: i64) -> Time {
    Time(now() - TimeDelta::hours(hours))
}

/// What is wrong with the account of that number.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Well,
    Key,
    Stale,
    Failed,
    Missing,
    Suspended,
    NotRead,
}

fn state(number: usize) -> State {
    match number {
        _ if number % 97 == 12 => State::Key,
        _ if number % 89 == 17 => State::Failed,
        _ if number % 83 == 22 => State::Stale,
        _ if number % 79 == 26 => State::Missing,
        _ if number % 73 == 31 => State::Suspended,
        _ if number % 499 == 35 => State::NotRead,
        _ => State::Well,
    }
}

fn id(number: usize) -> String {
    format!("{}", 100_000_000_000_u64 + number as u64 * 7_919_131)
}

fn name(number: usize, hostile: bool) -> String {
    let name = NAMES[number / 3 % NAMES.len()];
    match number % 9 {
        _ if hostile && number > 0 => {
            let long = "long ".repeat(if number == 9 { 2_000 } else { 0 });
            format!("{long}{}", HOSTILE[number % HOSTILE.len()])
        }
        0 if number == 0 => "management".to_owned(),
        8 => format!("{name}-café-{number}"),
        _ => format!("{name}-{number}"),
    }
}

/// The report of so many accounts, the management account among them.
pub fn report(accounts: usize, hostile: bool) -> Report {
    let facts = facts(accounts, hostile);
    let exempt = (0..accounts).filter(|it| state(*it) == State::Key).take(3);
    let days = [120, 9, -2];
    let exemptions: Exemptions = exempt
        .zip(days)
        .map(|(number, days)| (id(number), exemption(number, days, hostile)))
        .collect();
    Report::new(&facts, assess(&facts), &Ok(exemptions))
}

/// The same where the aggregator could not be read.
pub fn blind_report(accounts: usize) -> Report {
    let mut facts = facts(accounts, false);
    facts.results = Err("config:DescribeConfigurationAggregators: AccessDenied".to_owned());
    Report::new(&facts, assess(&facts), &Ok(Exemptions::new()))
}

fn exemption(number: usize, days: i64, hostile: bool) -> Exemption {
    let words = |plain: &str, place: usize| {
        let words = if hostile { HOSTILE[place] } else { plain };
        words.to_owned()
    };
    Exemption {
        account: id(number),
        owner: words("payments team", 0),
        reason: words("SES relay of the billing system", 2),
        ticket: Some(words("SEC-1207", 1)),
        expires: (now() + TimeDelta::days(days)).date_naive(),
    }
}

fn facts(accounts: usize, hostile: bool) -> Facts {
    let (mut known, mut instances) = (Vec::new(), BTreeMap::new());
    let mut by_account = BTreeMap::new();
    for number in 0..accounts {
        let state = state(number);
        let unit = match state {
            _ if number == 0 => String::new(),
            State::Suspended => format!("/{}", UNITS[6]),
            _ => format!("/{}", UNITS[number * 31 % UNITS.len()]),
        };
        known.push(Account {
            id: id(number),
            name: Some(name(number, hostile)),
            state: (state == State::Suspended).then(|| "SUSPENDED".to_owned()),
            path: (number % 211 != 40).then(|| format!("{ROOT}{unit}/{}/", id(number))),
            management: Some(MANAGEMENT.to_owned()),
        });
        if number > 0 && state != State::Missing {
            instances.insert(id(number), instance(state));
        }
        if !matches!(state, State::Missing | State::Failed | State::Suspended) {
            by_account.insert(id(number), vec![result(number, state, hostile)]);
        }
    }
    let results = AggregatedResults {
        aggregator: "organization".to_owned(),
        by_account,
        other_regions: BTreeMap::new(),
        not_collected: BTreeMap::new(),
        organization: None,
    };
    let policies = Err(
        "organizations:ListPolicies as arn:aws:sts::100000000000:assumed-role/watch/watch: \
         AccessDeniedException: no identity-based policy allows it; attach `root-keys/status-policy.json`"
            .to_owned(),
    );
    let stack_set = StackSet {
        organizational_units: vec!["r-ab12".to_owned()],
        brings_the_rule: true,
        frequency: Some("TwentyFour_Hours".to_owned()),
        instances,
        other_regions: BTreeMap::<String, BTreeSet<String>>::new(),
    };
    Facts {
        viewpoint: Viewpoint {
            account: MANAGEMENT.to_owned(),
            arn: "arn:aws:sts::100000000000:assumed-role/watch/watch".to_owned(),
            region: "us-east-1".to_owned(),
            organization: "o-example01".to_owned(),
            management: MANAGEMENT.to_owned(),
        },
        accounts: known,
        stack_set: Ok(Some(stack_set)),
        pack: Ok(None),
        results: Ok(results),
        policies: if accounts < 10 {
            Ok(Vec::new())
        } else {
            policies
        },
        elsewhere: Vec::new(),
        sources: Vec::new(),
        now: Time(now()),
    }
}

fn instance(state: State) -> Instance {
    let (status, detailed, reason) = match state {
        State::Failed => (
            "OUTDATED",
            "FAILED",
            Some("ResourceLogicalId:Pack, NoAvailableConfigurationRecorderException"),
        ),
        State::Suspended => ("OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT", None),
        _ => ("CURRENT", "SUCCEEDED", None),
    };
    Instance {
        status: status.to_owned(),
        detailed_status: Some(detailed.to_owned()),
        reason: reason.map(str::to_owned),
        unit: Some("r-ab12".to_owned()),
        source: "cloudformation:ListStackInstances".into(),
    }
}

fn result(number: usize, state: State, hostile: bool) -> RuleResult {
    let (compliance, annotation) = match state {
        State::Key => (
            "NON_COMPLIANT",
            "The root user has access keys: key 1 active, created or last changed 2024-03-11, last used 2026-11-20 \
             (s3, eu-west-1). See the runbook.",
        ),
        _ => ("COMPLIANT", "The root user has no access keys."),
    };
    let annotation = if hostile {
        HOSTILE[number % 8]
    } else {
        annotation
    };
    let hours = if state == State::Stale { 75 } else { 2 };
    let details = Details {
        compliance_type: Some(compliance.to_owned()),
        annotation: Some(annotation.to_owned()),
        recorded: Some(hours_ago(hours)),
        invoked: Some(hours_ago(hours)),
        source: "config:GetAggregateComplianceDetailsByConfigRule".into(),
    };
    let rule = match number {
        0 => "root-access-key-rule".to_owned(),
        _ => "root-access-key-rule-conformance-pack-1a2b3c4d5".to_owned(),
    };
    RuleResult {
        account: id(number),
        rule,
        compliance_type: compliance.to_owned(),
        details: match state {
            State::NotRead => Err("config:GetAggregateComplianceDetailsByConfigRule: ThrottlingException: Rate exceeded".to_owned()),
            _ => Ok(Some(details)),
        },
    }
}

/// Ninety reports that end with this one.
pub fn history(report: &Report) -> History {
    let today = report.head.at.0.date_naive();
    let ago = |days: usize| today - TimeDelta::days(i64::try_from(days).unwrap_or_default());
    let accounts = report.accounts.len();
    let today_keys =
        report.count(root_keys::status::account_status::AccountCompliance::NonCompliant);
    let days = (0..90).rev().map(|days| Day {
        day: ago(days),
        accounts: accounts - (days / 4).min(accounts - 1),
        open: report.open + days * days / 220 + days * 7 % 5,
        non_compliant: today_keys + days / 17,
        partial: [0, 33, 34, 71].contains(&days),
    });
    let mut days: Vec<_> = days.collect();
    if let Some(last) = days.last_mut() {
        last.open = report.open;
    }
    let mut since: BTreeMap<String, BTreeMap<_, NaiveDate>> = BTreeMap::new();
    for (number, status) in report.accounts.iter().enumerate().filter(|(_, it)| it.open) {
        for problem in status.open_problems() {
            let days = number * 13 % 41;
            let account = since.entry(status.account.clone()).or_default();
            account.insert(problem.kind, ago(days));
        }
    }
    let repaired = report.accounts.iter().find(|it| it.function == "none");
    History {
        days,
        since,
        switches: Some(Switches {
            repair: true,
            digest: true,
        }),
        repairs: repaired
            .map(|it| Repair {
                account: Some(it.account.clone()),
                what: "the stack is being created; the result is in the next report.".to_owned(),
            })
            .into_iter()
            .collect(),
        not_visible: Vec::new(),
    }
}
