//! AWS Config, asked about rules.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeComplianceByConfigRule.html>

use serde_json::{Value, json};

use crate::{
    protocol::{
        error::AwsError,
        json::{constraint, optional, strings},
        paging::page,
    },
    services::config::{
        by_resource,
        results::{compliance, evaluation_result, newest, no_such_rule, rules_named},
    },
    state::{rule::ConfigRule, world::Held},
};

/// How many rules a page holds.
const PAGE: usize = 25;

pub(crate) fn describe_rules(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let rules = rules_asked_for(held, request)?;
    page(&rules, PAGE, request, "ConfigRules", |rule| {
        rule.described()
    })
}

pub(crate) fn evaluation_status(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let rules = rules_asked_for(held, request)?;
    let member = "ConfigRulesEvaluationStatus";
    page(&rules, PAGE, request, member, |rule| {
        by_resource::evaluation_status(held, rule)
    })
}

pub(crate) fn describe_compliance(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let wanted = strings(request, "ComplianceTypes", 3)?;
    let rules = rules_asked_for(held, request)?;
    let all = rules
        .iter()
        .map(|rule| (rule, compliance(held, &rule.name)));
    let all: Vec<_> = all
        .filter(|(_, (kind, _))| wanted.is_empty() || wanted.iter().any(|wanted| wanted == kind))
        .collect();
    page(
        &all,
        PAGE,
        request,
        "ComplianceByConfigRules",
        |(rule, (kind, contributors))| {
            let mut compliance = json!({ "ComplianceType": kind });
            if *contributors > 0 {
                compliance["ComplianceContributorCount"] =
                    json!({ "CappedCount": contributors, "CapExceeded": false });
            }
            json!({ "ConfigRuleName": rule.name, "Compliance": compliance })
        },
    )
}

pub(crate) fn compliance_details(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let name = optional(request, "ConfigRuleName", Value::as_str)?
        .ok_or_else(|| constraint("null", "configRuleName", "Member must not be null"))?;
    if !held.rules.iter().any(|rule| rule.name == name) {
        return Err(no_such_rule(name));
    }
    let wanted = strings(request, "ComplianceTypes", 3)?;
    let limit = optional(request, "Limit", Value::as_u64)?.unwrap_or_default();
    if limit > 100 {
        let rule = "Member must have value less than or equal to 100";
        return Err(constraint(&limit.to_string(), "limit", rule));
    }
    let limit = usize::try_from(limit)
        .ok()
        .filter(|limit| *limit > 0)
        .unwrap_or(10);
    let mut results = newest(held, name);
    results.retain(|result| wanted.is_empty() || wanted.contains(&result.compliance_type));
    page(&results, limit, request, "EvaluationResults", |result| {
        evaluation_result(result)
    })
}

/// The rules of the request's `ConfigRuleNames`, or all.
fn rules_asked_for(held: &Held, request: &Value) -> Result<Vec<ConfigRule>, AwsError> {
    let names = strings(request, "ConfigRuleNames", 25)?;
    if names.is_empty() {
        return Ok(held.rules.clone());
    }
    rules_named(held, &names)
}
