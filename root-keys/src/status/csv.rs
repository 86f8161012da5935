//! Renders the accounts as CSV for spreadsheets: one line for each.

use crate::spreadsheet::cell;
use crate::status::account_status::AccountStatus;
use crate::status::report::Report;
use crate::time::Time;

/// The names of the columns; later versions add columns at the end.
const COLUMNS: [&str; 19] = [
    "account",
    "account_name",
    "state",
    "organizational_unit_path",
    "management_account",
    "compliance",
    "open",
    "problems",
    "details",
    "function",
    "rule",
    "last_result",
    "annotations",
    "prevention",
    "exemption",
    "exemption_expires",
    "exemption_owner",
    "exemption_reason",
    "exemption_ticket",
];

/// Renders one record for each account, in the order of their IDs, as RFC 4180 has it.
#[must_use]
pub fn csv(report: &Report) -> String {
    // Records of one length, written to memory: there is nothing that could fail.
    written(report).unwrap_or_default()
}

fn written(report: &Report) -> Option<String> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(COLUMNS).ok()?;
    for status in &report.accounts {
        writer.write_record(record(status)).ok()?;
    }
    String::from_utf8(writer.into_inner().ok()?).ok()
}

fn record(status: &AccountStatus) -> [String; COLUMNS.len()] {
    let text = |text: Option<&str>| text.map(cell).unwrap_or_default();
    let exemption = status.exemption.as_ref();
    let last = status.evaluations.iter().filter_map(|it| it.recorded).max();
    let annotations = status.evaluations.iter().filter_map(|it| {
        let annotation = it.annotation.as_deref()?;
        Some(format!("{}: {annotation}", it.rule))
    });
    [
        cell(&status.account),
        cell(&status.name),
        cell(&status.state),
        text(status.organizational_unit_path.as_deref()),
        status.management_account.to_string(),
        status.compliance.word().to_owned(),
        status.open.to_string(),
        listed(status.problems.iter().map(|it| it.kind.to_string())),
        listed(status.problems.iter().map(|it| it.what.clone())),
        cell(&status.function),
        cell(&status.rule),
        last.as_ref().map(Time::to_string).unwrap_or_default(),
        listed(annotations),
        status.prevention.result.word().to_owned(),
        text(exemption.map(|it| it.state.to_string()).as_deref()),
        text(exemption.map(|it| it.expires.to_string()).as_deref()),
        text(exemption.map(|it| it.owner.as_str())),
        text(exemption.map(|it| it.reason.as_str())),
        text(exemption.and_then(|it| it.ticket.as_deref())),
    ]
}

fn listed(texts: impl Iterator<Item = String>) -> String {
    let texts: Vec<_> = texts.collect();
    cell(&texts.join("; "))
}
