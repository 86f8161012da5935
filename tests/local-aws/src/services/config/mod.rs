//! AWS Config: JSON 1.1, what a rule's function writes and what an operator reads.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/Welcome.html>

mod aggregator;
mod by_resource;
mod organization_pack;
mod put_evaluations;
mod recorder;
mod results;
mod rules;
pub(crate) mod start_evaluation;

use serde_json::Value;

use crate::{
    protocol::{error::AwsError, operation::Operation},
    state::world::{World, lock},
};

/// Answers one operation for the account that signed it.
pub(crate) fn answer(
    world: &World,
    account: &str,
    region: &str,
    operation: Operation,
    request: &Value,
) -> Result<Value, AwsError> {
    if !request.is_object() {
        return Err(AwsError::new(
            400,
            "SerializationException",
            "the body is no JSON object",
        ));
    }
    if operation == Operation::StartConfigRulesEvaluation {
        return start_evaluation::start(world, account, request);
    }
    let mut state = lock(world);
    match operation {
        Operation::DescribeOrganizationConformancePacks
        | Operation::GetOrganizationConformancePackDetailedStatus => {
            return organization_pack::answer(&state, account, region, operation, request);
        }
        Operation::DescribeConfigurationAggregators
        | Operation::DescribeConfigurationAggregatorSourcesStatus
        | Operation::DescribeAggregateComplianceByConfigRules
        | Operation::GetAggregateComplianceDetailsByConfigRule
        | Operation::GetAggregateDiscoveredResourceCounts => {
            return aggregator::answer(&state, account, region, operation, request);
        }
        _ => {}
    }
    let now = state.now();
    let held = state.held(account)?;
    match operation {
        Operation::PutEvaluations => put_evaluations::put(held, request, now),
        Operation::DescribeConfigRules => rules::describe_rules(held, request),
        Operation::DescribeConfigRuleEvaluationStatus => rules::evaluation_status(held, request),
        Operation::DescribeComplianceByConfigRule => rules::describe_compliance(held, request),
        Operation::DescribeComplianceByResource => by_resource::compliance(held, request),
        Operation::GetComplianceDetailsByResource => by_resource::details(held, request),
        Operation::GetComplianceDetailsByConfigRule => rules::compliance_details(held, request),
        _ => recorder::answer(held, operation, request, now),
    }
}
