//! Reads the newest result of each rule in each account.

use std::cell::{Cell, RefCell};

use aws_sdk_config::types::AggregateEvaluationResult;
use aws_smithy_types::DateTime as SmithyTime;

use crate::aws::call::call_failure;
use crate::failure::Failure;
use crate::organization::aggregator::Aggregator;
use crate::organization::clients::OrganizationClients;
use crate::organization::facts::{Details, RuleResult, Source};
use crate::organization::paging;
use crate::time::Time;

/// After so many failed calls the others would fail too.
const MAX_FAILURES: usize = 10;

const CALL: &str = "config:GetAggregateComplianceDetailsByConfigRule";

/// Reads the details of each result.
pub async fn read(
    clients: &OrganizationClients,
    aggregator: &Aggregator,
    results: Vec<RuleResult>,
) -> (Vec<RuleResult>, Source) {
    let task = clients.progress.counting(CALL, results.len());
    let waiting = RefCell::new(results.into_iter());
    let read: RefCell<Vec<RuleResult>> = RefCell::default();
    let failures = Cell::new(0);
    let one_after_the_other = async || {
        while failures.get() < MAX_FAILURES {
            let next = waiting.borrow_mut().next();
            let Some(mut result) = next else { break };
            let newest = newest(clients, aggregator, &result).await;
            failures.set(failures.get() + usize::from(newest.is_err()));
            result.details = newest
                .map(|found| found.map(details))
                .map_err(|failure| failure.to_string());
            read.borrow_mut().push(result);
            task.reached(read.borrow().len());
        }
    };
    // At most four calls at a time, so that other users of AWS Config in this
    // account are not throttled.
    tokio::join!(
        one_after_the_other(),
        one_after_the_other(),
        one_after_the_other(),
        one_after_the_other()
    );
    let (mut read, failed) = (read.into_inner(), failures.get());
    let source = paging::source(CALL, read.len(), read.len() - failed);
    let given_up = format!("{CALL}: not called, because {failed} of these calls failed");
    read.extend(waiting.into_inner().map(|mut result| {
        result.details = Err(given_up.clone());
        result
    }));
    (read, source)
}

/// The newest result about the account itself, from however many pages.
async fn newest(
    clients: &OrganizationClients,
    aggregator: &Aggregator,
    result: &RuleResult,
) -> Result<Option<AggregateEvaluationResult>, Failure> {
    let found = paging::collect(CALL, async |token| {
        let response = clients
            .config
            .get_aggregate_compliance_details_by_config_rule()
            .configuration_aggregator_name(&aggregator.name)
            .config_rule_name(&result.rule)
            .account_id(&result.account)
            .aws_region(&clients.viewpoint.region)
            .set_next_token(token)
            .send()
            .await;
        let response = response.map_err(|error| clients.refused(CALL, &call_failure(&error)))?;
        let results = response.aggregate_evaluation_results.unwrap_or_default();
        Ok((results, response.next_token))
    })
    .await?;
    let about = found.into_iter().filter(|it| is_about(it, &result.account));
    Ok(about.max_by_key(|it| it.result_recorded_time.map(|time| time.as_nanos())))
}

fn is_about(found: &AggregateEvaluationResult, account: &str) -> bool {
    let identifier = found.evaluation_result_identifier.as_ref();
    let resource = identifier.and_then(|it| it.evaluation_result_qualifier.as_ref());
    resource.is_some_and(|it| {
        it.resource_type.as_deref() == Some("AWS::::Account")
            && it.resource_id.as_deref() == Some(account)
    })
}

fn details(found: AggregateEvaluationResult) -> Details {
    Details {
        compliance_type: found.compliance_type.map(|it| it.as_str().to_owned()),
        recorded: found.result_recorded_time.as_ref().and_then(time),
        invoked: found.config_rule_invoked_time.as_ref().and_then(time),
        annotation: found.annotation,
        source: CALL,
    }
}

fn time(time: &SmithyTime) -> Option<Time> {
    Time::from_unix_seconds(time.secs())
}
