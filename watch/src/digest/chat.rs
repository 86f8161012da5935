//! The digest for a chat channel, short: the counts, the groups, and the links.

use root_keys::text::{counted, thousands};

use crate::digest::content::Content;
use crate::digest::groups::{Group, News};
use crate::digest::named::Named;
use crate::digest::subject::{accounts, open};

/// The most groups that are named.
const MAX_GROUPS: usize = 10;
/// The most accounts of a group that are named.
const MAX_ACCOUNTS: usize = 5;

/// Words the message in Markdown.
pub fn of(content: &Content<'_>, groups: &[Group<'_>]) -> String {
    let latest = content.latest;
    let mut named = Named::new(content.place);
    let mut lines = Vec::new();
    if let Some(counts) = &latest.counts {
        let all = counted(counts.accounts, "account");
        let open = thousands(open(groups));
        let not_visible = match accounts(groups, News::Unknown) {
            0 => String::new(),
            some => format!(", {} not visible", thousands(some)),
        };
        let exempt = thousands(counts.exempt);
        lines.push(format!("{all}: {open} open{not_visible}, {exempt} exempt."));
    }
    for line in latest.not_visible.iter().take(MAX_GROUPS) {
        lines.push(format!("- Not visible: {}", safe(&named.external(line))));
    }
    for group in groups.iter().take(MAX_GROUPS) {
        lines.push(line(group, &mut named));
    }
    let more = groups.len().saturating_sub(MAX_GROUPS);
    if more > 0 {
        lines.push(format!("- and {} more", counted(more, "group")));
    }
    if let Some(files) = &latest.files {
        lines.push(format!("Report: {}", content.place.url(&files.html)));
    }
    lines.join("\n")
}

fn line(group: &Group<'_>, named: &mut Named<'_>) -> String {
    let news = match group.news {
        News::New => "New",
        News::Known => "Still open",
        News::NotSeen => "Not visible today",
        News::Unknown => "Counted as open",
    };
    let mut accounts = Vec::new();
    for it in &group.accounts {
        if accounts.len() < MAX_ACCOUNTS && named.admits(it.id) {
            let name = named.external(it.name);
            accounts.push(format!("{} {}", it.id, safe(&name)));
        }
    }
    let more = group.accounts.len() - accounts.len();
    if more > 0 {
        accounts.push(format!("{} more", thousands(more)));
    }
    format!("- {news}: {}: {}", group.cause.title(), accounts.join(", "))
}

/// Text without the marks of Markdown and mentions of a chat.
fn safe(text: &str) -> String {
    let marks = [
        '*', '_', '~', '`', '<', '>', '@', '[', ']', '#', '|', '&', '!',
    ];
    text.replace(marks, " ")
}
