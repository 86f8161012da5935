//! Reads the newest result of each rule in each account.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use aws_sdk_config::types::AggregateEvaluationResult;
use root_access_key_rule::aws::failure::FailureClass;
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
    /// Those that AWS throttled in every attempt. Each is read a second time.
    again: VecDeque<usize>,
    /// Whether AWS has done so: from then on, one call is made at a time. Several would
    /// take from each other what AWS admits, and one of them would get nothing.
    throttled: bool,
    /// How many of the calls failed.
    failed: usize,
    /// When the last of them was read.
    at: Time,
}

/// Which result is read, and whether for the first time.
#[derive(Debug)]
struct Turn {
    index: usize,
    is_first: bool,
}

/// Why a result was not read.
#[derive(Debug)]
struct Unread {
    failure: Failure,
    throttled: bool,
}

impl NewestResults {
    /// Nothing has been read of these, at that time.
    pub fn unread(results: Vec<RuleResult>, at: Time) -> Self {
        Self {
            results,
            begun: 0,
            again: VecDeque::new(),
            throttled: false,
            failed: 0,
            at,
        }
    }

    /// Whether all have been read, or given up.
    pub fn is_finished(&self) -> bool {
        self.is_given_up() || (self.again.is_empty() && self.begun == self.results.len())
    }

    fn is_given_up(&self) -> bool {
        self.failed >= MAX_FAILURES
    }

    /// Takes the next one.
    fn begin(&mut self) -> Option<Turn> {
        if self.is_given_up() {
            return None;
        }
        let second = self.again.pop_front();
        if second.is_none() && self.begun == self.results.len() {
            return None;
        }
        self.begun += usize::from(second.is_none());
        Some(Turn {
            index: second.unwrap_or(self.begun - 1),
            is_first: second.is_none(),
        })
    }

    fn put(&mut self, turn: &Turn, newest: Result<Option<AggregateEvaluationResult>, Unread>) {
        if let Err(unread) = &newest {
            if unread.throttled && turn.is_first {
                self.throttled = true;
                self.again.push_back(turn.index);
            } else {
                self.failed += 1;
            }
        }
        self.results[turn.index].details = newest
            .map(|found| found.map(details))
            .map_err(|unread| unread.failure.to_string());
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
            at,
            ..
        } = self;
        let numbered = (1..).zip(&results[..begun]);
        let failures = numbered.filter(|(_, it)| it.details.is_err());
        let failures: Vec<usize> = failures.map(|(number, _)| number).collect();
        let last = failures.get(MAX_FAILURES - 1).copied();
        let requests = last.unwrap_or(begun);
        let failed = failures.len().min(MAX_FAILURES);
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
///
/// At most four calls are made at a time, so that other users of AWS Config in this
/// account are not throttled; a single one after AWS has throttled a call to its end.
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
    let (all, has_begun) = (RefCell::new(newest), Cell::new(false));
    let next = |alone: bool| {
        let mut all = all.borrow_mut();
        if (all.throttled && !alone) || (has_begun.get() && stop()) {
            return None;
        }
        has_begun.set(true);
        let turn = all.begin()?;
        Some((all.results[turn.index].clone(), turn))
    };
    let one_after_the_other = async |alone: bool| {
        while let Some((result, turn)) = next(alone) {
            let found = newest_of(clients, aggregator, &result).await;
            let mut all = all.borrow_mut();
            all.put(&turn, found);
            task.reached(all.begun - all.again.len());
        }
    };
    tokio::join!(
        one_after_the_other(false),
        one_after_the_other(false),
        one_after_the_other(false),
        one_after_the_other(false)
    );
    one_after_the_other(true).await;
    all.borrow_mut().at = clients.listings.now();
}

/// The newest result about the account itself, from however many pages.
async fn newest_of(
    clients: &OrganizationClients,
    aggregator: &str,
    result: &RuleResult,
) -> Result<Option<AggregateEvaluationResult>, Unread> {
    let throttled = Cell::new(false);
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
        let response = response.map_err(|error| {
            let failure = call_failure(&error);
            throttled.set(failure.class == FailureClass::Throttled);
            clients.refused(CALL, &failure)
        })?;
        let results = response.aggregate_evaluation_results.unwrap_or_default();
        Ok((results, response.next_token))
    });
    let found = found.await.map_err(|failure| Unread {
        failure,
        throttled: throttled.get(),
    })?;
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
