//! `StartConfigRulesEvaluation`: sends the event of a rule to its function.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_StartConfigRulesEvaluation.html>

use chrono::Duration;
use serde_json::{Value, json};

use crate::{
    protocol::{
        error::AwsError,
        json::{constraint, strings},
    },
    services::{admitted_request::AdmittedRequest, config::results::requested_rules},
    state::world::State,
};

/// Starts a run of each rule that the request names, unless a run is in progress or the last call is less than a minute old.
pub(crate) fn start(state: &mut State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let now = state.now();
    let request = &admitted.parameters;
    if strings(request, "ConfigRuleNames", 25)?.is_empty() {
        let rule = "Member must have length greater than or equal to 1";
        return Err(constraint("[]", "configRuleNames", rule));
    }
    let held = state.held(admitted.caller())?;
    let rules: Vec<_> = requested_rules(held, request)?
        .into_iter()
        .cloned()
        .collect();
    if held.rules.iter().any(|rule| rule.evaluating) {
        return Err(limit_exceeded("an evaluation is in progress"));
    }
    let minute = Duration::minutes(1);
    if held.last_start.is_some_and(|last| now - last < minute) {
        return Err(limit_exceeded("only one call a minute is allowed"));
    }
    held.last_start = Some(now);
    for rule in rules {
        state.start_run(rule)?;
    }
    Ok(json!({}))
}

fn limit_exceeded(why: &str) -> AwsError {
    let message = format!("StartConfigRulesEvaluation: {why}");
    AwsError::bad_request("LimitExceededException", message)
}
