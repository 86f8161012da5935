//! Aggregators of AWS Config: what the accounts hold, seen from one of them.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeAggregateComplianceByConfigRules.html>

use serde_json::{Value, json};

use crate::{
    protocol::error::AwsError,
    protocol::json::{constraint, epoch_seconds, optional, required, strings},
    protocol::operation::Operation,
    protocol::paging::page,
    services::config::results::{compliance, evaluation_result, newest},
    state::rollout::Aggregator,
    state::rule::ConfigRule,
    state::world::{Held, State},
};

/// The most that AWS gives in a page: of most things, and of compliance and counts.
const PAGE: usize = 100;
const LONG_PAGE: usize = 1000;

pub(crate) fn answer(
    state: &State,
    caller: &str,
    region: &str,
    operation: Operation,
    request: &Value,
) -> Result<Value, AwsError> {
    let aggregators = state.organization.iter().flat_map(|it| &it.aggregators);
    let mine: Vec<_> = aggregators
        .filter(|known| known.owner == caller && known.region == region)
        .collect();
    let find = |name: &str| {
        let known = mine.iter().find(|known| known.name == name);
        known.copied().ok_or_else(no_such_aggregator)
    };
    if operation == Operation::DescribeConfigurationAggregators {
        let asked_for = strings(request, "ConfigurationAggregatorNames", 10)?;
        let found = asked_for.iter().map(|name| find(name));
        let shown = match asked_for.len() {
            0 => mine.clone(),
            _ => found.collect::<Result<_, _>>()?,
        };
        return page(&shown, PAGE, request, "ConfigurationAggregators", |it| {
            described(it)
        });
    }
    let aggregator = find(required(request, "ConfigurationAggregatorName")?)?;
    let short = limit(request, PAGE)?.min(state.page);
    match operation {
        Operation::DescribeConfigurationAggregatorSourcesStatus => {
            let wanted = strings(request, "UpdateStatus", 3)?;
            let all: Vec<_> = source_statuses(state, aggregator)
                .filter(|it| {
                    wanted.is_empty() || wanted.iter().any(|w| it["LastUpdateStatus"] == **w)
                })
                .collect();
            page(
                &all,
                short,
                request,
                "AggregatedSourceStatusList",
                Value::clone,
            )
        }
        Operation::DescribeAggregateComplianceByConfigRules => {
            let all = by_rules(&sources(state, aggregator), aggregator, &request["Filters"]);
            let size = limit(request, LONG_PAGE)?.min(state.page);
            page(
                &all,
                size,
                request,
                "AggregateComplianceByConfigRules",
                Value::clone,
            )
        }
        Operation::GetAggregateComplianceDetailsByConfigRule => {
            let all = details(state, aggregator, request)?;
            page(
                &all,
                short,
                request,
                "AggregateEvaluationResults",
                Value::clone,
            )
        }
        _ => {
            let size = limit(request, LONG_PAGE)?.min(state.page);
            counts(&sources(state, aggregator), aggregator, size, request)
        }
    }
}

fn described(aggregator: &Aggregator) -> Value {
    let Aggregator {
        name,
        owner,
        region,
        ..
    } = aggregator;
    let mut described = json!({
        "ConfigurationAggregatorName": name,
        "ConfigurationAggregatorArn":
            format!("arn:aws:config:{region}:{owner}:config-aggregator/config-aggregator-abcd1234"),
        "CreationTime": 1_577_836_800.0,
        "LastUpdatedTime": 1_577_836_800.0,
    });
    let mut source = json!({ "AllAwsRegions": aggregator.regions.is_empty() });
    if !aggregator.regions.is_empty() {
        source["AwsRegions"] = json!(aggregator.regions);
    }
    match &aggregator.accounts {
        None => {
            source["RoleArn"] = format!("arn:aws:iam::{owner}:role/aggregator").into();
            described["OrganizationAggregationSource"] = source;
        }
        Some(accounts) => {
            source["AccountIds"] = json!(accounts);
            described["AccountAggregationSources"] = json!([source]);
        }
    }
    described
}

/// The accounts that it collects from, those apart from which it gets nothing.
fn sources<'a>(state: &'a State, aggregator: &Aggregator) -> Vec<&'a Held> {
    let accounts = state.accounts.values();
    accounts
        .filter(|held| collects(state, aggregator, &held.account.id))
        .collect()
}

fn collects(state: &State, aggregator: &Aggregator, id: &str) -> bool {
    let fails = aggregator.failing.iter().any(|(account, ..)| account == id);
    let is_source = match &aggregator.accounts {
        Some(accounts) => accounts.iter().any(|account| account == id),
        None => state.organization.as_ref().is_some_and(|it| it.has(id)),
    };
    is_source && !fails
}

fn source_statuses<'a>(
    state: &'a State,
    aggregator: &'a Aggregator,
) -> impl Iterator<Item = Value> + 'a {
    let good = sources(state, aggregator).into_iter().map(|held| {
        json!({
            "SourceId": held.account.id,
            "SourceType": "ACCOUNT",
            "AwsRegion": aggregator.region,
            "LastUpdateStatus": "SUCCEEDED",
            "LastUpdateTime": epoch_seconds(state.now()),
        })
    });
    let bad = aggregator.failing.iter().map(|(account, code, message)| {
        json!({
            "SourceId": account,
            "SourceType": "ACCOUNT",
            "AwsRegion": aggregator.region,
            "LastUpdateStatus": "FAILED",
            "LastUpdateTime": epoch_seconds(state.now()),
            "LastErrorCode": code,
            "LastErrorMessage": message,
        })
    });
    good.chain(bad)
}

/// Rules with a result; AWS leaves out those without.
fn by_rules(held: &[&Held], aggregator: &Aggregator, filters: &Value) -> Vec<Value> {
    let is = |filter: &str, value: &str| filters[filter].as_str().is_none_or(|it| it == value);
    let mut all = Vec::new();
    for held in held.iter().filter(|held| is("AccountId", &held.account.id)) {
        for rule in &held.rules {
            let (kind, contributors) = compliance(held, &rule.name);
            let wanted = covers(aggregator, rule)
                && is("ConfigRuleName", &rule.name)
                && is("AwsRegion", &rule.region)
                && is("ComplianceType", kind);
            if !wanted || kind == "INSUFFICIENT_DATA" {
                continue;
            }
            let mut compliance = json!({ "ComplianceType": kind });
            if contributors > 0 {
                compliance["ComplianceContributorCount"] =
                    json!({ "CappedCount": contributors, "CapExceeded": false });
            }
            all.push(json!({
                "ConfigRuleName": rule.name,
                "Compliance": compliance,
                "AccountId": held.account.id,
                "AwsRegion": rule.region,
            }));
        }
    }
    all
}

fn details(
    state: &State,
    aggregator: &Aggregator,
    request: &Value,
) -> Result<Vec<Value>, AwsError> {
    let account = required(request, "AccountId")?;
    let region = required(request, "AwsRegion")?;
    let name = required(request, "ConfigRuleName")?;
    let held = state.accounts.get(account);
    let Some(held) = held.filter(|_| collects(state, aggregator, account)) else {
        return Ok(Vec::new());
    };
    let there =
        |rule: &ConfigRule| rule.name == name && rule.region == region && covers(aggregator, rule);
    if !held.rules.iter().any(there) {
        return Ok(Vec::new());
    }
    let results = newest(held, name).into_iter();
    Ok(results
        .map(|evaluation| {
            let mut result = evaluation_result(evaluation);
            result["AccountId"] = account.into();
            result["AwsRegion"] = region.into();
            result
        })
        .collect())
}

/// How many resources AWS Config has recorded, by account; an account without any is left out.
fn counts(
    held: &[&Held],
    aggregator: &Aggregator,
    size: usize,
    request: &Value,
) -> Result<Value, AwsError> {
    let region = request["Filters"]["Region"].as_str().unwrap_or_default();
    let collected =
        aggregator.regions.is_empty() || aggregator.regions.iter().any(|it| it == region);
    let recorded: Vec<_> = held
        .iter()
        .filter(|held| collected && held.account.recorder)
        .map(|held| json!({ "GroupName": held.account.id, "ResourceCount": 1 }))
        .collect();
    let total = recorded.len();
    let mut answer = page(
        &recorded,
        size,
        request,
        "GroupedResourceCounts",
        Value::clone,
    )?;
    answer["GroupByKey"] = request["GroupByKey"].clone();
    answer["TotalDiscoveredResources"] = total.into();
    Ok(answer)
}

fn covers(aggregator: &Aggregator, rule: &ConfigRule) -> bool {
    aggregator.regions.is_empty() || aggregator.regions.contains(&rule.region)
}

fn limit(request: &Value, most: usize) -> Result<usize, AwsError> {
    let asked = optional(request, "Limit", Value::as_u64)?.unwrap_or_default();
    match usize::try_from(asked).unwrap_or(usize::MAX) {
        0 => Ok(most),
        limit if limit <= most => Ok(limit),
        limit => {
            let rule = format!("Member must have value less than or equal to {most}");
            Err(constraint(&limit.to_string(), "limit", &rule))
        }
    }
}

fn no_such_aggregator() -> AwsError {
    let message = "The configuration aggregator does not exist. Check the configuration aggregator \
                   name and try again.";
    AwsError::new(400, "NoSuchConfigurationAggregatorException", message)
}
