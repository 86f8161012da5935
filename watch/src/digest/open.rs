//! Words what is open: what is new first, then what stays open, then what this report could
//! not see, then the accounts whose results are not visible.

use root_keys::status::remedy::Remedy;
use root_keys::text::{counted, thousands};

use crate::digest::content::Content;
use crate::digest::groups::{Entry, Group, News};
use crate::digest::mail::Mail;
use crate::digest::named::Named;
use crate::digest::subject::accounts;
use crate::latest::Previous;

/// Adds a section for each kind of news.
pub fn sections(
    mail: &mut Mail,
    content: &Content<'_>,
    groups: &[Group<'_>],
    named: &mut Named<'_>,
) {
    for news in [News::New, News::Known, News::NotSeen, News::Unknown] {
        let of_news: Vec<_> = groups.iter().filter(|it| it.news == news).collect();
        if of_news.is_empty() {
            continue;
        }
        let number = counted(accounts(groups, news), "account");
        mail.section(&format!("{} ({number})", title(content, news)));
        for it in of_news {
            mail.gap();
            group(mail, content, it, named);
        }
    }
}

/// What to do about the accounts whose results are not visible.
const UNKNOWN: &str = "No problem is known in these accounts, but a root access key there would \
                       not show. They count as open until a report sees their results: fix what \
                       is listed under \"Not visible\" above.";

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
        (News::Unknown, _) => "Results not visible".to_owned(),
    }
}

fn group(mail: &mut Mail, content: &Content<'_>, it: &Group<'_>, named: &mut Named<'_>) {
    if it.news == News::Unknown {
        mail.wrapped(0, 0, UNKNOWN);
    } else {
        let number = counted(it.accounts.len(), "account");
        mail.wrapped(0, 2, &format!("{} ({number})", it.cause.title()));
    }
    let shared = it.shared_detail();
    if let Some(detail) = shared {
        mail.wrapped(2, 2, &named.external(detail));
    }
    let mut unit = None;
    for entry in it.accounts.iter().filter(|it| it.named) {
        if unit != Some(entry.unit) {
            let words = entry.unit.unwrap_or("no organizational unit known");
            mail.wrapped(2, 4, &format!("in {words}:"));
            unit = Some(entry.unit);
        }
        let line = account(content, entry, it.news, shared.is_some(), named);
        mail.wrapped(4, 8, &line);
    }
    let hidden = it.accounts.iter().filter(|it| !it.named).count();
    if hidden > 0 {
        let more = format!("... and {} more: see the report below.", thousands(hidden));
        mail.line(&format!("  {more}"));
    }
    remedy(mail, it, hidden > 0);
}

/// One account: ID, name, age, and what distinguishes it from others in its group.
fn account(
    content: &Content<'_>,
    entry: &Entry<'_>,
    news: News,
    without_detail: bool,
    named: &mut Named<'_>,
) -> String {
    let (id, name) = (entry.id, named.external(entry.name));
    let details = entry.problems.iter().filter_map(|it| it.detail.as_deref());
    let details = details.filter(|_| !without_detail);
    let details: Vec<_> = details.map(|it| named.external(it)).collect();
    let details = match details.join("; ") {
        none if none.is_empty() => none,
        some => format!(": {some}"),
    };
    let age = age(content, entry, news);
    format!("{id}  {name}, {age}{details}")
}

fn age(content: &Content<'_>, entry: &Entry<'_>, news: News) -> String {
    let since = entry.since;
    let (first, what) = match news {
        News::Unknown => ("not visible since today", "not visible"),
        _ => ("first seen today", "open"),
    };
    match (content.latest.day - since).num_days() {
        ..=0 => first.to_owned(),
        1 => format!("{what} for 1 day, since {since}"),
        days => format!("{what} for {days} days, since {since}"),
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
