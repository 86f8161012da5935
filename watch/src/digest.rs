//! Words the digest: one e-mail a day while something is open, one a week otherwise. Pure.
//!
//! | file | what is in it |
//! |---|---|
//! | `content` | what a digest is made of |
//! | `subject` | the subject |
//! | `groups` | the open problems: new or not, by cause and organizational unit |
//! | `named` | limits how many accounts a message names |
//! | `open` | words them |
//! | `repairs` | what was repaired, and what not and why |
//! | `closed`, `exemptions` | what closed, and which exemptions ended or end soon |
//! | `chat` | the same, short, for a chat channel |
//! | `mail` | lays out plain text |
//! | `console` | the address of the report |

use root_keys::status::report::Report;
use root_keys::text::{counted, thousands};

use crate::answer::Digest;
use crate::digest::console::Place;
use crate::digest::content::Content;
use crate::digest::groups::{Group, News, choose_named};
use crate::digest::mail::Mail;
use crate::digest::named::Named;
use crate::event::Switches;
use crate::latest::{DigestKind, Latest};
use crate::next::view::View;

mod chat;
mod closed;
pub mod console;
pub mod content;
mod exemptions;
mod groups;
mod mail;
mod named;
mod open;
mod repairs;
mod subject;

/// The parameter of AWS Systems Manager that switches repair on and off.
const REPAIR_SWITCH: &str = "/root-access-key-rule/watch/repair";

/// Words the digest; `None` if there is nothing to publish.
#[must_use]
pub fn word(content: &Content<'_>) -> Option<Digest> {
    let latest = content.latest;
    if matches!(latest.digest, DigestKind::Nothing | DigestKind::SwitchedOff) {
        return None;
    }
    let mut groups = groups::of(latest, content.today.view.report());
    let subject = subject::of(content, &groups);
    let text = text(content, &mut groups);
    let chat = chat::of(content, &groups);
    Some(Digest::new(&subject, &text, &chat))
}

/// The text of the e-mail. What comes first in it may also name accounts first.
fn text(content: &Content<'_>, groups: &mut [Group<'_>]) -> String {
    let latest = content.latest;
    let mut mail = Mail::default();
    let mut named = Named::new(content.place);
    head(&mut mail, content, groups);
    not_visible(&mut mail, latest, &mut named);
    choose_named(groups, &mut named);
    open::sections(&mut mail, content, groups, &mut named);
    if let Some(outcome) = content.repairs {
        repairs::section(&mut mail, outcome, &mut named);
    }
    closed::section(&mut mail, latest, &mut named);
    exemptions::section(&mut mail, content, &mut named);
    switches(&mut mail, content.today.switches);
    where_the_report_is(&mut mail, content);
    mail.finish()
}

/// Which organization this is, and its counts.
fn head(mail: &mut Mail, content: &Content<'_>, groups: &[Group<'_>]) {
    let latest = content.latest;
    let report = content.today.view.report();
    let organization = report.map_or_else(String::new, |it| {
        format!(
            " of organization {} in {}",
            it.head.organization, it.head.region
        )
    });
    mail.wrapped(0, 0, &title(content, groups));
    mail.wrapped(
        0,
        0,
        &format!("Daily report{organization}, {}.", latest.day),
    );
    if let Some(counts) = &latest.counts {
        let not_visible = report.map_or(0, |it| not_visible_in(it, groups));
        let more = [
            (counts.open.saturating_sub(not_visible), "open"),
            (not_visible, "not visible"),
            (counts.exempt, "exempt"),
            (counts.not_active, "not active"),
        ];
        let more = more.into_iter().filter(|(number, _)| *number > 0);
        let more: Vec<_> = more
            .map(|(number, what)| format!("{} {what}", thousands(number)))
            .collect();
        let all = counted(counts.accounts, "account");
        let well = format!("{} compliant and reporting", thousands(counts.well));
        let each = [vec![well], more].concat().join(", ");
        mail.wrapped(0, 0, &format!("{all}: {each}."));
    }
}

/// Counts the accounts of the report in which no problem is known, but whose results are not
/// visible.
fn not_visible_in(report: &Report, groups: &[Group<'_>]) -> usize {
    let accounts = &report.accounts;
    let is_listed = |id: &str| accounts.binary_search_by(|it| it.account.as_str().cmp(id));
    let groups = groups.iter().filter(|it| it.news == News::Unknown);
    let unknown = groups.flat_map(|it| &it.accounts);
    unknown.filter(|it| is_listed(it.id).is_ok()).count()
}

/// What the digest comes to, in a sentence.
fn title(content: &Content<'_>, groups: &[Group<'_>]) -> String {
    let latest = content.latest;
    let counts = latest.counts.unwrap_or_default();
    let (open, with_keys) = (subject::found(groups), subject::with_keys(groups));
    let earlier = subject::open(groups) - open;
    let unknown = subject::accounts(groups, News::Unknown);
    let all = counted(counts.well, "account");
    match latest.digest {
        DigestKind::AllCompliant if counts.exempt + counts.not_active == 0 => {
            format!("All {all} are compliant and reporting.")
        }
        DigestKind::AllCompliant => {
            format!("All {all} that are neither exempt nor closed are compliant and reporting.")
        }
        _ if open + earlier + unknown == 0 => {
            "Nothing is known to be open, but this report is incomplete.".to_owned()
        }
        _ if open + earlier == 0 => format!(
            "No problem is known, but the results of {} are not visible.",
            counted(unknown, "account")
        ),
        _ => [
            needing_action(open, with_keys),
            open_earlier(earlier),
            also_not_visible(unknown),
        ]
        .concat()
        .join(" "),
    }
}

fn needing_action(open: usize, with_keys: usize) -> Vec<String> {
    if open == 0 {
        return Vec::new();
    }
    let verb = if open == 1 { "needs" } else { "need" };
    let keys = match with_keys {
        0 => String::new(),
        some => format!(
            "; the root user has access keys in {}",
            counted(some, "account")
        ),
    };
    vec![format!("{} {verb} action{keys}.", counted(open, "account"))]
}

fn open_earlier(accounts: usize) -> Vec<String> {
    let verb = match accounts {
        0 => return Vec::new(),
        1 => "was",
        _ => "were",
    };
    let accounts = counted(accounts, "account");
    vec![format!(
        "{accounts} {verb} open in an earlier report; this one could not see why."
    )]
}

fn also_not_visible(accounts: usize) -> Vec<String> {
    if accounts == 0 {
        return Vec::new();
    }
    let accounts = counted(accounts, "more account");
    vec![format!("The results of {accounts} are not visible.")]
}

/// What could not be seen, before anything else.
fn not_visible(mail: &mut Mail, latest: &Latest, named: &mut Named<'_>) {
    if latest.not_visible.is_empty() {
        return;
    }
    mail.section("Not visible: fix this first");
    mail.wrapped(
        0,
        0,
        "What this report could not see may hide root access keys. What it could not see \
         again stays open.",
    );
    for line in &latest.not_visible {
        mail.remedy("- ", 0, &named.failure(line));
    }
}

/// What is switched off.
fn switches(mail: &mut Mail, switches: Option<Switches>) {
    if switches.is_some_and(|it| !it.repair) {
        mail.section("Switched off");
        let text = format!(
            "Repair of enrollment is off. To switch it on: `aws ssm put-parameter --overwrite \
             --name {REPAIR_SWITCH} --value on`"
        );
        mail.remedy("", 0, &text);
    }
}

/// Where the stored report is.
fn where_the_report_is(mail: &mut Mail, content: &Content<'_>) {
    let Some(files) = &content.latest.files else {
        return;
    };
    let Place { bucket, .. } = content.place;
    mail.section("Report");
    let last = match content.today.view {
        View::Report { .. } => "All accounts",
        View::Blind { .. } => "The last report that was made",
    };
    mail.wrapped(
        0,
        0,
        &format!("{last} (sign in to the administrator account first, then open the object):"),
    );
    mail.line(&content.place.url(&files.html));
    mail.line(&format!("s3://{bucket}/{}", files.json));
}
