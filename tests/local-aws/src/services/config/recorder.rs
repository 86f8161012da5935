//! AWS Config's recorder of one account, read and switched.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationRecorderStatus.html>

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    protocol::{
        error::AwsError,
        json::{epoch_seconds, missing, optional, required, strings},
        operation::Operation,
    },
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
            let shown: Vec<_> = asked_for(held, request)?.map(status).collect();
            Ok(json!({ "ConfigurationRecordersStatus": shown }))
        }
        Operation::DescribeConfigurationRecorders => {
            let shown: Vec<_> = asked_for(held, request)?.map(described).collect();
            Ok(json!({ "ConfigurationRecorders": shown }))
        }
        Operation::PutConfigurationRecorder => put(held, request),
        Operation::PutDeliveryChannel if held.recorder.is_none() => Err(AwsError::refused(
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

/// The recorder, unless another is asked for.
fn asked_for<'a>(
    held: &'a Held,
    request: &Value,
) -> Result<impl Iterator<Item = &'a Recorder>, AwsError> {
    for name in strings(request, "ConfigurationRecorderNames", 1)? {
        let is_known = held.recorder.as_ref().is_some_and(|it| it.name == name);
        is_known.then_some(()).ok_or_else(|| no_such(&name))?;
    }
    Ok(held.recorder.iter())
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

fn described(it: &Recorder) -> Value {
    json!({
        "name": it.name,
        "roleARN": it.role,
        "recordingGroup": { "allSupported": true, "includeGlobalResourceTypes": true },
    })
}

fn put(held: &mut Held, request: &Value) -> Result<Value, AwsError> {
    let sent = &request["ConfigurationRecorder"];
    let name = optional(sent, "name", Value::as_str)?.unwrap_or("default");
    let role = optional(sent, "roleARN", Value::as_str)?
        .ok_or_else(|| missing("configurationRecorder.roleARN"))?;
    match &mut held.recorder {
        Some(known) if known.name != name => {
            let message = format!(
                "Failed to put configuration recorder '{name}' because the maximum number of \
                 configuration recorders: 1 is reached."
            );
            let code = "MaxNumberOfConfigurationRecordersExceededException";
            return Err(AwsError::refused(code, message));
        }
        Some(known) => role.clone_into(&mut known.role),
        None => held.recorder = Some(Recorder::stopped(name, role)),
    }
    Ok(json!({}))
}

/// Starts or stops it; once started it has recorded something.
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
        return Err(AwsError::refused(code, message));
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
    AwsError::refused("NoSuchConfigurationRecorderException", message)
}
