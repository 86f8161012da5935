//! What is open, since when, and what closed.

use std::collections::{BTreeMap, BTreeSet};

use root_keys::status::account_status::{AccountCompliance, AccountStatus};
use root_keys::status::report::Report;

use crate::cause::Cause;
use crate::external::external;
use crate::latest::{ClosedProblem, Closure, Latest, OpenAccount, OpenProblem};
use crate::next::sources::Sources;
use crate::next::view::{Today, View};

type Open = BTreeMap<String, OpenAccount>;

/// Returns the open accounts, and the problems that closed.
pub fn next(before: Option<&Latest>, today: &Today<'_>) -> (Open, Vec<ClosedProblem>) {
    let earlier = before.map_or_else(Open::new, |it| it.open.clone());
    let (report, seen) = match today.view {
        // Nothing was seen, so nothing closed.
        View::Blind { .. } => return (earlier, Vec::new()),
        View::Report { report, seen } => (report, seen),
    };
    let mut open = Open::new();
    let mut closed = Vec::new();
    for status in report.accounts.iter().filter(|it| it.open) {
        let known = earlier.get(&status.account);
        open.insert(status.account.clone(), found(status, known, today));
    }
    for (id, account) in earlier {
        for (cause, problem) in &account.problems {
            let is_found = open
                .get(&id)
                .is_some_and(|it| it.problems.contains_key(cause));
            if is_found {
                continue;
            }
            if let Some(how) = closure(report, seen, &id, cause) {
                closed.push(ClosedProblem {
                    account: id.clone(),
                    name: account.name.clone(),
                    cause: cause.clone(),
                    since: problem.since,
                    closed: today.day,
                    how,
                });
            } else {
                keep(&mut open, &id, &account, cause, *problem);
            }
        }
    }
    (open, closed)
}

/// What the report found in the account.
fn found(status: &AccountStatus, known: Option<&OpenAccount>, today: &Today<'_>) -> OpenAccount {
    let mut causes: BTreeSet<Cause> = status
        .open_problems()
        .map(|it| Cause::Problem(it.kind))
        .collect();
    if causes.is_empty() {
        causes.insert(Cause::NotVisible);
    }
    let problem = |cause: &Cause| {
        let known = known.and_then(|it| it.problems.get(cause));
        OpenProblem {
            since: known.map_or(today.day, |it| it.since),
            seen: today.day,
            announced: known.is_some_and(|it| it.announced),
        }
    };
    let problems = causes.into_iter().map(|it| (it.clone(), problem(&it)));
    OpenAccount {
        name: external(&status.name),
        organizational_unit_path: status.organizational_unit_path.clone(),
        problems: problems.collect(),
    }
}

/// Why a problem that the report did not find is not open anymore; `None` if it may
/// still be there.
fn closure(report: &Report, seen: Sources, id: &str, cause: &Cause) -> Option<Closure> {
    let accounts = &report.accounts;
    let Ok(place) = accounts.binary_search_by(|it| it.account.as_str().cmp(id)) else {
        // All accounts of the organization are listed, and other sources name more.
        return seen.all().then_some(Closure::Left);
    };
    let status = &accounts[place];
    if status.compliance == AccountCompliance::NotActive {
        Some(Closure::NotActive)
    } else if status.is_exempt() && !cause.hides_results() {
        Some(Closure::Exempt)
    } else {
        seen.would_show(cause, status).then_some(Closure::Fixed)
    }
}

/// Whether a finding in the account could be hidden.
pub fn hides_results(account: &OpenAccount) -> bool {
    account.problems.keys().any(Cause::hides_results)
}

fn keep(open: &mut Open, id: &str, account: &OpenAccount, cause: &Cause, problem: OpenProblem) {
    let account = open.entry(id.to_owned()).or_insert_with(|| OpenAccount {
        problems: BTreeMap::new(),
        ..account.clone()
    });
    account.problems.insert(cause.clone(), problem);
}
