//! How many accounts a message names, whatever there is to say.

use std::collections::BTreeSet;

use proptest::prelude::*;
use root_access_key_watch::repair::ledger::{Attempts, RepairLedger};
use root_access_key_watch::repair::outcome::{NotRepaired, RepairOutcome};
use root_keys::organization::operation::{Action, StartOperation, Started};

use crate::days::Watch;
use crate::organization::{Member, Organization, Reported, Stack, day, id};

/// The most accounts that a message may name, apart from that of the watch.
const MAX_NAMED: usize = 100;
/// The account of the watch, which is in the name of its bucket.
const WATCH: &str = "888888888888";

/// How many accounts there is something to say of.
#[derive(Debug, Clone)]
struct Sizes {
    with_keys: usize,
    failed: usize,
    silent: usize,
    /// Not read at first, and the next day with a result.
    closing: usize,
    exempt: usize,
    exempt_outside: usize,
    repaired: usize,
    /// Failures of these name as many accounts more.
    foreign: bool,
    unread: Unread,
}

/// What cannot be read on the last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unread {
    Nothing,
    Results,
    Exemptions,
    Accounts,
}

fn sizes() -> impl Strategy<Value = Sizes> {
    let size = || prop_oneof![Just(0), 1..12usize, 40..140usize];
    let unread = prop_oneof![
        3 => Just(Unread::Nothing),
        2 => Just(Unread::Results),
        1 => Just(Unread::Exemptions),
        1 => Just(Unread::Accounts),
    ];
    let sizes = (size(), size(), size(), size(), size(), size(), size());
    (sizes, any::<bool>(), unread).prop_map(|(sizes, foreign, unread)| Sizes {
        with_keys: sizes.0,
        failed: sizes.1,
        silent: sizes.2,
        closing: sizes.3,
        exempt: sizes.4,
        exempt_outside: sizes.5,
        repaired: sizes.6,
        foreign,
        unread,
    })
}

impl Sizes {
    /// A text of AWS that may name an account.
    fn text(&self, number: usize) -> String {
        if self.foreign {
            format!("Account {} should have a role", id(700_000 + number))
        } else {
            "Rate exceeded".to_owned()
        }
    }

    /// The organization on the first day: account numbers in the order of the fields.
    fn organization(&self) -> Organization {
        let mut organization = Organization::new();
        let mut number = 0;
        let mut add = |times: usize, stack: Stack, result: Reported| {
            for _ in 0..times {
                number += 1;
                let (stack, result) = match (&stack, &result) {
                    (Stack::Failed(_), it) => (Stack::Failed(self.text(number)), it.clone()),
                    (it, Reported::NotRead(_)) => {
                        (it.clone(), Reported::NotRead(self.text(number)))
                    }
                    both => (both.0.clone(), both.1.clone()),
                };
                let name = if self.foreign {
                    id(800_000 + number)
                } else {
                    "x".to_owned()
                };
                let member = Member {
                    stack,
                    result,
                    ..Member::new(&name, "r-ab12/ou-ab12-11111111")
                };
                organization.members.insert(id(number), member);
            }
            number
        };
        add(self.with_keys, Stack::Current, Reported::NonCompliant);
        add(self.failed, Stack::Failed(String::new()), Reported::None);
        add(self.silent, Stack::Current, Reported::Silent(5));
        add(
            self.closing,
            Stack::Current,
            Reported::NotRead(String::new()),
        );
        let last = add(self.exempt, Stack::Current, Reported::NonCompliant);
        for number in 0..self.exempt {
            let reason = self.text(10_000 + number);
            organization.exempt(&id(last - number), "owner", &reason, day(4));
        }
        for number in 0..self.exempt_outside {
            organization.exempt(&id(500_000 + number), "owner", "left", day(300));
        }
        organization
    }

    /// Repairs in the accounts whose stack failed, in others and in none that is open.
    fn outcome(&self) -> RepairOutcome {
        let ids = |from: usize| (from..from + self.repaired).map(id);
        let attempts = Attempts {
            attempts: 2,
            last: day(1),
            not_before: day(2),
            operation_id: "root-access-key-watch-2026-11-01-update".to_owned(),
        };
        let operation = StartOperation {
            operation_id: "root-access-key-watch-2026-11-02-update".to_owned(),
            action: Action::Update,
            units: vec!["ou-ab12-11111111".to_owned()],
            accounts: ids(self.with_keys + 1).collect(),
        };
        let why = self.text(20_000);
        RepairOutcome {
            repair: Some((operation, Started::Unknown(why))),
            nothing: None,
            not_repaired: ids(900_000)
                .map(|it| (it, NotRepaired::OtherReason))
                .collect(),
            succeeded: ids(600_000).map(|it| (it, attempts.clone())).collect(),
            ledger: RepairLedger::default(),
        }
    }
}

/// The 12-digit numbers in a text, as a person takes them for accounts; a shell joins lines.
fn accounts(text: &str) -> BTreeSet<String> {
    let text = text.replace("\\\n", "");
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    let ids = numbers.filter(|it| it.len() == 12 && *it != WATCH);
    ids.map(str::to_owned).collect()
}

/// The number before these words in a line.
fn number_before(line: &str, words: &str) -> Option<usize> {
    let number = line.split_once(words)?.0.rsplit(' ').next()?;
    number.replace(',', "").trim_start_matches('(').parse().ok()
}

/// Each group of open accounts names or counts all of its accounts.
fn counts_all(text: &str) -> Result<(), TestCaseError> {
    let sections = ["REPAIR OF", "CLOSED", "EXEMPTIONS", "REPORT"];
    let ends = sections
        .iter()
        .filter_map(|it| text.find(&format!("\n\n{it}")));
    let open = &text[..ends.min().unwrap_or(text.len())];
    let (mut expected, mut found) = (0, 0);
    for line in open.lines() {
        let id = line.strip_prefix("    ").and_then(|it| it.get(..13));
        let is_account = id.is_some_and(|it| accounts(it).len() == 1);
        if line.starts_with("RESULTS NOT VISIBLE") {
            expected += number_before(line, " ACCOUNT").unwrap();
        } else if !line.starts_with(' ') && line.ends_with(')') && line.contains(" account") {
            expected += number_before(line, " account").unwrap();
        } else if is_account {
            found += 1;
        } else if line.starts_with("  ... and ") {
            found += number_before(line, " more: see the report below.").unwrap();
        }
    }
    prop_assert_eq!(expected, found, "{}", text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_message_names_at_most_one_hundred_accounts_and_counts_the_others(sizes in sizes()) {
        let mut organization = sizes.organization();
        let mut watch = Watch::new();
        for number in 1..=3 {
            if number == 2 {
                for member in organization.members.values_mut() {
                    if matches!(member.result, Reported::NotRead(_)) {
                        member.result = Reported::Compliant;
                    }
                }
                watch.repairs = Some(sizes.outcome());
            }
            let why = sizes.text(30_000);
            match sizes.unread {
                Unread::Results if number == 3 => organization.results = Err(why.clone()),
                Unread::Exemptions if number == 3 => organization.exemptions = Err(why.clone()),
                _ => {}
            }
            let is_blind = number == 3 && sizes.unread == Unread::Accounts;
            let view = if is_blind { Err(why.as_str()) } else { Ok(&organization) };
            let Some(digest) = watch.run(day(number), view).digest else {
                continue;
            };
            for text in [&digest.text, &digest.chat] {
                let named = accounts(text).len();
                prop_assert!(named <= MAX_NAMED, "{named} accounts:\n{text}");
            }
            counts_all(&digest.text)?;
        }
    }
}
