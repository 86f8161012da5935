//! The guarantees of the watch, checked against everything that it stored and published.

use chrono::NaiveDate;
use local_aws::Operation;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use root_access_key_watch::answer::Digest;
use root_access_key_watch::cause::Cause;
use root_access_key_watch::latest::Latest;
use root_keys::status::problem::Kind;

use crate::fleet::{BUCKET, Fleet, Member, day as day_of};
use crate::history::{Day, Run};
use crate::machine::Ran;
use crate::repairs;

/// How the part of a digest begins that says what could not be seen.
pub const NOT_VISIBLE: &str = "NOT VISIBLE: FIX THIS FIRST";

/// The calls without which a report cannot be complete.
const NEEDED: [Operation; 7] = [
    Operation::ListAccounts,
    Operation::DescribeStackSet,
    Operation::ListStackInstances,
    Operation::DescribeConfigurationAggregators,
    Operation::DescribeAggregateComplianceByConfigRules,
    Operation::GetAggregateComplianceDetailsByConfigRule,
    Operation::DescribeOrganization,
];

/// What was seen so far.
pub struct Guarantees {
    confirmed_on: NaiveDate,
    /// `latest.json`, as it was last.
    latest: Option<Latest>,
    /// `latest.json`, as it was when the run began.
    before: Option<Latest>,
    /// Whether the last run that was recorded could not see everything, or its digest was not
    /// published.
    incomplete: bool,
    /// The days of the weekly messages, and whether their run was recorded.
    weekly: Vec<(NaiveDate, bool)>,
    /// The digests that reached somebody.
    inbox: Vec<(NaiveDate, Digest)>,
}

impl Guarantees {
    pub fn new(confirmed_on: u32) -> Self {
        Self {
            confirmed_on: day_of(confirmed_on),
            latest: None,
            before: None,
            incomplete: false,
            weekly: Vec::new(),
            inbox: Vec::new(),
        }
    }

    pub fn weekly(&self) -> usize {
        self.weekly.len()
    }

    /// After each invocation: `latest.json` names only what exists, and goes on from what it
    /// said before.
    pub fn bucket(&mut self, fleet: &Fleet) -> Result<(), TestCaseError> {
        let aws = &fleet.wire.aws;
        let Some(text) = aws.object(BUCKET, "latest.json") else {
            prop_assert!(self.latest.is_none(), "latest.json is gone");
            return Ok(());
        };
        let latest = Latest::parse(text.as_bytes()).map_err(TestCaseError::fail)?;
        if self.latest.as_ref() == Some(&latest) {
            return Ok(());
        }
        if let Some(files) = &latest.files {
            for key in [&files.json, &files.csv, &files.html] {
                prop_assert!(aws.object(BUCKET, key).is_some(), "{key} does not exist");
            }
        }
        prop_assert_eq!(latest.day, fleet.day, "a report of another day");
        if let Some(before) = &self.latest {
            goes_on(before, &latest)?;
        }
        self.latest = Some(latest);
        Ok(())
    }

    /// After each run.
    pub fn after(
        &mut self,
        fleet: &Fleet,
        hour: usize,
        (day, run): (&Day, &Run),
        ran: &Ran,
    ) -> Result<(), TestCaseError> {
        repairs::stay_within_their_bounds(fleet)?;
        let open = fleet.open(hour);
        if let Some(digest) = &ran.digest {
            self.is_complete(digest, &open, run)?;
            if is_weekly(digest) {
                is_clean(digest, &open, run, day)?;
                self.comes_at_most_weekly(fleet.day)?;
            }
        }
        if ran.published {
            self.publish(fleet.day, ran);
        }
        self.reports_again_after_an_incomplete_one(fleet.day, ran)?;
        let nothing_goes_wrong = run.faults.is_empty()
            && run.denied.is_none()
            && run.crashes.is_empty()
            && run.lost_after.is_none()
            && !run.record_denied;
        if nothing_goes_wrong && !ran.nothing_to_do {
            prop_assert!(ran.recorded, "not recorded: {:?}", ran.failures);
            self.says_what_it_has_to(fleet, day, run, &open)?;
        }
        self.before.clone_from(&self.latest);
        Ok(())
    }

    /// A run on a day that has a report does nothing only if that report saw everything and
    /// its digest was published.
    fn reports_again_after_an_incomplete_one(
        &mut self,
        today: NaiveDate,
        ran: &Ran,
    ) -> Result<(), TestCaseError> {
        let day = self.latest.as_ref().map(|it| it.day);
        if ran.nothing_to_do {
            prop_assert!(day == Some(today) && !self.incomplete, "{:?}", self.latest);
        } else if self.latest != self.before {
            let digest = ran.digest.as_ref();
            let partial = digest.is_some_and(|it| it.text.contains(NOT_VISIBLE));
            self.incomplete = partial || digest.is_some() && !ran.published;
        }
        Ok(())
    }

    /// Every open account is named, or the digest says first that it could not see all. What
    /// is known to be a finding is always named.
    fn is_complete(
        &self,
        digest: &Digest,
        open: &[&Member],
        run: &Run,
    ) -> Result<(), TestCaseError> {
        let text = &digest.text;
        let first = open.iter().filter_map(|it| text.find(&it.id)).min();
        let incomplete = text.find(NOT_VISIBLE);
        let denied = run.denied.is_some_and(|it| NEEDED.contains(&it));
        if denied || (run.record_denied && self.before.is_some()) {
            prop_assert!(incomplete.is_some(), "a partial view: {run:?}\n{text}");
        }
        if let (Some(incomplete), Some(first)) = (incomplete, first) {
            prop_assert!(incomplete < first, "an account comes first:\n{text}");
        }
        for member in open {
            let is_named = text.contains(&member.id);
            let is_finding = member.result.is_some_and(|(_, has_key)| has_key)
                && self.knows(&member.id)
                && !run.record_denied;
            prop_assert!(
                is_named || (incomplete.is_some() && !is_finding),
                "{} is missing: {member:?}\n{text}",
                member.id
            );
        }
        Ok(())
    }

    /// Whether the last report has it that the root user of the account has access keys.
    fn knows(&self, account: &str) -> bool {
        let keys = Cause::Problem(Kind::RootAccessKeys);
        let latest = self.before.as_ref();
        let known = latest.and_then(|it| it.open.get(account));
        known.is_some_and(|it| it.problems.contains_key(&keys))
    }

    /// A run that was not recorded does not know that it has published.
    fn comes_at_most_weekly(&self, today: NaiveDate) -> Result<(), TestCaseError> {
        let recorded = self.weekly.iter().rev().find(|(_, recorded)| *recorded);
        let days = recorded.map(|(last, _)| (today - *last).num_days());
        prop_assert!(
            days.is_none_or(|days| days >= 7),
            "{days:?} days after the last one"
        );
        Ok(())
    }

    fn publish(&mut self, today: NaiveDate, ran: &Ran) {
        let Some(digest) = &ran.digest else { return };
        if is_weekly(digest) {
            self.weekly.push((today, ran.recorded));
        }
        if today >= self.confirmed_on {
            self.inbox.push((today, digest.clone()));
        }
    }

    /// Where nothing goes wrong: what is open reaches whoever confirmed the subscription, and
    /// where nothing is open, the weekly message is not older than a week.
    fn says_what_it_has_to(
        &self,
        fleet: &Fleet,
        day: &Day,
        run: &Run,
        open: &[&Member],
    ) -> Result<(), TestCaseError> {
        let is_on = day.switches.is_none_or(|(_, digest)| digest);
        if !is_on || run.not_published {
            return Ok(());
        }
        let today = fleet.day;
        if !open.is_empty() && today >= self.confirmed_on {
            let mut received = self.inbox.iter().rev();
            let received = received.find(|(day, _)| *day == today);
            prop_assert!(received.is_some(), "nobody was notified of {open:?}");
        }
        let nothing_known = self.latest.as_ref().is_some_and(|it| it.open.is_empty());
        if open.is_empty() && nothing_known && day.switches.is_some() {
            let last = self.weekly.iter().map(|(day, _)| *day).max();
            let days = last.map(|last| (today - last).num_days());
            prop_assert!(
                days.is_some_and(|days| days < 7),
                "{days:?} days without a message"
            );
        }
        Ok(())
    }
}

/// No clean report from a partial view, nor while anything is open.
fn is_clean(digest: &Digest, open: &[&Member], run: &Run, day: &Day) -> Result<(), TestCaseError> {
    prop_assert!(open.is_empty(), "not clean: {open:?}\n{}", digest.text);
    prop_assert!(
        day.switches.is_some() && !digest.text.contains(NOT_VISIBLE),
        "{}",
        digest.text
    );
    let partial = run
        .denied
        .is_some_and(|it| NEEDED.contains(&it) || it == Operation::GetObject);
    prop_assert!(!partial, "clean from a partial view: {run:?}");
    Ok(())
}

/// What is known of a problem is not forgotten by whatever goes wrong.
fn goes_on(before: &Latest, latest: &Latest) -> Result<(), TestCaseError> {
    let again = latest.day == before.day && !before.is_complete();
    prop_assert!(again || latest.day > before.day, "two reports of one day");
    for (id, account) in &latest.open {
        let Some(known) = before.open.get(id) else {
            continue;
        };
        for (cause, problem) in &account.problems {
            let since = known.problems.get(cause).map(|it| it.since);
            prop_assert!(
                since.is_none_or(|it| it == problem.since),
                "{id} {cause}: {problem:?}, {since:?}"
            );
        }
    }
    let earlier = |it: &Latest| {
        let trend = it.trend.iter().filter(|it| it.day < latest.day);
        trend.copied().collect::<Vec<_>>()
    };
    prop_assert_eq!(earlier(latest), earlier(before), "the trend");
    for (id, known) in &before.repairs.accounts {
        let now = latest.repairs.accounts.get(id);
        prop_assert!(
            now.is_none_or(|it| it.attempts >= known.attempts),
            "{id}: {now:?}, {known:?}"
        );
    }
    let published = latest.last_digest >= before.last_digest;
    prop_assert!(
        published && latest.all_compliant >= before.all_compliant,
        "{latest:?}"
    );
    Ok(())
}

fn is_weekly(digest: &Digest) -> bool {
    digest.subject.contains("compliant and reporting")
}
