//! AWS Config, asked about resources and about a rule's runs.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeComplianceByResource.html>

use serde_json::{Value, json};

use crate::{
    protocol::error::AwsError,
    protocol::json::{constraint, epoch_seconds, optional, strings},
    protocol::paging::page,
    services::config::results::{evaluation_result, newest},
    state::evaluation::Evaluation,
    state::rule::ConfigRule,
    state::world::Held,
};

/// The most resources that a page holds, and how many unless said otherwise.
const LONGEST_PAGE: usize = 100;
const PAGE: usize = 10;

/// Answers `DescribeComplianceByResource`: non-compliant if any rule says so.
pub(crate) fn compliance(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let asked = Asked::read(request)?;
    let wanted = strings(request, "ComplianceTypes", 3)?;
    let size = match optional(request, "Limit", Value::as_u64)?.map(usize::try_from) {
        None | Some(Ok(0)) => PAGE,
        Some(Ok(limit)) if limit <= LONGEST_PAGE => limit,
        Some(_) => {
            let rule = "Member must have value less than or equal to 100";
            return Err(constraint(&request["Limit"].to_string(), "limit", rule));
        }
    };
    let all = results(held, asked);
    let mut resources: Vec<(&str, &str)> = all.iter().map(|it| resource(it)).collect();
    resources.sort_unstable();
    resources.dedup();
    let described = resources.into_iter().map(|it| {
        let of_it = all.iter().filter(|result| resource(result) == it);
        let bad = of_it
            .filter(|it| it.compliance_type == "NON_COMPLIANT")
            .count();
        let mut compliance = json!({ "ComplianceType": "COMPLIANT" });
        if bad > 0 {
            compliance = json!({
                "ComplianceType": "NON_COMPLIANT",
                "ComplianceContributorCount": { "CappedCount": bad, "CapExceeded": false },
            });
        }
        json!({ "ResourceType": it.0, "ResourceId": it.1, "Compliance": compliance })
    });
    let described: Vec<_> = described
        .filter(|it| {
            wanted.is_empty()
                || wanted
                    .iter()
                    .any(|w| it["Compliance"]["ComplianceType"] == **w)
        })
        .collect();
    page(
        &described,
        size,
        request,
        "ComplianceByResources",
        Value::clone,
    )
}

/// Answers `GetComplianceDetailsByResource`: each rule's newest result for it.
pub(crate) fn details(held: &Held, request: &Value) -> Result<Value, AwsError> {
    let asked = Asked::read(request)?;
    if asked.resource_type.is_none() || asked.id.is_none() {
        return Err(invalid(
            "Both resourceType and resourceId are needed, unless a resourceEvaluationId is given.",
        ));
    }
    let wanted = strings(request, "ComplianceTypes", 3)?;
    let mut results = results(held, asked);
    results.retain(|it| wanted.is_empty() || wanted.contains(&it.compliance_type));
    page(&results, LONGEST_PAGE, request, "EvaluationResults", |it| {
        evaluation_result(it)
    })
}

/// One rule as `DescribeConfigRuleEvaluationStatus` shows it. AWS Config invokes a function without waiting
/// for it: a run that failed was invoked successfully, and has no evaluation.
pub(crate) fn evaluation_status(held: &Held, rule: &ConfigRule) -> Value {
    let tokens = held.tokens.values().filter(|it| it.rule == rule.name);
    let invoked = tokens.map(|it| it.invoked_at).max();
    let evaluations = held.evaluations.iter();
    let of_rule = evaluations.filter(|it| it.rule == rule.name);
    let evaluated = of_rule.map(|it| it.recorded_at).max();
    let mut status = json!({
        "ConfigRuleName": rule.name,
        "ConfigRuleArn": rule.arn(),
        "ConfigRuleId": rule.id,
        "FirstEvaluationStarted": evaluated.is_some(),
    });
    for (member, time) in [
        ("FirstActivatedTime", rule.activated_at),
        ("LastSuccessfulInvocationTime", invoked.max(evaluated)),
        ("LastSuccessfulEvaluationTime", evaluated),
    ] {
        if let Some(time) = time {
            status[member] = epoch_seconds(time);
        }
    }
    status
}

/// Which resources a request is about.
#[derive(Clone, Copy)]
struct Asked<'a> {
    resource_type: Option<&'a str>,
    id: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn read(request: &'a Value) -> Result<Self, AwsError> {
        let asked = Self {
            resource_type: optional(request, "ResourceType", Value::as_str)?,
            id: optional(request, "ResourceId", Value::as_str)?,
        };
        if asked.id.is_some() && asked.resource_type.is_none() {
            return Err(invalid("A resourceId needs a resourceType."));
        }
        Ok(asked)
    }

    fn covers(self, evaluation: &Evaluation) -> bool {
        let (kind, id) = resource(evaluation);
        self.resource_type.is_none_or(|it| it == kind) && self.id.is_none_or(|it| it == id)
    }
}

fn results<'a>(held: &'a Held, asked: Asked<'_>) -> Vec<&'a Evaluation> {
    let rules = held.rules.iter();
    let all = rules.flat_map(|rule| newest(held, &rule.name));
    all.filter(|it| asked.covers(it)).collect()
}

fn resource(evaluation: &Evaluation) -> (&str, &str) {
    (&evaluation.resource_type, &evaluation.resource_id)
}

fn invalid(message: &str) -> AwsError {
    AwsError::new(400, "InvalidParameterValueException", message)
}
