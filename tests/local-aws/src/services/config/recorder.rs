//! AWS Config's recorder of one account, read and switched.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationRecorderStatus.html>

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    protocol::error::AwsError,
    protocol::json::{constraint, epoch_seconds, optional, strings},
    protocol::operation::Operation,
    state::{recorder::Recorder, world::Held},
};

/// Answers one operation on the account's recorder.
pub(crate) fn answer(
    held: &mut Held,
    operation: Operation,
    request: &Value,
    now: DateTime<Utc>,
) -> Result<Value, AwsError> {
    match operation {
        Operation::DescribeConfigurationRecorderStatus => {
            let asked = asked_for(held, request)?;
            let shown: Vec<_> = asked.iter().map(|it| status(it)).collect();
            Ok(json!({ "ConfigurationRecordersStatus": shown }))
        }
        Operation::DescribeConfigurationRecorders => {
            let asked = asked_for(held, request)?;
            let shown: Vec<_> = asked.iter().map(|it| described(it)).collect();
            Ok(json!({ "ConfigurationRecorders": shown }))
        }
        Operation::PutConfigurationRecorder => put(held, request),
        Operation::PutDeliveryChannel => put_channel(held),
        _ => switch(held, operation, request, now),
    }
}

fn status(it: &Recorder) -> Value {
    let mut status = json!({ "name": it.name, "recording": it.recording });
    if it.started.is_some() {
        status["lastStatus"] = if it.recording { "Success" } else { "Pending" }.into();
    }
    for (member, time) in [
        ("lastStartTime", it.started),
        ("lastStopTime", it.stopped),
        ("lastStatusChangeTime", it.started.max(it.stopped)),
    ] {
        if let Some(time) = time {
            status[member] = epoch_seconds(time);
        }
    }
    status
}

fn described(it: &Recorder) -> Value {
    json!({
        "name": it.name,
        "roleARN": it.role,
        "recordingGroup": { "allSupported": true, "includeGlobalResourceTypes": true },
    })
}

/// The recorder, unless others are asked for.
fn asked_for<'a>(held: &'a Held, request: &Value) -> Result<Vec<&'a Recorder>, AwsError> {
    let names = strings(request, "ConfigurationRecorderNames", 1)?;
    if names.is_empty() {
        return Ok(held.recorder.iter().collect());
    }
    let find = |name: &String| named(held, name).ok_or_else(|| no_such(name));
    names.iter().map(find).collect()
}

fn named<'a>(held: &'a Held, name: &str) -> Option<&'a Recorder> {
    held.recorder.as_ref().filter(|it| it.name == name)
}

fn put(held: &mut Held, request: &Value) -> Result<Value, AwsError> {
    let sent = &request["ConfigurationRecorder"];
    let name = optional(sent, "name", Value::as_str)?.unwrap_or("default");
    let role = optional(sent, "roleARN", Value::as_str)?.ok_or_else(|| {
        constraint(
            "null",
            "configurationRecorder.roleARN",
            "Member must not be null",
        )
    })?;
    match &mut held.recorder {
        Some(known) if known.name != name => {
            let message = format!(
                "Failed to put configuration recorder '{name}' because the maximum number of \
                 configuration recorders: 1 is reached."
            );
            return Err(AwsError::new(
                400,
                "MaxNumberOfConfigurationRecordersExceededException",
                message,
            ));
        }
        Some(known) => role.clone_into(&mut known.role),
        None => {
            held.recorder = Some(Recorder {
                name: name.to_owned(),
                role: role.to_owned(),
                recording: false,
                started: None,
                stopped: None,
            });
        }
    }
    Ok(json!({}))
}

fn put_channel(held: &mut Held) -> Result<Value, AwsError> {
    if held.recorder.is_none() {
        let message = "Configuration recorder is not available to put delivery channel.";
        return Err(AwsError::new(
            400,
            "NoAvailableConfigurationRecorderException",
            message,
        ));
    }
    held.delivery_channel = true;
    Ok(json!({}))
}

/// Starts or stops it; once started it has recorded something.
fn switch(
    held: &mut Held,
    operation: Operation,
    request: &Value,
    now: DateTime<Utc>,
) -> Result<Value, AwsError> {
    let name = optional(request, "ConfigurationRecorderName", Value::as_str)?.ok_or_else(|| {
        constraint(
            "null",
            "configurationRecorderName",
            "Member must not be null",
        )
    })?;
    let on = operation == Operation::StartConfigurationRecorder;
    let channel = held.delivery_channel;
    let recorder = held.recorder.as_mut().filter(|it| it.name == name);
    let recorder = recorder.ok_or_else(|| no_such(name))?;
    if on && !channel {
        let message = "Delivery channel is not available to start configuration recorder.";
        return Err(AwsError::new(
            400,
            "NoAvailableDeliveryChannelException",
            message,
        ));
    }
    recorder.recording = on;
    if on {
        recorder.started = Some(now);
        held.account.recorder = true;
    } else {
        recorder.stopped = Some(now);
    }
    Ok(json!({}))
}

fn no_such(name: &str) -> AwsError {
    let message = format!("Cannot find configuration recorder with the specified name '{name}'.");
    AwsError::new(400, "NoSuchConfigurationRecorderException", message)
}
