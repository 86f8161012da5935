//! The operations of AWS Config that read, create, start and stop the recorder of an account.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationRecorderStatus.html>

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    protocol::{
        error::AwsError,
        json::{epoch_seconds, missing, optional, required},
        operation::Operation,
    },
    services::config::named::named,
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
            let all = held.recorder.iter().collect();
            let member = ("ConfigurationRecorderNames", 1);
            let shown = named(all, |it| &it.name, request, member, no_such)?;
            let shown: Vec<_> = shown.into_iter().map(status).collect();
            Ok(json!({ "ConfigurationRecordersStatus": shown }))
        }
        Operation::PutConfigurationRecorder => put(held, request),
        Operation::PutDeliveryChannel if held.recorder.is_none() => Err(AwsError::bad_request(
            "NoAvailableConfigurationRecorderException",
            "Configuration recorder is not available to put delivery channel.",
        )),
        Operation::PutDeliveryChannel => {
            held.delivery_channel = true;
            Ok(json!({}))
        }
        _ => switch(held, operation, request, now),
    }
}

fn status(it: &Recorder) -> Value {
    let last_status = if it.recording { "Success" } else { "Pending" };
    json!({
        "name": it.name,
        "recording": it.recording,
        "lastStatus": it.started.map(|_| last_status),
        "lastStartTime": it.started.map(epoch_seconds),
        "lastStopTime": it.stopped.map(epoch_seconds),
        "lastStatusChangeTime": it.started.max(it.stopped).map(epoch_seconds),
    })
}

fn put(held: &mut Held, request: &Value) -> Result<Value, AwsError> {
    let sent = &request["ConfigurationRecorder"];
    let name = optional(sent, "name", Value::as_str)?.unwrap_or("default");
    if optional(sent, "roleARN", Value::as_str)?.is_none() {
        return Err(missing("configurationRecorder.roleARN"));
    }
    match &held.recorder {
        Some(known) if known.name != name => {
            let message = format!(
                "Failed to put configuration recorder '{name}' because the maximum number of \
                 configuration recorders: 1 is reached."
            );
            let code = "MaxNumberOfConfigurationRecordersExceededException";
            return Err(AwsError::bad_request(code, message));
        }
        Some(_) => {}
        None => held.recorder = Some(Recorder::stopped(name)),
    }
    Ok(json!({}))
}

/// Starts or stops it. A recorder that was started has recorded something.
fn switch(
    held: &mut Held,
    operation: Operation,
    request: &Value,
    now: DateTime<Utc>,
) -> Result<Value, AwsError> {
    let name = required(request, "ConfigurationRecorderName")?;
    let recorder = held.recorder.as_mut().filter(|it| it.name == name);
    let recorder = recorder.ok_or_else(|| no_such(name))?;
    let starts = operation == Operation::StartConfigurationRecorder;
    if starts && !held.delivery_channel {
        let message = "Delivery channel is not available to start configuration recorder.";
        let code = "NoAvailableDeliveryChannelException";
        return Err(AwsError::bad_request(code, message));
    }
    recorder.recording = starts;
    if starts {
        recorder.started = Some(now);
        held.account.recorder = true;
    } else {
        recorder.stopped = Some(now);
    }
    Ok(json!({}))
}

fn no_such(name: &str) -> AwsError {
    let message = format!("Cannot find configuration recorder with the specified name '{name}'.");
    AwsError::bad_request("NoSuchConfigurationRecorderException", message)
}
