//! Runs the watch's binary through Lambda's Runtime API on an emulated organization, with a
//! limit to the rate of one call, and prints time, memory and calls:
//! `scale BINARY ACCOUNTS PER_SECOND BURST`. `bench/watch.sh` builds both.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement may stop at the first surprise, and says what it saw"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use local_aws::{
    Account, ConfigRule, FunctionProcess, Invocation, LocalAws, Operation, Organization, Outcome,
    RULE_NAME, RuntimeApi, StackInstance, StackSet, lambda_environment, pack_rule,
};
use serde_json::{Value, json};

const MANAGEMENT: &str = "999999999999";
const BUCKET: &str = "watch-999999999999";
const UNIT: &str = "ou-loca-accounts";
const FUNCTION: &str =
    "arn:aws:lambda:us-east-1:999999999999:function:root-access-key-rule-org-watch";
/// Every so many accounts, one has a root key.
const EVERY: usize = 100;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, binary, accounts, per_second, burst] = &arguments[..] else {
        panic!("usage: scale BINARY ACCOUNTS PER_SECOND BURST");
    };
    let aws = organization(accounts.parse().unwrap()).await;
    let limited = Operation::GetAggregateComplianceDetailsByConfigRule;
    aws.limit_rate(
        MANAGEMENT,
        limited,
        per_second.parse().unwrap(),
        burst.parse().unwrap(),
    );
    let runtime = RuntimeApi::start().await.unwrap();
    let mut environment = lambda_environment(&aws, &runtime, &Account::new(MANAGEMENT));
    for (name, url) in aws.endpoints() {
        environment.insert(name.to_owned(), url);
    }
    environment.insert("BUCKET".to_owned(), BUCKET.to_owned());
    let process = FunctionProcess::spawn(Path::new(binary), &environment).unwrap();
    let begun = Instant::now();
    let mut steps = Vec::new();
    let mut step = "work";
    while step != "done" {
        let started = Instant::now();
        let payload = event(&aws, step);
        let invocation = Invocation::of(FUNCTION).within(Duration::from_mins(5));
        let outcome = process
            .invoke(&runtime, payload.to_string(), invocation)
            .await;
        let Outcome::Response(answer) = outcome else {
            panic!("{outcome:?}\n{}", process.output());
        };
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let next = answer["next"].as_str().unwrap().to_owned();
        steps.push(started.elapsed());
        println!(
            "{step}: {:.1} s, next {next}",
            started.elapsed().as_secs_f64()
        );
        let text = answer["digest"]["text"].as_str().unwrap_or_default();
        if !text.is_empty() {
            println!("digest: {} bytes\n{}", text.len(), first_lines(text));
        }
        step = match next.as_str() {
            "work" => "work",
            "done" => "done",
            _ => "record",
        };
    }
    println!(
        "steps: {}, total: {:.1} s",
        steps.len(),
        begun.elapsed().as_secs_f64()
    );
    println!(
        "peak of resident memory: {} KiB",
        process.peak_memory().unwrap()
    );
    for (call, count) in calls(&aws) {
        println!("{call}: {count}");
    }
    for key in aws.object_keys(BUCKET) {
        println!("{key}: {} bytes", aws.object(BUCKET, &key).unwrap().len());
    }
    print!("{}", process.output());
}

fn event(aws: &LocalAws, step: &str) -> Value {
    let started = aws.now().to_rfc3339();
    if step == "work" {
        let switches = json!({"repair": "on", "digest": "on"});
        json!({"step": step, "run": "scale", "started": started, "switches": switches})
    } else {
        json!({"step": step, "run": "scale", "started": started, "published": true})
    }
}

fn first_lines(text: &str) -> String {
    text.lines().take(4).collect::<Vec<_>>().join("\n")
}

fn calls(aws: &LocalAws) -> BTreeMap<String, usize> {
    let mut calls = BTreeMap::new();
    for request in aws.requests() {
        let name = request
            .operation
            .map_or_else(String::new, |it| it.to_string());
        *calls.entry(name).or_default() += 1;
    }
    calls
}

/// An organization of so many accounts, the management account included, with the rule in
/// all of them.
async fn organization(accounts: usize) -> LocalAws {
    let aws = LocalAws::start().await.unwrap();
    aws.run_clock();
    aws.put_account(Account::new(MANAGEMENT));
    aws.put_bucket(BUCKET, MANAGEMENT);
    let mut organization = Organization::new(MANAGEMENT).with_rollout();
    let mut stack_set = StackSet::with_the_rule(&[UNIT]);
    let at = aws.now() - TimeDelta::hours(1);
    let clean = ("COMPLIANT", "The root user has no access keys.");
    let key = ("NON_COMPLIANT", "The root user has access keys.");
    aws.put_evaluation(MANAGEMENT, RULE_NAME, clean, at);
    for number in 1..accounts {
        let id = format!("{:0>12}", 100_000_000_000 + 1000 * number);
        let rule = pack_rule(&id);
        aws.put_account(Account::new(&id));
        aws.delete_rule(&id, RULE_NAME);
        aws.put_rule(ConfigRule::new(&id, &rule));
        organization = organization.with_member(&id, &format!("account {number}"));
        if let Some(member) = organization.members.last_mut() {
            member.unit = Some(UNIT.to_owned());
        }
        let mut instance = StackInstance::current(&id);
        UNIT.clone_into(&mut instance.unit);
        stack_set.instances.push(instance);
        let result = if number % EVERY == 0 { key } else { clean };
        aws.put_evaluation(&id, &rule, result, at);
    }
    organization.stack_sets.push(stack_set);
    aws.put_organization(organization);
    aws
}
