//! Words what is open: what is new first, then what stays open, then what this report could
//! not see.

use root_keys::status::remedy::Remedy;
use root_keys::text::{counted, thousands};

use crate::digest::content::Content;
use crate::digest::groups::{Entry, Group, News};
use crate::digest::mail::Mail;
use crate::digest::subject::accounts;
use crate::external::external;
use crate::latest::Previous;

/// Adds a section for each kind of news.
pub fn sections(mail: &mut Mail, content: &Content<'_>, groups: &[Group<'_>]) {
    for news in [News::New, News::Known, News::NotSeen] {
        let of_news: Vec<_> = groups.iter().filter(|it| it.news == news).collect();
        if of_news.is_empty() {
            continue;
        }
        let number = counted(accounts(groups, news), "account");
        mail.section(&format!("{} ({number})", title(content, news)));
        for it in of_news {
            mail.gap();
            group(mail, content, it);
        }
    }
}

fn title(content: &Content<'_>, news: News) -> String {
    let last = content.latest.last_digest;
    match (news, content.previous) {
        (News::New, Previous::First) => "Open in this first report".to_owned(),
        (News::New, Previous::Unreadable(_)) => "Open".to_owned(),
        (News::New, _) => match last {
            Some(day) => format!("New since the digest of {day}"),
            None => "Open, and in no digest before".to_owned(),
        },
        (News::Known, _) => "Still open".to_owned(),
        (News::NotSeen, _) => "Open in an earlier report, not visible in this one".to_owned(),
    }
}

fn group(mail: &mut Mail, content: &Content<'_>, it: &Group<'_>) {
    let number = counted(it.accounts.len(), "account");
    mail.wrapped(0, 2, &format!("{} ({number})", it.cause.title()));
    let shared = it.shared_detail();
    if let Some(detail) = shared {
        mail.wrapped(2, 2, &external(detail));
    }
    let mut unit = None;
    for entry in it.accounts.iter().filter(|it| it.named) {
        if unit != Some(entry.unit) {
            let words = entry.unit.unwrap_or("no organizational unit known");
            mail.wrapped(2, 4, &format!("in {words}:"));
            unit = Some(entry.unit);
        }
        account(mail, content, entry, shared.is_some());
    }
    let hidden = it.accounts.iter().filter(|it| !it.named).count();
    if hidden > 0 {
        let more = format!("... and {} more: see the report below.", thousands(hidden));
        mail.line(&format!("  {more}"));
    }
    remedy(mail, it, hidden > 0);
}

/// One account: ID, name, age, and what distinguishes it from others in its group.
fn account(mail: &mut Mail, content: &Content<'_>, entry: &Entry<'_>, without_detail: bool) {
    let (id, name) = (entry.id, external(entry.name));
    let details = entry.problems.iter().filter_map(|it| it.detail.as_deref());
    let details: Vec<_> = details.filter(|_| !without_detail).map(external).collect();
    let details = match details.join("; ") {
        none if none.is_empty() => none,
        some => format!(": {some}"),
    };
    let age = age(content, entry);
    mail.wrapped(4, 8, &format!("{id}  {name}, {age}{details}"));
}

fn age(content: &Content<'_>, entry: &Entry<'_>) -> String {
    let since = entry.since;
    match (content.latest.day - since).num_days() {
        ..=0 => "first seen today".to_owned(),
        1 => format!("open for 1 day, since {since}"),
        days => format!("open for {days} days, since {since}"),
    }
}

fn remedy(mail: &mut Mail, it: &Group<'_>, some_are_hidden: bool) {
    if it.news == News::NotSeen {
        return; // once it can be seen again, a digest says what fixes it
    }
    let named: Vec<_> = it.accounts.iter().filter(|it| it.named).collect();
    let ids: Vec<_> = named.iter().map(|it| it.id).collect();
    let remedies: Vec<&Remedy> = named
        .iter()
        .flat_map(|it| &it.problems)
        .map(|it| &it.fix)
        .collect();
    let text = Remedy::of_all(&remedies, &ids);
    if text.is_empty() {
        return;
    }
    let label = if some_are_hidden {
        "Fix, for the accounts above: "
    } else {
        "Fix: "
    };
    mail.remedy(label, 2, &text);
}
