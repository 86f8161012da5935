//! Endpoints that refuse, do not exist or do not respond: one sentence that names the
//! variable that sends the call there.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::credentials::{COMMANDS, each_says, says};
use crate::wire::{MANAGEMENT, Wire, end};
use local_aws::{Fault, Operation};

/// The first call of each subcommand after STS, and the variable that sends it elsewhere.
const SECOND: [(&str, &str, Operation); 4] = [
    ("IAM", "iam:GetAccountSummary", Operation::GetAccountSummary),
    (
        "IAM",
        "iam:ListOrganizationsFeatures",
        Operation::ListOrganizationsFeatures,
    ),
    (
        "IAM",
        "iam:ListOrganizationsFeatures",
        Operation::ListOrganizationsFeatures,
    ),
    (
        "ORGANIZATIONS",
        "organizations:DescribeOrganization",
        Operation::DescribeOrganization,
    ),
];

#[tokio::test]
async fn an_endpoint_that_refuses_the_connection_is_named_by_its_variable() {
    let wire = Wire::new().await;
    let closed = "http://127.0.0.1:1";
    let change = |command: &mut Command| {
        command.env("AWS_ENDPOINT_URL_STS", closed);
    };
    let words = [
        "sts:GetCallerIdentity in eu-west-1: the endpoint refused the connection",
        "check the network and AWS_ENDPOINT_URL_STS, then run the command again\n",
    ];
    each_says(&wire, change, &words).await;
    for (arguments, (service, call, _)) in COMMANDS.into_iter().zip(SECOND) {
        let variable = &*format!("AWS_ENDPOINT_URL_{service}");
        let mut command = wire.command(arguments);
        command.env(variable, closed);
        let ended = end(command.spawn().unwrap()).await;
        says(
            &ended,
            &[call, "the endpoint refused the connection", variable],
        );
    }
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_reached_is_named_by_its_variable() {
    let wire = Wire::new().await;
    for url in [
        "nonsense",
        "ftp://127.0.0.1",
        "https://no-such-host.invalid",
    ] {
        let change = |command: &mut Command| {
            command.env("AWS_ENDPOINT_URL_STS", url);
        };
        let next = match url {
            "nonsense" => "correct AWS_ENDPOINT_URL_STS, then run the command again\n",
            _ => "check the network and AWS_ENDPOINT_URL_STS, then run the command again\n",
        };
        let words = ["sts:GetCallerIdentity in eu-west-1: ", next];
        each_says(&wire, change, &words).await;
    }
}

#[tokio::test]
async fn an_endpoint_that_does_not_respond_ends_within_the_budget_of_a_call() {
    let wire = Wire::new().await;
    for (arguments, (_, call, operation)) in COMMANDS.into_iter().zip(SECOND).take(2) {
        wire.fault_always(MANAGEMENT, operation, Fault::Hang);
        let started = Instant::now();
        let ended = wire.run(arguments).await;
        says(
            &ended,
            &[call, "no response within the time limit of the call"],
        );
        assert!(started.elapsed() < Duration::from_secs(15));
    }
}

#[tokio::test]
async fn the_sdk_s_own_causes_are_shown_with_verbose_only() {
    let wire = Wire::new().await;
    for (arguments, (service, ..)) in COMMANDS.into_iter().zip(SECOND) {
        for service in [service, "STS"] {
            let variable = format!("AWS_ENDPOINT_URL_{service}");
            let mut command = wire.command(&[arguments, &["--verbose"]].concat());
            command.env(variable, "http://127.0.0.1:1");
            let ended = end(command.spawn().unwrap()).await;
            ended.fails();
            let causes = ended
                .err
                .lines()
                .filter(|line| line.contains("caused by: "));
            assert!(causes.count() >= 2, "{ended:?}");
            ended.says("Connection refused");
            assert!(
                !ended.err.contains(&wire.operator.session_token),
                "{ended:?}"
            );
        }
    }
}
