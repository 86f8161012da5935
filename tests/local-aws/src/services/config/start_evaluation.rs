//! `StartConfigRulesEvaluation`: the event of a rule, sent to its function as AWS Config would.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_StartConfigRulesEvaluation.html>

use chrono::Duration;
use serde_json::{Value, json};

use crate::{
    lambda::runtime_api::Invocation,
    protocol::error::AwsError,
    protocol::json::{constraint, strings},
    services::config::results::rules_named,
    state::rule::{ConfigRule, scheduled_event},
    state::world::{State, World, lock},
};

/// Starts a run of each rule named, unless one runs or the last call is not a minute old.
pub(crate) fn start(world: &World, account: &str, request: &Value) -> Result<Value, AwsError> {
    let mut state = lock(world);
    let now = state.now();
    let names = strings(request, "ConfigRuleNames", 25)?;
    if names.is_empty() {
        let rule = "Member must have length greater than or equal to 1";
        return Err(constraint("[]", "configRuleNames", rule));
    }
    let held = state.held(account)?;
    let rules = rules_named(held, &names)?;
    if held.rules.iter().any(|rule| rule.evaluating) {
        return Err(limit_exceeded("an evaluation is in progress"));
    }
    let minute = Duration::minutes(1);
    if held.last_start.is_some_and(|last| now - last < minute) {
        return Err(limit_exceeded("only one call a minute is allowed"));
    }
    held.last_start = Some(now);
    for rule in rules {
        send(world, &mut state, rule)?;
    }
    Ok(json!({}))
}

/// Adds a rule, which AWS Config evaluates by itself as soon as it is there.
pub(crate) fn of_new_rule(
    world: &World,
    state: &mut State,
    account: &str,
    rule: ConfigRule,
) -> Result<(), AwsError> {
    let now = state.now();
    let name = rule.name.clone();
    state.held(account)?.put_rule(rule, now);
    let rule = state.held(account)?.rule(&name);
    send(world, state, rule)
}

/// Sends the rule's event to its function, and does not wait.
fn send(world: &World, state: &mut State, rule: ConfigRule) -> Result<(), AwsError> {
    let token = state.issue_token(&rule.account, &rule.name);
    let event = scheduled_event(&rule, &token, state.now());
    let rules = &mut state.held(&rule.account)?.rules;
    mark(rules, &rule.name, rule.function.is_some());
    tokio::spawn(run(world.clone(), rule, event));
    Ok(())
}

/// One run; its outcome goes nowhere, as Config invokes asynchronously.
async fn run(world: World, rule: ConfigRule, event: Value) {
    let Some(function) = &rule.function else {
        return;
    };
    let invocation = Invocation::of(&rule.function_arn());
    function.invoke(event.to_string(), invocation).await;
    if let Ok(held) = lock(&world).held(&rule.account) {
        mark(&mut held.rules, &rule.name, false);
    }
}

fn mark(rules: &mut [ConfigRule], name: &str, evaluating: bool) {
    for rule in rules.iter_mut().filter(|rule| rule.name == name) {
        rule.evaluating = evaluating;
    }
}

fn limit_exceeded(why: &str) -> AwsError {
    let message = format!("StartConfigRulesEvaluation: {why}");
    AwsError::new(400, "LimitExceededException", message)
}
