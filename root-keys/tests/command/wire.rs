//! The real `root-keys` binary, the local AWS emulator at the other end of the wire, and
//! an organization of two accounts.

use std::io::Write;
use std::ops::Deref;
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::sdk_config::Builder;
use local_aws::{
    Account, Credentials, Fault, LocalAws, Operation, Organization, Request, RootKey, days_ago,
};
use root_access_key_rule::aws::sdk_config::with_limits;

pub const MANAGEMENT: &str = "999999999999";
pub const MEMBER: &str = "111122223333";

/// The member's keys: the first active and used long ago, the second inactive.
pub const FIRST: &str = "AKIA111122223333KEY1";
pub const SECOND: &str = "AKIA111122223333KEY2";

pub const LIST: [&str; 3] = ["list", "--account", MEMBER];
pub const DELETE: [&str; 5] = ["delete", "--account", MEMBER, "--key", FIRST];
pub const EXECUTE: [&str; 7] = [
    "delete",
    "--account",
    MEMBER,
    "--key",
    FIRST,
    "--execute",
    "--yes",
];

pub struct Wire {
    pub aws: LocalAws,
    pub operator: Credentials,
}

/// What the command printed and how it ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

pub fn organization() -> Organization {
    Organization::new(MANAGEMENT).with_member(MEMBER, "payments")
}

pub fn used_long_ago() -> RootKey {
    RootKey::active(days_ago(900)).last_used(days_ago(400), "eu-west-1", "s3")
}

/// What is different from [`Wire::new`].
pub type Setup = fn(&Wire);

/// Runs the command with these arguments after each change: the screen has the name of
/// the case.
pub async fn shows(folder: &str, cases: &[(&str, &[&str], Setup)]) {
    for (case, arguments, setup) in cases {
        let wire = Wire::new().await;
        setup(&wire);
        let ended = wire.run(arguments).await;
        ended.is_screen(&format!("{folder}/{case}"));
    }
}

/// AWS's words where a policy of that kind denies a call, or where none allows it.
pub fn denied(why: &str) -> Fault {
    let message = format!("User: x is not authorized to perform: a:B on resource: * {why}");
    Fault::aws_error(403, "AccessDenied", &message)
}

impl Wire {
    /// The management account's operator and a member with both keys.
    pub async fn new() -> Self {
        Self::with(
            Some(used_long_ago()),
            Some(RootKey::inactive(days_ago(800))),
        )
        .await
    }

    /// The same with these keys.
    pub async fn with(first: Option<RootKey>, second: Option<RootKey>) -> Self {
        let aws = LocalAws::start().await.unwrap();
        aws.run_clock();
        aws.put_account(Account::new(MEMBER).with_root_keys(first, second));
        aws.put_organization(organization());
        let operator = aws.put_account(Account::new(MANAGEMENT));
        Self { aws, operator }
    }

    /// Runs the command with nothing to read.
    pub async fn run(&self, arguments: &[&str]) -> Ended {
        self.run_typing(arguments, "").await
    }

    /// Runs the command and types that.
    pub async fn run_typing(&self, arguments: &[&str], typed: &str) -> Ended {
        let mut child = self.start(arguments);
        let mut input = child.stdin.take().unwrap();
        // A command that ends without reading closes its end first.
        let _ = input.write_all(typed.as_bytes());
        drop(input);
        end(child).await
    }

    /// Starts the command as the operator.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        // `make check-root-keys` tests the binary that a release has.
        let built = std::env::var_os("ROOT_KEYS");
        let mut command =
            Command::new(built.unwrap_or_else(|| env!("CARGO_BIN_EXE_root-keys").into()));
        command
            .args(arguments)
            .env_clear()
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", &self.operator.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &self.operator.secret_access_key)
            .env("AWS_SESSION_TOKEN", &self.operator.session_token)
            .envs(self.aws.endpoints())
            .env("AWS_CONFIG_FILE", "none")
            .env("AWS_SHARED_CREDENTIALS_FILE", "none")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The operations that were called, in order.
    pub fn operations(&self) -> Vec<Operation> {
        let requests = self.aws.requests();
        requests.iter().filter_map(|r| r.operation).collect()
    }

    /// The requests of that kind.
    pub fn sent(&self, operation: Operation) -> Vec<Request> {
        let mut requests = self.aws.requests();
        requests.retain(|request| request.operation == Some(operation));
        requests
    }

    /// The task policies of the requested sessions, in order.
    pub fn task_policies(&self) -> Vec<String> {
        let sessions = self.sent(Operation::AssumeRoot).into_iter();
        sessions
            .map(|request| {
                let arn = request.parameters["TaskPolicyArn.arn"].as_str().unwrap();
                arn.rsplit('/').next().unwrap().to_owned()
            })
            .collect()
    }

    /// Nothing was deleted, and nothing held that could have deleted.
    pub fn assert_nothing_could_be_deleted(&self) {
        assert_eq!(self.sent(Operation::DeleteAccessKey).len(), 0);
        let delete = "IAMDeleteRootUserCredentials".to_owned();
        assert!(!self.task_policies().contains(&delete));
    }
}

impl Deref for Wire {
    type Target = LocalAws;

    fn deref(&self) -> &LocalAws {
        &self.aws
    }
}

/// Waits for the command to end.
pub async fn end(child: Child) -> Ended {
    let wait = tokio::task::spawn_blocking(move || child.wait_with_output());
    let output = wait.await.unwrap().unwrap();
    Ended {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ended {
    /// It failed and printed no result.
    #[track_caller]
    pub fn fails(&self) {
        assert_eq!((self.code, self.out.as_str()), (Some(1), ""), "{self:?}");
    }

    /// Standard error has these words.
    #[track_caller]
    pub fn says(&self, words: &str) {
        assert!(self.err.contains(words), "{words}: {self:?}");
    }

    /// Standard error has all of these words.
    #[track_caller]
    pub fn says_all(&self, all: &[&str]) {
        for words in all {
            self.says(words);
        }
    }

    /// Standard output has these words.
    #[track_caller]
    pub fn shows(&self, words: &str) {
        assert!(self.out.contains(words), "{words}: {self:?}");
    }

    /// Standard output has these words, wherever its lines break.
    #[track_caller]
    pub fn shows_unwrapped(&self, words: &str) {
        let text = unwrapped(&self.out);
        assert!(text.contains(words), "{words}: {text}");
    }

    /// The exit code, and the result in the JSON record.
    #[track_caller]
    pub fn records(&self, code: i32, result: &str) {
        assert_eq!(self.record()["result"], result, "{self:?}");
        assert_eq!(self.code, Some(code), "{self:?}");
    }

    /// The JSON record, which is the last line.
    pub fn record(&self) -> serde_json::Value {
        let line = self.out.lines().last().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|_| panic!("no record: {self:?}"))
    }
}

/// An SDK configuration for the library, with these credentials.
pub fn sdk_config(keys: Credentials) -> Builder {
    let credentials = aws_credential_types::Credentials::new(
        keys.access_key_id,
        keys.secret_access_key,
        Some(keys.session_token),
        None,
        "test",
    );
    with_limits(SdkConfig::builder())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
}

/// So many days before this moment, to the second.
pub fn days_before_now(days: i64) -> chrono::DateTime<chrono::Utc> {
    let now = chrono::DateTime::<chrono::Utc>::from(SystemTime::now());
    let at = now - chrono::Duration::days(days);
    chrono::DateTime::from_timestamp(at.timestamp(), 0).unwrap()
}

/// Text as it was before it was wrapped: one line for each issue.
pub fn unwrapped(text: &str) -> String {
    let joined = text.replace(",\\\n", ",").replace("\\\n", " ");
    let issues = joined.split("\n\n").map(|issue| {
        let words = issue.split_whitespace();
        words.collect::<Vec<_>>().join(" ")
    });
    issues.collect::<Vec<_>>().join("\n")
}
