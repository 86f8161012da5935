//! The digest for a chat channel, short: the counts, the groups, and the links.

use root_keys::text::counted;

use crate::digest::content::Content;
use crate::digest::groups::{Group, News};
use crate::external::external;

/// The most groups that are named.
const MAX_GROUPS: usize = 10;
/// The most accounts of a group that are named.
const MAX_ACCOUNTS: usize = 5;

/// Words the message in Markdown.
pub fn of(content: &Content<'_>, groups: &[Group<'_>]) -> String {
    let latest = content.latest;
    let mut lines = Vec::new();
    if let Some(counts) = &latest.counts {
        let all = counted(counts.accounts, "account");
        lines.push(format!(
            "{all}: {} open, {} exempt.",
            latest.open.len(),
            counts.exempt
        ));
    }
    for line in latest.not_visible.iter().take(MAX_GROUPS) {
        lines.push(format!("- Not visible: {}", safe(line)));
    }
    for group in groups.iter().take(MAX_GROUPS) {
        lines.push(line(group));
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

fn line(group: &Group<'_>) -> String {
    let news = match group.news {
        News::New => "New",
        News::Known => "Still open",
        News::NotSeen => "Not visible today",
    };
    let named = group.accounts.iter().take(MAX_ACCOUNTS);
    let mut named: Vec<_> = named
        .map(|it| format!("{} {}", it.id, safe(it.name)))
        .collect();
    let more = group.accounts.len().saturating_sub(MAX_ACCOUNTS);
    if more > 0 {
        named.push(format!("{} more", counted(more, "account")));
    }
    format!("- {news}: {}: {}", group.cause.title(), named.join(", "))
}

/// External text without the marks of Markdown and mentions of a chat.
fn safe(text: &str) -> String {
    let marks = [
        '*', '_', '~', '`', '<', '>', '@', '[', ']', '#', '|', '&', '!',
    ];
    external(text).replace(marks, " ")
}
