//! The Lambda side: the Runtime API, and a process in a sandbox's environment.
#![allow(clippy::unwrap_used, reason = "a test")]

mod client;

use std::{collections::BTreeMap, path::Path, time::Duration};

use local_aws::{
    Account, FunctionProcess, Invocation, LocalAws, Outcome, RuntimeApi, lambda_environment,
};

#[tokio::test]
async fn an_outcome_reaches_whoever_invoked() {
    let function = RuntimeApi::start().await.unwrap();
    let invoked = tokio::spawn({
        let function = function.clone();
        async move {
            let response = function.invoke("{}", Invocation::of("arn:one")).await;
            (
                response,
                function.invoke("[]", Invocation::of("arn:two")).await,
            )
        }
    });
    let next = client::runtime(&function, "GET", "invocation/next", &[], "").await;
    let id = next.header("lambda-runtime-aws-request-id").unwrap();
    client::runtime(
        &function,
        "POST",
        &format!("invocation/{id}/response"),
        &[],
        "\"fine\"",
    )
    .await;
    let next = client::runtime(&function, "GET", "invocation/next", &[], "").await;
    assert_eq!(next.body(), "[]");
    let id = next.header("lambda-runtime-aws-request-id").unwrap();
    let error = r#"{"errorType":"Broken","errorMessage":"it broke"}"#;
    let path = format!("invocation/{id}/error");
    let headers = ["lambda-runtime-function-error-type: Unhandled"];
    let taken = client::runtime(&function, "POST", &path, &headers, error).await;
    assert_eq!(taken.status(), 202);
    let again = client::runtime(&function, "POST", &path, &headers, error).await;
    assert_eq!(again.status(), 400, "an outcome is reported once");
    let (first, second) = invoked.await.unwrap();
    assert_eq!(first, Outcome::Response("\"fine\"".to_owned()));
    let Outcome::Error(error) = second else {
        panic!("it broke")
    };
    assert_eq!(
        (error.error_type.as_str(), error.error_message.as_str()),
        ("Broken", "it broke")
    );
    assert_eq!(error.header.as_deref(), Some("Unhandled"));
}

#[tokio::test]
async fn an_invocation_carries_its_deadline() {
    let function = RuntimeApi::start().await.unwrap();
    let handle = function.clone();
    let invocation = Invocation::of("arn:aws:lambda").within(Duration::from_hours(2));
    tokio::spawn(async move { handle.invoke("{}", invocation).await });
    let asked = std::time::SystemTime::now();
    let next = client::runtime(&function, "GET", "invocation/next", &[], "").await;
    let deadline: u64 = next
        .header("lambda-runtime-deadline-ms")
        .unwrap()
        .parse()
        .unwrap();
    let deadline = std::time::UNIX_EPOCH + Duration::from_millis(deadline);
    assert!(deadline >= asked + Duration::from_secs(7199));
    assert!(deadline <= std::time::SystemTime::now() + Duration::from_hours(2));
}

#[tokio::test]
async fn an_init_error_is_kept() {
    let function = RuntimeApi::start().await.unwrap();
    let error = r#"{"errorType":"InvalidEnvironment","errorMessage":"AWS_REGION is not set"}"#;
    client::runtime(&function, "POST", "init/error", &[], error).await;
    let [kept] = &function.init_errors()[..] else {
        panic!("one was posted")
    };
    assert_eq!(kept.error_type, "InvalidEnvironment");
    assert_eq!(kept.error_message, "AWS_REGION is not set");
}

#[tokio::test]
async fn a_process_has_the_environment_it_is_given_and_nothing_else() {
    let aws = LocalAws::start().await.unwrap();
    let runtime = RuntimeApi::start().await.unwrap();
    let account = Account::new("111122223333");
    let environment = lambda_environment(&aws, &runtime, &account);
    let process = FunctionProcess::spawn(Path::new("/usr/bin/env"), &environment).unwrap();
    assert_eq!(process.exited().await, Some(0));
    let output = process.output();
    let seen: BTreeMap<_, _> = output
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    assert_eq!(seen, environment);
    assert_eq!(
        seen["AWS_SESSION_TOKEN"],
        account.credentials().session_token
    );
}

#[tokio::test]
async fn a_process_that_ends_ends_its_invocation() {
    let runtime = RuntimeApi::start().await.unwrap();
    let process = FunctionProcess::spawn(Path::new("/bin/false"), &BTreeMap::new()).unwrap();
    let outcome = process
        .invoke(&runtime, "{}", Invocation::of("arn:aws:lambda"))
        .await;
    assert_eq!(outcome, Outcome::Exited(Some(1)));
}
