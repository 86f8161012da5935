//! AWS Config (JSON 1.1): what a rule's function reports and what an operator reads.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/Welcome.html>

mod aggregator;
mod named;
mod organization_pack;
mod put_evaluations;
mod recorder;
mod results;
mod rules;
mod start_evaluation;

use serde_json::Value;

use crate::{
    protocol::{error::AwsError, operation::Operation},
    services::admitted_request::AdmittedRequest,
    state::world::State,
};

/// Answers one operation for the account that signed it.
pub(crate) fn answer(state: &mut State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let request = &admitted.parameters;
    if !request.is_object() {
        let message = "the body is no JSON object";
        return Err(AwsError::bad_request("SerializationException", message));
    }
    let now = state.now();
    match admitted.operation {
        Operation::StartConfigRulesEvaluation => start_evaluation::start(state, admitted),
        Operation::DescribeOrganizationConformancePacks
        | Operation::GetOrganizationConformancePackDetailedStatus => {
            organization_pack::answer(state, admitted)
        }
        Operation::DescribeConfigurationAggregators
        | Operation::DescribeConfigurationAggregatorSourcesStatus
        | Operation::DescribeAggregateComplianceByConfigRules
        | Operation::GetAggregateComplianceDetailsByConfigRule
        | Operation::GetAggregateDiscoveredResourceCounts => aggregator::answer(state, admitted),
        operation => {
            let held = state.held(admitted.caller())?;
            match operation {
                Operation::PutEvaluations => put_evaluations::put(held, request, now),
                Operation::DescribeConfigRules => rules::describe(held, request),
                Operation::DescribeConfigRuleEvaluationStatus => rules::status(held, request),
                Operation::DescribeComplianceByConfigRule => rules::compliance(held, request),
                Operation::GetComplianceDetailsByConfigRule => rules::details(held, request),
                _ => recorder::answer(held, operation, request, now),
            }
        }
    }
}
