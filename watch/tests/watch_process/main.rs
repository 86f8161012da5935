//! The real binary of the watch against the Lambda Runtime API. `WATCH=PATH` runs the same
//! against another build of it, such as the packaged one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    reason = "a test may stop at the first surprise, and uses a part of the organization"
)]

#[path = "../steps/organization.rs"]
mod organization;

use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{DateTime, Utc};
use local_aws::{Account, FunctionProcess, Invocation, Outcome, RuntimeApi, lambda_environment};
use organization::{BUCKET, FIVE_MINUTES, FUNCTION, MANAGEMENT, WEB, Watched};
use serde_json::{Value, json};

/// The binary under test.
fn watch() -> PathBuf {
    let built = std::env::var_os("WATCH");
    built.map_or_else(|| env!("CARGO_BIN_EXE_watch").into(), PathBuf::from)
}

struct Function {
    watched: Watched,
    runtime: RuntimeApi,
    process: FunctionProcess,
}

impl Function {
    /// Starts the function as Lambda does, with these variables of the stack.
    async fn start(variables: &[(&str, &str)]) -> Self {
        let watched = Watched::now().await;
        let runtime = RuntimeApi::start().await.unwrap();
        let account = Account::new(MANAGEMENT);
        let mut environment = lambda_environment(&watched.aws, &runtime, &account);
        environment.extend(
            watched
                .aws
                .endpoints()
                .map(|(name, url)| (name.to_owned(), url)),
        );
        let variables = variables.iter();
        environment
            .extend(variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let process = FunctionProcess::spawn(&watch(), &environment).unwrap();
        Self {
            watched,
            runtime,
            process,
        }
    }

    async fn invoke(&self, payload: &Value) -> Outcome {
        let invocation = Invocation::of(FUNCTION).within(FIVE_MINUTES);
        self.process
            .invoke(&self.runtime, payload.to_string(), invocation)
            .await
    }

    async fn answer(&self, payload: &Value) -> Value {
        match self.invoke(payload).await {
            Outcome::Response(answer) => serde_json::from_str(&answer).unwrap(),
            other => panic!("{other:?}: {}", self.process.output()),
        }
    }

    /// The lines of the log; every line is JSON.
    fn log(&self) -> Vec<Value> {
        let output = self.process.output();
        output
            .lines()
            .map(|line| serde_json::from_str(line).expect(line))
            .collect()
    }
}

#[tokio::test]
async fn a_run_through_the_runtime_api_publishes_records_and_writes_its_metrics() {
    let function = Function::start(&[("BUCKET", BUCKET)]).await;
    let work = function.answer(&function.watched.work_event("run")).await;
    assert_eq!(work["next"], "publish");
    let text = work["digest"]["text"].as_str().unwrap();
    assert!(text.contains(WEB), "{text}");
    let record = function.watched.record_event("run", true);
    let done = json!({"next": "done", "digest": null});
    assert_eq!(function.answer(&record).await, done);
    assert!(function.watched.latest().published);
    // The next run of the day, in the same process.
    assert_eq!(
        function.answer(&function.watched.work_event("again")).await,
        done
    );

    let log = function.log();
    let metrics: Vec<_> = log
        .iter()
        .filter(|line| line.get("_aws").is_some())
        .collect();
    assert_eq!(metrics.len(), 2, "one line for each run: {log:?}");
    for line in metrics {
        let counts = [
            "Completed",
            "Accounts",
            "Open",
            "NonCompliant",
            "NotVisible",
        ];
        assert_eq!(
            counts.map(|name| line[name].as_u64().unwrap()),
            [1, 4, 1, 1, 0]
        );
    }
    let ended = log.iter().filter(|line| line["message"] == "step ended");
    assert_eq!(ended.count(), 3, "{log:?}");
    let output = function.process.output();
    let keys = Account::new(MANAGEMENT).credentials();
    assert!(!output.contains(&keys.session_token) && !output.contains(&keys.secret_access_key));
}

/// What the real `root-keys` prints in the same account, against the same emulator.
fn root_keys(function: &Function, arguments: &[&str]) -> String {
    let keys = Account::new(MANAGEMENT).credentials();
    let command = Path::new(env!("CARGO_BIN_EXE_watch")).with_file_name("root-keys");
    let ran = Command::new(&command)
        .args(arguments)
        .env_clear()
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)
        .env("AWS_SESSION_TOKEN", keys.session_token)
        .envs(function.watched.aws.endpoints())
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; run `make test`", command.display()));
    String::from_utf8(ran.stdout).unwrap()
}

/// The text with one word for each time of the last ten minutes, because the two programs
/// read some seconds apart.
fn at_the_same_time(text: &str, now: DateTime<Utc>) -> String {
    const LENGTH: usize = "2026-01-01T00:00:00Z".len();
    let (mut same, mut rest) = (String::new(), text);
    while let Some(next) = rest.chars().next() {
        let time = rest.get(..LENGTH).map(DateTime::parse_from_rfc3339);
        match time {
            Some(Ok(time)) if (now - time.to_utc()).num_minutes() < 10 => {
                same += "just now";
                rest = &rest[LENGTH..];
            }
            _ => {
                same.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    same
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_are_what_root_keys_status_prints_byte_for_byte() {
    let function = Function::start(&[("BUCKET", BUCKET)]).await;
    function.answer(&function.watched.work_event("run")).await;
    for form in ["json", "csv"] {
        let printed = root_keys(&function, &["status", "--output", form]);
        let key = function.watched.key_of(&format!("status.{form}"));
        let stored = function.watched.object(&key);
        let now = function.watched.aws.now();
        let [stored, printed] = [stored, printed].map(|it| at_the_same_time(&it, now));
        assert_eq!(stored, printed);
        assert!(printed.contains(WEB), "{printed}");
        assert_eq!(printed.contains("just now"), form == "json");
    }
}

#[tokio::test]
async fn an_event_of_another_form_is_an_error_with_a_name_and_the_next_one_is_served() {
    let function = Function::start(&[("BUCKET", BUCKET)]).await;
    match function.invoke(&json!({"step": "work"})).await {
        Outcome::Error(error) => {
            assert_eq!(error.error_type, "InvalidEvent");
            assert!(
                error
                    .error_message
                    .contains("root-access-key-rule-org-watch"),
                "{error:?}"
            );
        }
        other => panic!("{other:?}"),
    }
    let work = function.answer(&function.watched.work_event("run")).await;
    assert_eq!(work["next"], "publish");
}

#[tokio::test]
async fn a_start_without_its_variables_is_reported_by_name() {
    for (variables, named) in [
        (&[][..], "BUCKET is not set"),
        (
            &[("BUCKET", BUCKET), ("REPAIR", "maybe")],
            "REPAIR is neither true nor false",
        ),
        (
            &[("BUCKET", BUCKET), ("AWS_ENDPOINT_URL_S3", "no url")],
            "AWS_ENDPOINT_URL_S3 is not a URL",
        ),
    ] {
        let function = Function::start(variables).await;
        assert_eq!(function.process.exited().await, Some(1));
        let errors = function.runtime.init_errors();
        assert_eq!(errors.len(), 1, "{}", function.process.output());
        assert_eq!(errors[0].error_type, "InvalidEnvironment");
        assert!(errors[0].error_message.contains(named), "{errors:?}");
    }
}
