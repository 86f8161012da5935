//! The queries of the dashboard (`cdk/log-queries.json`) against the lines that
//! the real binary writes: no engine of their language runs here, so each field
//! that they name, and each value that they look for, must be in such a line.

use std::collections::BTreeSet;

use crate::function::Function;
use crate::wire::{ACCOUNT, account_with_key};
use local_aws::{Fault, Operation};
use serde_json::{Map, Value};

/// Words of the language itself
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html>).
const LANGUAGE: &str = "
    and as bin by coalesce count desc display fields filter
    ispresent limit max not now or sort stats toMillis
";

/// The lines of an evaluation, of a test run and of a failed run, as the process
/// writes them.
async fn lines() -> Vec<Map<String, Value>> {
    let function = Function::start(account_with_key()).await;
    function.evaluate().await;
    let mut test_event = function.aws.event(ACCOUNT);
    test_event["resultToken"] = "TESTMODE".into();
    function.invoke(test_event.to_string()).await;
    let aws = &function.aws;
    aws.fault_always(ACCOUNT, Operation::GetAccountSummary, Fault::Denied);
    function.evaluate().await;
    let lines = function.log().into_iter();
    lines
        .map(|line| serde_json::from_value(line).unwrap())
        .collect()
}

/// Each query as its commands.
fn queries() -> Vec<(String, Vec<String>)> {
    let file: Map<String, Value> =
        serde_json::from_str(include_str!("../../cdk/log-queries.json")).unwrap();
    file.into_iter()
        .map(|(name, it)| (name, serde_json::from_value(it["query"].clone()).unwrap()))
        .collect()
}

/// The words of a command outside of quotes.
fn words(command: &str) -> Vec<String> {
    let unquoted: String = command.split('"').step_by(2).collect();
    unquoted
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '@'))
        .filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '@'))
        .map(str::to_string)
        .collect()
}

/// The fields of log lines that a query names, without what it names itself.
fn fields(query: &[String]) -> BTreeSet<String> {
    let words: Vec<String> = query.iter().flat_map(|command| words(command)).collect();
    let own: BTreeSet<&String> = words
        .windows(2)
        .filter(|pair| pair[0] == "as")
        .map(|pair| &pair[1])
        .collect();
    words
        .iter()
        .filter(|word| !own.contains(word) && !LANGUAGE.split_whitespace().any(|it| it == *word))
        .cloned()
        .collect()
}

#[tokio::test]
async fn each_field_of_a_query_is_in_a_line_that_the_function_writes() {
    let lines = lines().await;
    assert_eq!(lines.len(), 3, "{lines:?}");
    let mut written: BTreeSet<&str> = lines
        .iter()
        .flat_map(Map::keys)
        .map(String::as_str)
        .collect();
    // CloudWatch Logs gives this one to each line.
    written.insert("@timestamp");
    for (name, query) in queries() {
        let fields = fields(&query);
        assert!(!fields.is_empty(), "{name}");
        let unknown: Vec<_> = fields
            .iter()
            .filter(|it| !written.contains(it.as_str()))
            .collect();
        assert!(
            unknown.is_empty(),
            "{name} asks for {unknown:?}, lines have {written:?}"
        );
    }
}

#[tokio::test]
async fn each_query_finds_the_line_that_it_is_about() {
    let [evaluated, test_run, failed]: [Map<String, Value>; 3] = lines().await.try_into().unwrap();
    for (name, query) in queries() {
        let filter = query.first().expect(&name);
        let finds = |line: &Map<String, Value>| match filter.as_str() {
            "filter message = \"evaluated\"" => line["message"] == "evaluated",
            "filter message = \"evaluated\" and not ispresent(test_mode)" => {
                line["message"] == "evaluated" && !line.contains_key("test_mode")
            }
            "filter ispresent(error_type)" => line.contains_key("error_type"),
            "filter ispresent(compliance_type) or ispresent(error_type)" => {
                line.contains_key("compliance_type") || line.contains_key("error_type")
            }
            other => panic!("{name}: {other} is unknown here"),
        };
        let found = [finds(&evaluated), finds(&test_run), finds(&failed)];
        let expected = match name.as_str() {
            "outcomes" => [true, true, true],
            "failures" => [false, false, true],
            // A test run says nothing about when AWS Config last stored a result.
            "lastSuccess" => [true, false, false],
            _ => [true, true, false],
        };
        assert_eq!(found, expected, "{name}");
    }
}
