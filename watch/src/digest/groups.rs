//! The open problems in groups: new ones, those that stay open, those that this report could
//! not see, and the accounts whose results are not visible; each by cause, and within it by
//! organizational unit.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use root_keys::status::problem::{Kind, Problem};
use root_keys::status::report::Report;

use crate::cause::Cause;
use crate::digest::named::Named;
use crate::latest::Latest;

/// Since when a problem is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
    /// No digest has named or counted it.
    New,
    /// An earlier digest has, and this report found it again.
    Known,
    /// This report could not see whether it is still there.
    NotSeen,
    /// No problem of the account is known, but its results are not visible.
    Unknown,
}

/// The open problems of one cause.
#[derive(Debug)]
pub struct Group<'a> {
    /// Since when they are known.
    pub news: News,
    /// What is wrong.
    pub cause: Cause,
    /// The accounts, by organizational unit, then by ID.
    pub accounts: Vec<Entry<'a>>,
}

/// An account in a group.
#[derive(Debug)]
pub struct Entry<'a> {
    /// 12 digits.
    pub id: &'a str,
    /// The name in the organization.
    pub name: &'a str,
    /// The root and the organizational units that it is in.
    pub unit: Option<&'a str>,
    /// The day of the first report that found the problem.
    pub since: NaiveDate,
    /// What the report says: several problems of one kind, or none if it could not see it.
    pub problems: Vec<&'a Problem>,
    /// Whether the digest names the account; otherwise it counts it.
    pub named: bool,
}

/// Groups what is open: what is new first, the most urgent first.
#[must_use]
pub fn of<'a>(latest: &'a Latest, report: Option<&'a Report>) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<(News, &Cause), Vec<Entry<'a>>> = BTreeMap::new();
    for (id, account) in &latest.open {
        let is_unknown = account.problems.keys().all(|it| *it == Cause::NotVisible);
        for (cause, problem) in &account.problems {
            if *cause == Cause::NotVisible && !is_unknown {
                continue; // the account is in a group for another cause
            }
            let news = match problem.announced {
                _ if is_unknown => News::Unknown,
                _ if problem.seen < latest.day => News::NotSeen,
                false => News::New,
                true => News::Known,
            };
            groups.entry((news, cause)).or_default().push(Entry {
                id,
                name: &account.name,
                unit: account.organizational_unit_path.as_deref(),
                since: problem.since,
                problems: problems(report, id, cause),
                named: false,
            });
        }
    }
    let group = |((news, cause), mut accounts): ((News, &Cause), Vec<Entry<'a>>)| {
        accounts.sort_by(|a, b| (a.unit, a.id).cmp(&(b.unit, b.id)));
        Group {
            news,
            cause: cause.clone(),
            accounts,
        }
    };
    groups.into_iter().map(group).collect()
}

/// Chooses the accounts that are named: root access keys before anything else, and last the
/// accounts in which no problem is known.
pub fn choose_named(groups: &mut [Group<'_>], named: &mut Named<'_>) {
    let keys = Cause::Problem(Kind::RootAccessKeys);
    for first in [true, false] {
        let chosen = groups.iter_mut().filter(|it| (it.cause == keys) == first);
        for entry in chosen.flat_map(|it| &mut it.accounts) {
            entry.named = named.admits(entry.id);
        }
    }
}

/// What the report says of the cause in the account.
fn problems<'a>(report: Option<&'a Report>, id: &str, cause: &Cause) -> Vec<&'a Problem> {
    let accounts = report.map_or(&[][..], |it| &it.accounts);
    let place = accounts.binary_search_by(|it| it.account.as_str().cmp(id));
    let Ok(place) = place else {
        return Vec::new();
    };
    let problems = accounts[place].open_problems();
    problems
        .filter(|it| Cause::Problem(it.kind) == *cause)
        .collect()
}

impl Group<'_> {
    /// Returns the detail of all accounts, if it is the same.
    #[must_use]
    pub fn shared_detail(&self) -> Option<&str> {
        let problems = || self.accounts.iter().flat_map(|it| &it.problems);
        let first = problems().next()?.detail.as_deref()?;
        let several = problems().count() > 1;
        let same = problems().all(|it| it.detail.as_deref() == Some(first));
        (several && same).then_some(first)
    }
}
