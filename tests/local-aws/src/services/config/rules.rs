//! The operations of AWS Config that read rules: their settings, their last run, their results.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeComplianceByConfigRule.html>

use serde_json::{Value, json};

use crate::{
    protocol::{
        error::AwsError,
        json::{among, epoch_seconds, required, strings},
        paging::{limit, page},
    },
    services::config::results::{
        self, evaluation_result, newest, no_such_rule, requested_rules, type_of,
    },
    state::{rule::ConfigRule, world::Held},
};

/// The number of rules in a page.
const PAGE: usize = 25;

/// Answers `DescribeConfigRules`.
pub(crate) fn describe(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let rules = requested_rules(held, request)?;
    let described = rules.into_iter().map(ConfigRule::described).collect();
    page(described, PAGE, request, "ConfigRules")
}

/// Answers `DescribeConfigRuleEvaluationStatus`.
pub(crate) fn status(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let rules = requested_rules(held, request)?;
    let statuses = rules.iter().map(|rule| status_of(held, rule)).collect();
    page(statuses, PAGE, request, "ConfigRulesEvaluationStatus")
}

/// Answers `DescribeComplianceByConfigRule`.
pub(crate) fn compliance(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let types = strings(request, "ComplianceTypes", 3)?;
    let rules = requested_rules(held, request)?;
    let all = rules.iter().filter_map(|rule| {
        let compliance = results::compliance(held, &rule.name);
        among(&types, type_of(&compliance))
            .then(|| json!({ "ConfigRuleName": rule.name, "Compliance": compliance }))
    });
    page(all.collect(), PAGE, request, "ComplianceByConfigRules")
}

/// Answers `GetComplianceDetailsByConfigRule`.
pub(crate) fn details(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let name = required(request, "ConfigRuleName")?;
    if !held.rules.iter().any(|rule| rule.name == name) {
        return Err(no_such_rule(name));
    }
    let types = strings(request, "ComplianceTypes", 3)?;
    let size = limit(request, 10, 100)?;
    let results = newest(held, name).into_iter();
    let results = results.filter(|result| among(&types, &result.compliance_type));
    let shown = results.map(evaluation_result).collect();
    page(shown, size, request, "EvaluationResults")
}

/// AWS Config does not wait for the function: a failed run counts as a successful invocation
/// without an evaluation.
fn status_of(held: &Held, rule: &ConfigRule) -> Value {
    let tokens = held.tokens.values().filter(|it| it.rule == rule.name);
    let invoked = tokens.map(|it| it.invoked_at).max();
    let evaluations = held.evaluations.iter();
    let of_rule = evaluations.filter(|it| it.rule == rule.name);
    let evaluated = of_rule.map(|it| it.recorded_at).max();
    json!({
        "ConfigRuleName": rule.name,
        "ConfigRuleArn": rule.arn(),
        "ConfigRuleId": rule.id,
        "FirstEvaluationStarted": evaluated.is_some(),
        "FirstActivatedTime": rule.activated_at.map(epoch_seconds),
        "LastSuccessfulInvocationTime": invoked.max(evaluated).map(epoch_seconds),
        "LastSuccessfulEvaluationTime": evaluated.map(epoch_seconds),
    })
}
