//! The last evaluation of a rule, and whether it is still recent.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::organization::facts::{Details, RULE, RuleResult};
use crate::time::Time;

/// How late an evaluation may be without being stale: AWS Config runs the rule at no
/// exact time, Lambda's retries take up to an hour, and an aggregator lags behind.
const SLACK: TimeDelta = TimeDelta::hours(3);
/// The longest period that a rule can have, in hours.
const LONGEST_PERIOD: i64 = 24;

/// What a rule last reported about its account.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluation {
    /// The name of the rule.
    pub rule: String,
    /// Which deployment the rule came with.
    pub deployment: Deployment,
    /// `COMPLIANT`, `NON_COMPLIANT` or `INSUFFICIENT_DATA`.
    pub compliance_type: &'static str,
    /// The rule's annotation.
    pub annotation: Option<String>,
    /// When AWS Config recorded it.
    pub recorded: Option<Time>,
    /// When AWS Config invoked the rule.
    pub invoked: Option<Time>,
    /// The period of the rule; the longest there is, where it is not visible.
    pub period_hours: i64,
    /// Whether it is older than its period and the slack.
    pub stale: bool,
    source: Cow<'static, str>,
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

impl Deployment {
    /// Returns the deployment that a rule of that name came with.
    #[must_use]
    pub fn of(rule: &str) -> Self {
        if rule == RULE {
            Self::Account
        } else {
            Self::Organization
        }
    }
}

impl Evaluation {
    /// Evaluates a result with details at `now`; `period` is the
    /// `MaximumExecutionFrequency` of the organization's rule.
    #[must_use]
    pub fn new(
        result: &RuleResult,
        details: &Details,
        period: Option<&str>,
        now: DateTime<Utc>,
    ) -> Self {
        let deployment = Deployment::of(&result.rule);
        let period_hours = match deployment {
            Deployment::Organization => period.map_or(LONGEST_PERIOD, hours),
            Deployment::Account => LONGEST_PERIOD,
        };
        let recorded = details.recorded;
        Self {
            rule: result.rule.clone(),
            deployment,
            compliance_type: worse(&result.compliance_type, details.compliance_type.as_deref()),
            annotation: details.annotation.clone(),
            stale: recorded.is_none_or(|recorded| is_stale(recorded.0, period_hours, now)),
            recorded,
            invoked: details.invoked,
            period_hours,
            source: details.source.clone(),
        }
    }
}

/// The worse of two responses that were read one after the other.
fn worse(of_rule: &str, of_details: Option<&str>) -> &'static str {
    match (of_rule, of_details) {
        ("NON_COMPLIANT", _) | (_, Some("NON_COMPLIANT")) => "NON_COMPLIANT",
        ("COMPLIANT", Some("COMPLIANT")) => "COMPLIANT",
        _ => "INSUFFICIENT_DATA",
    }
}

/// Too old; or from further in the future than a correct clock can be behind.
fn is_stale(recorded: DateTime<Utc>, period_hours: i64, now: DateTime<Utc>) -> bool {
    let age = now - recorded;
    age > TimeDelta::hours(period_hours) + SLACK || age < -SLACK
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
