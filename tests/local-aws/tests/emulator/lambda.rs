//! The Runtime API, and a function's process in the environment of a sandbox.

use std::{collections::BTreeMap, path::Path};

use local_aws::{
    Account, FunctionProcess, Invocation, LocalAws, Outcome, RuntimeApi, lambda_environment,
};

use crate::client::{ACCOUNT, runtime};

#[tokio::test]
async fn whoever_invokes_receives_the_outcome_of_each_invocation_once() {
    let function = RuntimeApi::start().await.unwrap();
    let handle = function.clone();
    let invoked = tokio::spawn(async move {
        let first = handle.invoke("{}", Invocation::of("arn:one")).await;
        (first, handle.invoke("[]", Invocation::of("arn:two")).await)
    });
    let next = runtime(&function, "GET invocation/next", &[], "").await;
    let id = next.header("lambda-runtime-aws-request-id").unwrap();
    let line = format!("POST invocation/{id}/response");
    runtime(&function, &line, &[], "\"fine\"").await;
    let next = runtime(&function, "GET invocation/next", &[], "").await;
    assert_eq!(next.body(), "[]");
    let id = next.header("lambda-runtime-aws-request-id").unwrap();
    let error = r#"{"errorType":"Broken","errorMessage":"it broke"}"#;
    let line = format!("POST invocation/{id}/error");
    let headers = ["lambda-runtime-function-error-type: Unhandled"];
    for status in [202, 400] {
        assert_eq!(
            runtime(&function, &line, &headers, error).await.status(),
            status
        );
    }
    let (first, second) = invoked.await.unwrap();
    assert_eq!(first, Outcome::Response("\"fine\"".to_owned()));
    let Outcome::Error(error) = second else {
        panic!("it broke")
    };
    assert_eq!(
        (&*error.error_type, &*error.error_message),
        ("Broken", "it broke")
    );
    assert_eq!(error.header.as_deref(), Some("Unhandled"));
}

#[tokio::test]
async fn a_process_has_the_environment_that_it_is_given_and_nothing_else() {
    let aws = LocalAws::start_tls().await.unwrap();
    let runtime = RuntimeApi::start().await.unwrap();
    let account = Account::new(ACCOUNT);
    let environment = lambda_environment(&aws, &runtime, &account);
    let process = FunctionProcess::spawn(Path::new("/usr/bin/env"), &environment).unwrap();
    assert_eq!(process.exited().await, Some(0));
    let output = process.output();
    let variables = output.lines().filter_map(|line| line.split_once('='));
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let seen: BTreeMap<_, _> = variables.collect();
    assert_eq!(seen, environment);
    assert_eq!(
        seen["AWS_SESSION_TOKEN"],
        account.credentials().session_token
    );
    let authority = aws.ca_file().unwrap().to_owned();
    assert_eq!(Path::new(&seen["SSL_CERT_FILE"]), authority);
    assert!(authority.exists());
    drop(aws);
    assert!(!authority.exists());
}
