//! Aggregators of AWS Config: the results of the accounts, seen from one of them.
//!
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeAggregateComplianceByConfigRules.html>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    protocol::{
        error::AwsError,
        json::{among, epoch_seconds, required, strings},
        operation::Operation,
        paging::{limit, page},
    },
    services::{
        admitted_request::AdmittedRequest,
        config::{
            named::named,
            results::{compliance, evaluation_result, newest, type_of},
        },
    },
    state::{
        rollout::Aggregator,
        rule::ConfigRule,
        world::{Held, State},
    },
};

/// The most that AWS returns in a page: of most things, and of compliance and counts.
const PAGE: usize = 100;
const LONG_PAGE: usize = 1000;

/// Answers one operation.
pub(crate) fn answer(state: &State, admitted: &AdmittedRequest) -> Result<Value, AwsError> {
    let request = &admitted.parameters;
    let aggregators = state.organization.iter().flat_map(|it| &it.aggregators);
    let is_own = |it: &&Aggregator| it.owner == admitted.caller() && it.region == admitted.region;
    let own: Vec<_> = aggregators.filter(is_own).collect();
    if admitted.operation == Operation::DescribeConfigurationAggregators {
        let member = ("ConfigurationAggregatorNames", 10);
        let shown = named(own, |it| &it.name, request, member, no_such_aggregator)?;
        let shown = shown.into_iter().map(described).collect();
        return page(shown, PAGE, request, "ConfigurationAggregators");
    }
    let name = required(request, "ConfigurationAggregatorName")?;
    let aggregator = own.into_iter().find(|it| it.name == name);
    let aggregator = aggregator.ok_or_else(|| no_such_aggregator(name))?;
    let (all, most, member) = match admitted.operation {
        Operation::DescribeConfigurationAggregatorSourcesStatus => {
            let requested = strings(request, "UpdateStatus", 3)?;
            let mut all = source_statuses(state, aggregator);
            all.retain(|it| {
                among(
                    &requested,
                    it["LastUpdateStatus"].as_str().unwrap_or_default(),
                )
            });
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
    if admitted.operation == Operation::GetAggregateDiscoveredResourceCounts {
        response["GroupByKey"] = request["GroupByKey"].clone();
        response["TotalDiscoveredResources"] = total.into();
    }
    Ok(response)
}

fn described(it: &Aggregator) -> Value {
    let Aggregator { owner, region, .. } = it;
    let is_of_organization = it.accounts.is_none();
    let role = format!("arn:aws:iam::{owner}:role/aggregator");
    let source = json!({
        "AllAwsRegions": it.regions.is_empty(),
        "AwsRegions": (!it.regions.is_empty()).then_some(&it.regions),
        "AccountIds": it.accounts,
        "RoleArn": is_of_organization.then_some(role),
    });
    let arn =
        format!("arn:aws:config:{region}:{owner}:config-aggregator/config-aggregator-abcd1234");
    json!({
        "ConfigurationAggregatorName": it.name,
        "ConfigurationAggregatorArn": arn,
        "CreationTime": 1_577_836_800.0,
        "LastUpdatedTime": 1_577_836_800.0,
        "OrganizationAggregationSource": is_of_organization.then_some(&source),
        "AccountAggregationSources": (!is_of_organization).then_some([&source]),
    })
}

/// The accounts that it collects from, without those that it cannot reach.
fn sources<'a>(state: &'a State, aggregator: &'a Aggregator) -> impl Iterator<Item = &'a Held> {
    let ids: BTreeSet<&str> = match (&aggregator.accounts, &state.organization) {
        (Some(accounts), _) => accounts.iter().map(String::as_str).collect(),
        (None, Some(organization)) => organization.accounts().collect(),
        (None, None) => BTreeSet::new(),
    };
    let reached = ids.into_iter().filter(|id| !fails(aggregator, id));
    reached.filter_map(|id| state.accounts.get(id))
}

fn fails(aggregator: &Aggregator, id: &str) -> bool {
    aggregator.failing.iter().any(|(account, ..)| account == id)
}

fn collects(state: &State, aggregator: &Aggregator, id: &str) -> bool {
    let is_source = match &aggregator.accounts {
        Some(accounts) => accounts.iter().any(|account| account == id),
        None => state.organization.as_ref().is_some_and(|it| it.has(id)),
    };
    is_source && !fails(aggregator, id)
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
    let rules =
        sources(state, aggregator).flat_map(|held| held.rules.iter().map(move |it| (held, it)));
    let rules = rules.filter(|(_, rule)| covers(aggregator, &rule.region));
    let all = rules.map(|(held, rule)| {
        json!({
            "ConfigRuleName": rule.name,
            "Compliance": compliance(held, &rule.name),
            "AccountId": rule.account,
            "AwsRegion": rule.region,
        })
    });
    let is_requested = |it: &Value| {
        let kind = type_of(&it["Compliance"]);
        let members = ["ConfigRuleName", "AccountId", "AwsRegion"];
        let fits = members
            .iter()
            .all(|member| is(member, it[member].as_str().unwrap_or_default()));
        fits && is("ComplianceType", kind) && kind != "INSUFFICIENT_DATA"
    };
    all.filter(is_requested).collect()
}

fn details(
    state: &State,
    aggregator: &Aggregator,
    request: &Value,
) -> Result<Vec<Value>, AwsError> {
    let account = required(request, "AccountId")?;
    let region = required(request, "AwsRegion")?;
    let name = required(request, "ConfigRuleName")?;
    let is_requested = |rule: &ConfigRule| rule.name == name && rule.region == region;
    let held = state.accounts.get(account).filter(|held| {
        covers(aggregator, region)
            && collects(state, aggregator, account)
            && held.rules.iter().any(is_requested)
    });
    let results = held.into_iter().flat_map(|held| newest(held, name));
    let shown = results.map(|evaluation| {
        let mut result = evaluation_result(evaluation);
        result["AccountId"] = account.into();
        result["AwsRegion"] = region.into();
        result
    });
    Ok(shown.collect())
}

/// How many resources AWS Config has recorded, by account; an account without any is left out.
fn counts(state: &State, aggregator: &Aggregator, request: &Value) -> Vec<Value> {
    let region = request["Filters"]["Region"].as_str().unwrap_or_default();
    sources(state, aggregator)
        .filter(|held| covers(aggregator, region) && held.account.recorder)
        .map(|held| json!({ "GroupName": held.account.id, "ResourceCount": 1 }))
        .collect()
}

fn covers(aggregator: &Aggregator, region: &str) -> bool {
    aggregator.regions.is_empty() || aggregator.regions.iter().any(|it| it == region)
}

fn no_such_aggregator(_: &str) -> AwsError {
    let message = "The configuration aggregator does not exist. Check the configuration aggregator \
                   name and try again.";
    AwsError::bad_request("NoSuchConfigurationAggregatorException", message)
}
