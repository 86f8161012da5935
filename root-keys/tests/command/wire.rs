//! The real `root-keys` binary, the local AWS emulator at the other end of the wire, and
//! an organization of two accounts.

use std::io::Write;
use std::ops::Deref;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use local_aws::{
    Account, Credentials, LocalAws, Operation, Organization, Request, RootKey, days_ago,
};

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

    /// Compares the exit code, standard output and standard error, apart from the times
    /// and the numbers of requests, with `screens/NAME.txt`; the name's spaces are
    /// hyphens in the file. `UPDATE_SCREENS=1 cargo test` writes the files instead:
    /// their diff is then to be read.
    #[track_caller]
    pub fn is_screen(&self, name: &str) {
        let mut out = timeless(&self.out);
        if let Ok(document) = serde_json::from_str::<serde_json::Value>(&out) {
            assert_eq!(out.lines().count(), 1, "{self:?}");
            out = format!("{document:#}\n");
        }
        let code = self.code.unwrap();
        let err = timeless(&self.err);
        let found =
            format!("exit code {code}\n--- standard output\n{out}--- standard error\n{err}");
        let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
        let found = without_request_ids(&found.replace(&version, "\"version\": \"VERSION\""));
        let file = format!("{name}.txt").replace(' ', "-");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/command/screens");
        let path = path.join(file);
        if std::env::var_os("UPDATE_SCREENS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == expected, "{}:\n{found}", path.display());
    }

    /// The JSON record, which is the last line.
    pub fn record(&self) -> serde_json::Value {
        let line = self.out.lines().last().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|_| panic!("no record: {self:?}"))
    }
}

/// The emulator numbers its requests.
fn without_request_ids(text: &str) -> String {
    let mut parts = text.split("00000000-0000-4000-8000-");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "REQUEST" + &part[12..])
}

/// With `TIME` for each moment of the last two months: other moments are the same in
/// every run.
pub fn timeless(text: &str) -> String {
    let mut timeless = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let moment = rest.get(..20).filter(|it| it.ends_with('Z'));
        let moment = moment.and_then(|it| chrono::DateTime::parse_from_rfc3339(it).ok());
        if moment.is_some_and(|it| it > days_before_now(60)) {
            timeless.push_str("TIME");
            rest = &rest[20..];
        } else {
            timeless.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    timeless
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
