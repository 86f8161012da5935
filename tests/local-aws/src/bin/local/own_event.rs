//! One event of the user's own, and what would be sent to AWS Config.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use chrono::{DateTime, Utc};
use local_aws::{ConfigRule, LocalAws, Operation, RULE_NAME};
use serde_json::Value;

use crate::{
    fleet::{self, Member},
    row::Evaluated,
    sandbox::Sandbox,
};

/// Whether Config took the evaluation.
pub async fn run(
    aws: &LocalAws,
    bootstrap: &Path,
    file: &Path,
    out: &mut impl Write,
) -> io::Result<bool> {
    let payload = fs::read(file).map_err(|error| {
        io::Error::other(format!("cannot read the event {}: {error}", file.display()))
    })?;
    // An editor's byte order mark is no part of the event.
    let payload = payload
        .strip_prefix(b"\xEF\xBB\xBF")
        .map_or(payload.clone(), <[u8]>::to_vec);
    // What is no event is still run: how the function refuses it is the answer.
    let event: Value = serde_json::from_slice(&payload).unwrap_or_default();
    if let Some(time) = time_of(&event) {
        aws.set_time(time);
    }
    let member = stand_in_for(event["accountId"].as_str(), aws.now(), out)?;
    let account = member.account.id.clone();
    let sandbox = Sandbox::start(aws, bootstrap, member).await?;
    if let Some(token) = event["resultToken"].as_str() {
        let rule = event["configRuleName"].as_str().unwrap_or(RULE_NAME);
        if rule != RULE_NAME {
            aws.put_rule(ConfigRule::new(&account, rule));
        }
        aws.accept_token(&account, rule, token);
    }
    let outcome = sandbox.invoke(payload).await;
    let sent = aws
        .requests()
        .into_iter()
        .filter(|request| request.operation == Some(Operation::PutEvaluations));
    for mut request in sent {
        hide_token(&mut request.parameters);
        writeln!(out, "Sent to AWS Config with PutEvaluations:")?;
        writeln!(out, "{:#}", request.parameters)?;
    }
    let good = matches!(outcome, local_aws::Outcome::Response(_));
    if !good
        && let Evaluated::Failed {
            error_type,
            message,
        } = Evaluated::new(outcome, &[])
    {
        writeln!(out, "The run failed. {error_type}: {message}")?;
    }
    Ok(good)
}

/// When the event says that it was made: so the ages in its annotation are those of the table.
fn time_of(event: &Value) -> Option<DateTime<Utc>> {
    let invoking: Value = serde_json::from_str(event["invokingEvent"].as_str()?).ok()?;
    invoking["notificationCreationTime"].as_str()?.parse().ok()
}

/// The fleet's account of that id, or a clean one with it.
fn stand_in_for(id: Option<&str>, now: DateTime<Utc>, out: &mut impl Write) -> io::Result<Member> {
    let mut members = fleet::members(now);
    let position = members
        .iter()
        .position(|member| Some(member.account.id.as_str()) == id);
    let mut member = members.swap_remove(position.unwrap_or_default());
    if let Some(id) = id {
        id.clone_into(&mut member.account.id);
    }
    writeln!(out, "Account {}: {}.", member.account.id, member.what)?;
    Ok(member)
}

/// A result token is a key to writing, and is not for the eye.
fn hide_token(parameters: &mut Value) {
    if let Some(token) = parameters["ResultToken"].as_str() {
        parameters["ResultToken"] = format!("({} characters)", token.chars().count()).into();
    }
}
