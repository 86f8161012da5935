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
    function::Binary,
    row::Evaluated,
    sandbox::Sandbox,
};

/// Whether Config took the evaluation.
pub async fn run(
    aws: &LocalAws,
    binary: &Binary,
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
    let member = member_of(file, event["accountId"].as_str(), aws.now())?;
    writeln!(out, "Read {}: {}", file.display(), described(&event))?;
    let Member { account, what, .. } = &member;
    writeln!(
        out,
        "Runs it with the emulated account {}, set up as \"{what}\".\n",
        account.id
    )?;
    let account = member.account.id.clone();
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

/// The fleet's account of that id; the first one for an event that names none.
fn member_of(file: &Path, id: Option<&str>, now: DateTime<Utc>) -> io::Result<Member> {
    let mut members = fleet::members(now);
    let position = match id {
        None => Some(0),
        Some(id) => members.iter().position(|member| member.account.id == id),
    };
    if let Some(position) = position {
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

/// What the file holds, as far as it is an event.
fn described(event: &Value) -> String {
    let Some(account) = event["accountId"].as_str() else {
        return "no JSON object with an accountId, so the first account takes it.".to_owned();
    };
    let rule = event["configRuleName"].as_str().unwrap_or("(no name)");
    let time = time_of(event).map_or_else(String::new, |time| {
        format!(", notification of {}", time.format("%Y-%m-%d %H:%M UTC"))
    });
    format!("an event of the rule {rule} for account {account}{time}.")
}

/// A result token is a key to writing, and is not for the eye.
fn hide_token(parameters: &mut Value) {
    if let Some(token) = parameters["ResultToken"].as_str() {
        parameters["ResultToken"] = format!("({} characters)", token.chars().count()).into();
    }
}
