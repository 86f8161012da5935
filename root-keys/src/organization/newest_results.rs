//! Reads the newest result of each rule in each account.

use std::cell::{Cell, RefCell};

use aws_sdk_config::types::AggregateEvaluationResult;
use serde::{Deserialize, Serialize};

use crate::aws::call::call_failure;
use crate::aws::time::time;
use crate::failure::Failure;
use crate::organization::clients::OrganizationClients;
use crate::organization::facts::{Details, RuleResult, Source};
use crate::organization::paging;
use crate::time::Time;

/// After so many failed calls the others would fail too.
const MAX_FAILURES: usize = 10;

const CALL: &str = "config:GetAggregateComplianceDetailsByConfigRule";

/// The results of all rules, of which some have their details.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewestResults {
    /// In the order of the listing.
    results: Vec<RuleResult>,
    /// How many of them have been read, or are being read.
    begun: usize,
    /// How many of the calls failed.
    failed: usize,
    /// When the last of them was read.
    at: Time,
}

impl NewestResults {
    /// Nothing has been read of these, at that time.
    pub fn unread(results: Vec<RuleResult>, at: Time) -> Self {
        Self {
            results,
            begun: 0,
            failed: 0,
            at,
        }
    }

    /// Whether all have been read, or given up.
    pub fn is_finished(&self) -> bool {
        self.begun == self.results.len() || self.failed >= MAX_FAILURES
    }

    /// Takes the next one.
    fn begin(&mut self) -> (usize, RuleResult) {
        let index = self.begun;
        self.begun += 1;
        (index, self.results[index].clone())
    }

    fn put(&mut self, index: usize, newest: Result<Option<AggregateEvaluationResult>, Failure>) {
        self.failed += usize::from(newest.is_err());
        self.results[index].details = newest
            .map(|found| found.map(details))
            .map_err(|failure| failure.to_string());
    }

    /// Returns all results, and their source. Those without details say why.
    ///
    /// In the order of the listing, everything after the tenth failure counts as not
    /// read, also what one of four calls at a time returned before that failure was
    /// known: the same responses give the same results, however they were sliced.
    pub fn finish(self) -> (Vec<RuleResult>, Source) {
        let Self {
            mut results,
            begun,
            failed,
            at,
        } = self;
        let numbered = (1..).zip(&results[..begun]);
        let mut failures = numbered.filter(|(_, it)| it.details.is_err());
        let last = failures.nth(MAX_FAILURES - 1).map(|(number, _)| number);
        let (requests, failed) = last.map_or((begun, failed), |number| (number, MAX_FAILURES));
        let why = match last {
            Some(_) => format!("{CALL}: given up, because {failed} of these calls failed"),
            None => format!("{CALL}: not called yet"),
        };
        for result in &mut results[requests..] {
            result.details = Err(why.clone());
        }
        let source = Source {
            call: CALL.into(),
            requests,
            items: requests - failed,
            at,
        };
        (results, source)
    }
}

/// Reads the details of one result after the other until `stop` returns true, but
/// of at least one.
pub async fn read(
    newest: &mut NewestResults,
    clients: &OrganizationClients,
    aggregator: &str,
    stop: impl Fn() -> bool,
) {
    let task = clients
        .listings
        .progress
        .counting(CALL, newest.results.len());
    let before = newest.begun;
    let (all, done) = (RefCell::new(newest), Cell::new(before));
    let next = || {
        let mut all = all.borrow_mut();
        let may_begin = !all.is_finished() && (all.begun == before || !stop());
        may_begin.then(|| all.begin())
    };
    let one_after_the_other = async || {
        while let Some((index, result)) = next() {
            let found = newest_of(clients, aggregator, &result).await;
            all.borrow_mut().put(index, found);
            done.set(done.get() + 1);
            task.reached(done.get());
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
    all.borrow_mut().at = clients.listings.now();
}

/// The newest result about the account itself, from however many pages.
async fn newest_of(
    clients: &OrganizationClients,
    aggregator: &str,
    result: &RuleResult,
) -> Result<Option<AggregateEvaluationResult>, Failure> {
    let found = paging::collect(CALL, async |token| {
        let response = clients
            .config
            .get_aggregate_compliance_details_by_config_rule()
            .configuration_aggregator_name(aggregator)
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
        source: CALL.into(),
    }
}
