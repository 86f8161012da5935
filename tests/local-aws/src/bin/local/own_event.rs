//! One event of the user's own, and what the function would send to AWS Config.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use chrono::{DateTime, Utc};
use local_aws::{ConfigRule, LocalAws, Operation, Outcome, RULE_NAME};
use serde_json::Value;

use crate::{
    expected::Evaluated,
    fleet::{self, Member},
    function::Binary,
    sandbox::Sandbox,
};

/// Whether the run succeeded.
pub async fn run(
    aws: &LocalAws,
    binary: &Binary,
    file: &Path,
    out: &mut impl Write,
) -> io::Result<bool> {
    let shown = file.display();
    let payload = fs::read(file)
        .map_err(|error| io::Error::other(format!("cannot read the event {shown}: {error}")))?;
    // Some editors write a byte order mark, which is no part of the event.
    let payload = payload.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&payload);
    // Anything that is no event is run too: it shows how the function rejects it.
    let event: Value = serde_json::from_slice(payload).unwrap_or_default();
    if let Some(time) = time_of(&event) {
        aws.set_time(time);
    }
    let member = member_of(file, event["accountId"].as_str(), aws.now())?;
    let (account, what) = (member.account.id.clone(), member.what);
    writeln!(out, "Read {shown}: {}", described(&event))?;
    writeln!(
        out,
        "Runs it with the emulated account {account}, set up as \"{what}\".\n"
    )?;
    let sandbox = Sandbox::start(aws, binary, member).await?;
    if let Some(token) = event["resultToken"].as_str() {
        let rule = event["configRuleName"].as_str().unwrap_or(RULE_NAME);
        if rule != RULE_NAME {
            aws.put_rule(ConfigRule::new(&account, rule));
        }
        aws.accept_token(&account, rule, token);
    }
    let outcome = sandbox.invoke(payload).await;
    out.write_all(sandbox.log().as_bytes())?;
    let is_sent = |it: &local_aws::Request| it.operation == Some(Operation::PutEvaluations);
    for mut request in aws.requests().into_iter().filter(is_sent) {
        hide_token(&mut request.parameters);
        writeln!(
            out,
            "Sent to AWS Config with PutEvaluations:\n{:#}",
            request.parameters
        )?;
    }
    if matches!(outcome, Outcome::Response(_)) {
        return Ok(true);
    }
    let Evaluated { kind, text, .. } = Evaluated::new(outcome, &[]);
    writeln!(out, "The run failed. {kind}: {text}")?;
    Ok(false)
}

/// The time of the event's notification; with it, the ages in the annotation are those of the table.
fn time_of(event: &Value) -> Option<DateTime<Utc>> {
    let invoking: Value = serde_json::from_str(event["invokingEvent"].as_str()?).ok()?;
    invoking["notificationCreationTime"].as_str()?.parse().ok()
}

/// The fleet's account of that id; the first account for an event that names none.
fn member_of(file: &Path, id: Option<&str>, now: DateTime<Utc>) -> io::Result<Member> {
    let mut members = fleet::members(now);
    let is_it = |member: &Member| id.is_none_or(|id| member.account.id == id);
    if let Some(position) = members.iter().position(is_it) {
        return Ok(members.swap_remove(position));
    }
    let known: Vec<_> = members.iter().map(|it| it.account.id.as_str()).collect();
    Err(io::Error::other(format!(
        "the event {} is for account {}, which is not emulated; set its accountId to one of {}",
        file.display(),
        id.unwrap_or_default(),
        known.join(", ")
    )))
}

/// What the file contains, as far as it is an event.
fn described(event: &Value) -> String {
    let Some(account) = event["accountId"].as_str() else {
        return "not a JSON object with an accountId, so it runs in the first account.".to_owned();
    };
    let rule = event["configRuleName"].as_str().unwrap_or("(no name)");
    let time = time_of(event).map_or_else(String::new, |time| {
        format!(", notification of {}", time.format("%Y-%m-%d %H:%M UTC"))
    });
    format!("an event of the rule {rule} for account {account}{time}.")
}

/// A result token authorizes writing, so it is not printed.
fn hide_token(parameters: &mut Value) {
    if let Some(token) = parameters["ResultToken"].as_str() {
        parameters["ResultToken"] = format!("({} characters)", token.chars().count()).into();
    }
}
