//! Aggregators of AWS Config: what the accounts hold, seen from one of them.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeAggregateComplianceByConfigRules.html>

use serde_json::{Value, json};

use crate::{
    protocol::{
        error::AwsError,
        json::{among, epoch_seconds, required, strings},
        operation::Operation,
        paging::{limit, page},
    },
    services::{
        asked::Asked,
        config::results::{compliance, evaluation_result, newest, type_of},
    },
    state::{
        rollout::Aggregator,
        rule::ConfigRule,
        world::{Held, State},
    },
};

/// The most that AWS gives in a page: of most things, and of compliance and counts.
const PAGE: usize = 100;
const LONG_PAGE: usize = 1000;

/// Answers one operation.
pub(crate) fn answer(state: &State, asked: &Asked) -> Result<Value, AwsError> {
    let request = &asked.parameters;
    let aggregators = state.organization.iter().flat_map(|it| &it.aggregators);
    let own = |it: &&Aggregator| it.owner == asked.caller() && it.region == asked.region;
    let own: Vec<_> = aggregators.filter(own).collect();
    let find = |name: &str| {
        let known = own.iter().find(|known| known.name == name);
        known.copied().ok_or_else(no_such_aggregator)
    };
    if asked.operation == Operation::DescribeConfigurationAggregators {
        let names = strings(request, "ConfigurationAggregatorNames", 10)?;
        let found = names.iter().map(|name| find(name));
        let shown = match names.len() {
            0 => own.clone(),
            _ => found.collect::<Result<_, _>>()?,
        };
        let shown = shown.into_iter().map(described).collect();
        return page(shown, PAGE, request, "ConfigurationAggregators");
    }
    let aggregator = find(required(request, "ConfigurationAggregatorName")?)?;
    let (all, most, member) = match asked.operation {
        Operation::DescribeConfigurationAggregatorSourcesStatus => {
            let wanted = strings(request, "UpdateStatus", 3)?;
            let mut all = source_statuses(state, aggregator);
            all.retain(|it| among(&wanted, it["LastUpdateStatus"].as_str().unwrap_or_default()));
            (all, PAGE, "AggregatedSourceStatusList")
        }
        Operation::DescribeAggregateComplianceByConfigRules => {
            let all = by_rules(state, aggregator, &request["Filters"]);
            (all, LONG_PAGE, "AggregateComplianceByConfigRules")
        }
        Operation::GetAggregateComplianceDetailsByConfigRule => {
            let all = details(state, aggregator, request)?;
            (all, PAGE, "AggregateEvaluationResults")
        }
        _ => {
            let all = counts(state, aggregator, request);
            (all, LONG_PAGE, "GroupedResourceCounts")
        }
    };
    let total = all.len();
    let size = limit(request, most, most)?.min(state.page);
    let mut response = page(all, size, request, member)?;
    if asked.operation == Operation::GetAggregateDiscoveredResourceCounts {
        response["GroupByKey"] = request["GroupByKey"].clone();
        response["TotalDiscoveredResources"] = total.into();
    }
    Ok(response)
}

fn described(aggregator: &Aggregator) -> Value {
    let Aggregator {
        name,
        owner,
        region,
        accounts,
        regions,
        ..
    } = aggregator;
    let all_regions = regions.is_empty();
    let mut source = json!({
        "AllAwsRegions": all_regions,
        "AwsRegions": (!all_regions).then_some(regions),
        "AccountIds": accounts,
    });
    if accounts.is_none() {
        source["RoleArn"] = format!("arn:aws:iam::{owner}:role/aggregator").into();
    }
    json!({
        "ConfigurationAggregatorName": name,
        "ConfigurationAggregatorArn":
            format!("arn:aws:config:{region}:{owner}:config-aggregator/config-aggregator-abcd1234"),
        "CreationTime": 1_577_836_800.0,
        "LastUpdatedTime": 1_577_836_800.0,
        "OrganizationAggregationSource": accounts.is_none().then_some(&source),
        "AccountAggregationSources": accounts.is_some().then_some([&source]),
    })
}

/// The accounts that it collects from, those apart from which it gets nothing.
fn sources<'a>(state: &'a State, aggregator: &'a Aggregator) -> impl Iterator<Item = &'a Held> {
    let accounts = state.accounts.values();
    accounts.filter(|held| collects(state, aggregator, &held.account.id))
}

fn collects(state: &State, aggregator: &Aggregator, id: &str) -> bool {
    let fails = aggregator.failing.iter().any(|(account, ..)| account == id);
    let is_source = match &aggregator.accounts {
        Some(accounts) => accounts.iter().any(|account| account == id),
        None => state.organization.as_ref().is_some_and(|it| it.has(id)),
    };
    is_source && !fails
}

fn source_statuses(state: &State, aggregator: &Aggregator) -> Vec<Value> {
    let status = |account: &str, error: Option<(&str, &str)>| {
        json!({
            "SourceId": account,
            "SourceType": "ACCOUNT",
            "AwsRegion": aggregator.region,
            "LastUpdateStatus": if error.is_some() { "FAILED" } else { "SUCCEEDED" },
            "LastUpdateTime": epoch_seconds(state.now()),
            "LastErrorCode": error.map(|(code, _)| code),
            "LastErrorMessage": error.map(|(_, message)| message),
        })
    };
    let good = sources(state, aggregator).map(|held| status(&held.account.id, None));
    let bad = aggregator.failing.iter();
    let bad = bad.map(|(account, code, message)| status(account, Some((code, message))));
    good.chain(bad).collect()
}

/// Rules with a result; AWS leaves out those without.
fn by_rules(state: &State, aggregator: &Aggregator, filters: &Value) -> Vec<Value> {
    let is = |filter: &str, value: &str| filters[filter].as_str().is_none_or(|it| it == value);
    let mut all = Vec::new();
    for held in sources(state, aggregator).filter(|held| is("AccountId", &held.account.id)) {
        for rule in held.rules.iter().filter(|rule| covers(aggregator, rule)) {
            let compliance = compliance(held, &rule.name);
            let kind = type_of(&compliance);
            if is("ConfigRuleName", &rule.name)
                && is("AwsRegion", &rule.region)
                && is("ComplianceType", kind)
                && kind != "INSUFFICIENT_DATA"
            {
                all.push(json!({
                    "ConfigRuleName": rule.name,
                    "Compliance": compliance,
                    "AccountId": held.account.id,
                    "AwsRegion": rule.region,
                }));
            }
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
    let there =
        |rule: &ConfigRule| rule.name == name && rule.region == region && covers(aggregator, rule);
    let held = state.accounts.get(account);
    let held =
        held.filter(|held| collects(state, aggregator, account) && held.rules.iter().any(there));
    let results = held.into_iter().flat_map(|held| newest(held, name));
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
fn counts(state: &State, aggregator: &Aggregator, request: &Value) -> Vec<Value> {
    let region = request["Filters"]["Region"].as_str().unwrap_or_default();
    let collected =
        aggregator.regions.is_empty() || aggregator.regions.iter().any(|it| it == region);
    sources(state, aggregator)
        .filter(|held| collected && held.account.recorder)
        .map(|held| json!({ "GroupName": held.account.id, "ResourceCount": 1 }))
        .collect()
}

fn covers(aggregator: &Aggregator, rule: &ConfigRule) -> bool {
    aggregator.regions.is_empty() || aggregator.regions.contains(&rule.region)
}

fn no_such_aggregator() -> AwsError {
    let message = "The configuration aggregator does not exist. Check the configuration aggregator \
                   name and try again.";
    AwsError::refused("NoSuchConfigurationAggregatorException", message)
}
