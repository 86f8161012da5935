//! Words the exemptions that ended or end soon.

use chrono::NaiveDate;
use root_keys::exemptions::grounds;
use root_keys::status::account_exemption::ENDS_SOON;
use root_keys::status::account_status::AccountStatus;
use root_keys::status::report::Report;
use root_keys::text::{counted, thousands};

use crate::digest::content::Content;
use crate::digest::mail::Mail;
use crate::digest::named::Named;
use crate::latest::{DigestKind, KnownExemption};
use crate::next::view::View;

/// The most exemptions that a digest names.
const MAX_NAMED: usize = 50;
/// The most accounts that a digest names because they are not in the organization.
const MAX_NOT_FOUND: usize = 10;

/// Adds the section, if an exemption ended or ends soon. The weekly message has every
/// account that is exempt.
pub fn section(mail: &mut Mail, content: &Content<'_>, named: &mut Named<'_>) {
    let View::Report { report, seen } = content.today.view else {
        return;
    };
    if !seen.exemptions {
        return;
    }
    let noted = noted(content, report);
    let not_found = &report.exempt_accounts_not_found;
    if noted.is_empty() && not_found.is_empty() {
        return;
    }
    mail.section("Exemptions");
    let shown = noted.iter().filter(|it| named.admits(it.id));
    let shown: Vec<_> = shown.take(MAX_NAMED).collect();
    let hidden = noted.len() - shown.len();
    for Noted { id, name, what, .. } in shown {
        let (name, what) = (named.external(name), named.external(what));
        mail.wrapped(0, 4, &format!("- {id}  {name}: {what}"));
    }
    if hidden > 0 {
        mail.line(&format!(
            "... and {} more: see the report below.",
            thousands(hidden)
        ));
    }
    if !not_found.is_empty() {
        mail.wrapped(0, 4, &not_in_the_organization(not_found, named));
    }
}

fn not_in_the_organization(ids: &[String], named: &mut Named<'_>) -> String {
    let shown = ids.iter().filter(|it| named.admits(it));
    let shown: Vec<_> = shown.take(MAX_NOT_FOUND).map(String::as_str).collect();
    let number = counted(ids.len(), "account");
    let verb = if ids.len() == 1 { "is" } else { "are" };
    let mut line = format!("- {number} with an exemption {verb} not in the organization");
    if !shown.is_empty() {
        line.push_str(": ");
        line.push_str(&shown.join(", "));
    }
    match ids.len() - shown.len() {
        0 => line,
        more => format!("{line} and {} more, see the report below", thousands(more)),
    }
}

/// An account and what there is to say about its exemption.
struct Noted<'a> {
    ends: NaiveDate,
    id: &'a str,
    name: &'a str,
    what: String,
}

/// The exemptions that are not in the file anymore first, then by their last day.
fn noted<'a>(content: &Content<'_>, report: &'a Report) -> Vec<Noted<'a>> {
    let accounts = report.accounts.iter();
    let mut noted: Vec<_> = accounts
        .filter_map(|it| {
            let (ends, what) = what(content, it)?;
            let (id, name) = (&it.account, &it.name);
            Some(Noted {
                ends,
                id,
                name,
                what,
            })
        })
        .collect();
    noted.sort_by_key(|it| it.ends); // accounts are sorted by ID
    noted
}

/// The last day of the account's exemption, and what there is to say about it.
fn what(content: &Content<'_>, status: &AccountStatus) -> Option<(NaiveDate, String)> {
    let Some(it) = &status.exemption else {
        let known = content.latest.exemptions.get(&status.account);
        let known = known.filter(|it| !it.in_force)?;
        return Some((NaiveDate::MIN, removed(known, content.latest.day)));
    };
    let ended = it.days_left < 0 && (status.open || it.days_left >= -ENDS_SOON);
    let ends_soon = (0..=ENDS_SOON).contains(&it.days_left);
    let is_weekly = content.latest.digest == DigestKind::AllCompliant;
    let covers = it.days_left >= 0 && !status.needs_no_action();
    if !(ended || ends_soon || is_weekly && covers) {
        return None;
    }
    Some((it.expires, format!("{} ({})", it.term(), it.grounds())))
}

/// That an exemption is not in the file anymore.
fn removed(known: &KnownExemption, day: NaiveDate) -> String {
    let grounds = grounds(&known.owner, &known.reason, known.ticket.as_deref());
    let what = if known.expires < day {
        "expired on"
    } else {
        "was removed before its end on"
    };
    format!("{what} {} ({grounds})", known.expires)
}
