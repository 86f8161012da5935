//! The last evaluation of each rule in each account, and whether it still counts.

use std::cell::{Cell, RefCell};

use aws_sdk_config::types::{AggregateEvaluationResult, ComplianceType};
use aws_smithy_types::DateTime as SmithyTime;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::failure::{Failure, aws_answer};
use crate::root_key::Time;
use crate::status::aggregator::{Aggregator, RULE, RuleResult};
use crate::status::centre::Centre;
use crate::status::pages::{self, Source, progress};

/// After so many calls that failed for good the others would fail too.
const MOST_FAILURES: usize = 10;
/// What an evaluation may be late by and still not be stale: AWS Config keeps no
/// exact time, Lambda's retries take up to an hour, an aggregator lags.
const SLACK: TimeDelta = TimeDelta::hours(3);
/// The longest period that a rule can have.
const LONGEST_PERIOD: i64 = 24;

/// What a rule last said of its account.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluation {
    pub rule: String,
    pub deployment: Deployment,
    /// `COMPLIANT` or `NON_COMPLIANT`.
    pub compliance_type: String,
    pub annotation: Option<String>,
    /// When AWS Config recorded it.
    pub recorded: Option<Time>,
    /// When AWS Config asked the rule.
    pub invoked: Option<Time>,
    /// The period of the rule; the longest there is, where it cannot be seen.
    pub period_hours: i64,
    /// Whether it is older than its period and the slack.
    pub stale: bool,
    source: &'static str,
}

/// Which deployment a rule came with, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deployment {
    /// The account stack.
    Account,
    /// The organization: the StackSet's pack or the organization's.
    Organization,
}

/// What became of asking for one rule's last evaluation.
pub type Asked = (RuleResult, Result<Option<Evaluation>, Failure>);

impl Deployment {
    /// Of the rule of that name.
    pub fn of(rule: &str) -> Self {
        if rule == RULE {
            Self::Account
        } else {
            Self::Organization
        }
    }
}

/// Asks for the last evaluation of each; `period` is the organization's rule's.
pub async fn read(
    centre: &Centre,
    aggregator: &Aggregator,
    results: Vec<RuleResult>,
    period: Option<&str>,
    now: DateTime<Utc>,
) -> (Vec<Asked>, Source) {
    let waiting = RefCell::new(results.into_iter());
    let asked: RefCell<Vec<Asked>> = RefCell::default();
    let failures = Cell::new(0);
    let one_after_the_other = async || {
        while failures.get() < MOST_FAILURES {
            let next = waiting.borrow_mut().next();
            let Some(result) = next else { break };
            let answer = ask(centre, aggregator, &result).await;
            failures.set(failures.get() + usize::from(answer.is_err()));
            let answer = answer.map(|found| found.map(|it| evaluation(&result, it, period, now)));
            asked.borrow_mut().push((result, answer));
            let so_far = asked.borrow().len();
            progress(CALL, so_far - 1, so_far);
        }
    };
    // So many calls are under way at a time, which bounds what an account's
    // other users of AWS Config can notice of this one.
    tokio::join!(
        one_after_the_other(),
        one_after_the_other(),
        one_after_the_other(),
        one_after_the_other()
    );
    let (mut asked, failed) = (asked.into_inner(), failures.get());
    let source = Source::of(CALL, asked.len(), asked.len() - failed);
    let given_up = Failure::new(format!(
        "{CALL}: not asked, since {failed} such calls failed"
    ));
    let rest = waiting.into_inner();
    asked.extend(rest.map(|result| (result, Err(given_up.clone()))));
    (asked, source)
}

const CALL: &str = "config:GetAggregateComplianceDetailsByConfigRule";

/// The newest result about the account itself, from however many pages.
async fn ask(
    centre: &Centre,
    aggregator: &Aggregator,
    result: &RuleResult,
) -> Result<Option<AggregateEvaluationResult>, Failure> {
    let (found, _) = pages::collect(CALL, async |token| {
        let answer = centre
            .config
            .get_aggregate_compliance_details_by_config_rule()
            .configuration_aggregator_name(&aggregator.name)
            .config_rule_name(&result.rule)
            .account_id(&result.account)
            .aws_region(&centre.region)
            .set_next_token(token)
            .send()
            .await;
        let answer = answer.map_err(|error| centre.refused(CALL, &aws_answer(&error)))?;
        let results = answer.aggregate_evaluation_results.unwrap_or_default();
        Ok((results, answer.next_token))
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

fn evaluation(
    result: &RuleResult,
    found: AggregateEvaluationResult,
    period: Option<&str>,
    now: DateTime<Utc>,
) -> Evaluation {
    let deployment = Deployment::of(&result.rule);
    let period_hours = match deployment {
        Deployment::Organization => period.map_or(LONGEST_PERIOD, hours),
        Deployment::Account => LONGEST_PERIOD,
    };
    let recorded = found.result_recorded_time.as_ref().and_then(time);
    let details = found
        .compliance_type
        .unwrap_or(ComplianceType::InsufficientData);
    // Two answers of one aggregator, read one after the other: the worse counts.
    let compliance_type = match (&result.compliance_type, &details) {
        (ComplianceType::NonCompliant, _) | (_, ComplianceType::NonCompliant) => {
            ComplianceType::NonCompliant
        }
        (ComplianceType::Compliant, ComplianceType::Compliant) => details,
        _ => ComplianceType::InsufficientData,
    };
    Evaluation {
        rule: result.rule.clone(),
        deployment,
        compliance_type: compliance_type.as_str().to_owned(),
        annotation: found.annotation,
        stale: recorded.is_none_or(|recorded| is_stale(recorded.0, period_hours, now)),
        recorded,
        invoked: found.config_rule_invoked_time.as_ref().and_then(time),
        period_hours,
        source: CALL,
    }
}

/// Too old; or from a future that no clock that is right can be behind of.
fn is_stale(recorded: DateTime<Utc>, period_hours: i64, now: DateTime<Utc>) -> bool {
    let age = now - recorded;
    age > TimeDelta::hours(period_hours) + SLACK || age < -SLACK
}

fn time(time: &SmithyTime) -> Option<Time> {
    DateTime::from_timestamp(time.secs(), 0).map(Time)
}

/// The hours of a `MaximumExecutionFrequency`.
fn hours(frequency: &str) -> i64 {
    match frequency {
        "One_Hour" => 1,
        "Three_Hours" => 3,
        "Six_Hours" => 6,
        "Twelve_Hours" => 12,
        _ => LONGEST_PERIOD,
    }
}
