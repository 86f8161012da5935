//! Words the exemptions that ended or end soon.

use chrono::NaiveDate;
use root_keys::exemptions::grounds;
use root_keys::status::account_exemption::ENDS_SOON;
use root_keys::status::account_status::AccountStatus;
use root_keys::status::report::Report;
use root_keys::text::thousands;

use crate::digest::content::Content;
use crate::digest::mail::Mail;
use crate::external::external;
use crate::latest::{DigestKind, KnownExemption};
use crate::next::view::View;

/// The most exemptions that a digest names.
const MAX_NAMED: usize = 50;

/// Adds the section, if an exemption ended or ends soon. The weekly message has every
/// account that is exempt.
pub fn section(mail: &mut Mail, content: &Content<'_>) {
    let View::Report { report, seen } = content.today.view else {
        return;
    };
    if !seen.exemptions {
        return;
    }
    let mut lines = lines(content, report);
    if lines.is_empty() {
        return;
    }
    mail.section("Exemptions");
    let hidden = lines.len().saturating_sub(MAX_NAMED);
    lines.truncate(MAX_NAMED);
    for line in lines {
        mail.wrapped(0, 4, &line);
    }
    if hidden > 0 {
        mail.line(&format!(
            "... and {} more: see the report below.",
            thousands(hidden)
        ));
    }
}

/// One line for each: those that are not in the file anymore first, then by their last day.
fn lines(content: &Content<'_>, report: &Report) -> Vec<String> {
    let accounts = report.accounts.iter();
    let mut lines: Vec<_> = accounts.filter_map(|it| line(content, it)).collect();
    lines.sort();
    let mut lines: Vec<_> = lines.into_iter().map(|(_, line)| line).collect();
    if !report.exempt_accounts_not_found.is_empty() {
        let ids = report.exempt_accounts_not_found.join(", ");
        let text = format!("- Accounts that are not in the organization: {ids}");
        lines.push(external(&text));
    }
    lines
}

/// The last day of the account's exemption, and the line about it.
fn line(content: &Content<'_>, status: &AccountStatus) -> Option<(NaiveDate, String)> {
    let (id, name) = (&status.account, external(&status.name));
    let Some(it) = &status.exemption else {
        let known = content.latest.exemptions.get(id);
        let known = known.filter(|it| !it.in_force)?;
        let text = removed(known, content.latest.day);
        return Some((NaiveDate::MIN, format!("- {id}  {name}: {text}")));
    };
    let ended = it.days_left < 0 && (status.open || it.days_left >= -ENDS_SOON);
    let ends_soon = (0..=ENDS_SOON).contains(&it.days_left);
    let is_weekly = content.latest.digest == DigestKind::AllCompliant;
    let covers = it.days_left >= 0 && !status.needs_no_action();
    if !(ended || ends_soon || is_weekly && covers) {
        return None;
    }
    let text = external(&format!("{} ({})", it.term(), it.grounds()));
    Some((it.expires, format!("- {id}  {name}: {text}")))
}

/// That an exemption is not in the file anymore.
fn removed(known: &KnownExemption, day: NaiveDate) -> String {
    let grounds = grounds(&known.owner, &known.reason, known.ticket.as_deref());
    let what = if known.expires < day {
        "expired on"
    } else {
        "was removed before its end on"
    };
    external(&format!("{what} {} ({grounds})", known.expires))
}
