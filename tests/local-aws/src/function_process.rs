//! The function's real binary as a child process, in the environment a Lambda sandbox gives it.

use std::{
    collections::BTreeMap,
    fs, io,
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
    sync::watch,
    task::JoinHandle,
};

use crate::{
    LocalAws,
    account::Account,
    rule::RULE_NAME,
    runtime_api::{Invocation, Outcome, RuntimeApi},
};

/// Environment variables, by name.
pub type Environment = BTreeMap<String, String>;

/// A running function; killed when this is dropped.
#[derive(Debug)]
pub struct FunctionProcess {
    id: Option<u32>,
    output: Arc<Mutex<Vec<u8>>>,
    exited: watch::Receiver<Life>,
    watching: JoinHandle<()>,
}

#[derive(Clone, Copy, Debug)]
enum Life {
    Running,
    /// With this code; `None` when a signal ended it.
    Ended(Option<i32>),
}

/// What a Lambda sandbox of that account has in its environment, pointed at the stand-in.
#[must_use]
pub fn lambda_environment(aws: &LocalAws, runtime: &RuntimeApi, account: &Account) -> Environment {
    let credentials = account.credentials();
    let mut environment: Environment = [
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", &credentials.secret_access_key),
        ("AWS_SESSION_TOKEN", &credentials.session_token),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_LAMBDA_FUNCTION_NAME", RULE_NAME),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        (
            "AWS_LAMBDA_LOG_GROUP_NAME",
            &format!("/aws/lambda/{RULE_NAME}"),
        ),
        (
            "AWS_LAMBDA_LOG_STREAM_NAME",
            "2026/03/01/[$LATEST]00000000000000000000000000000001",
        ),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("AWS_LAMBDA_RUNTIME_API", &runtime.address()),
        ("AWS_ENDPOINT_URL_IAM", &aws.iam_url()),
        ("AWS_ENDPOINT_URL_CONFIG_SERVICE", &aws.config_url()),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        ("_HANDLER", "bootstrap"),
        ("TZ", ":UTC"),
        ("LANG", "en_US.UTF-8"),
        ("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    if let Some(file) = aws.ca_file() {
        environment.insert("SSL_CERT_FILE".to_owned(), file.display().to_string());
    }
    environment
}

impl FunctionProcess {
    /// Starts the binary with exactly that environment; nothing is inherited.
    ///
    /// # Errors
    /// When the binary cannot be started.
    pub fn spawn(bootstrap: &Path, environment: &Environment) -> io::Result<Self> {
        let mut child = Command::new(bootstrap)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let id = child.id();
        let output = Arc::new(Mutex::new(Vec::new()));
        let readers = [
            child
                .stdout
                .take()
                .map(|pipe| tokio::spawn(gather(pipe, Arc::clone(&output)))),
            child
                .stderr
                .take()
                .map(|pipe| tokio::spawn(gather(pipe, Arc::clone(&output)))),
        ];
        let (tell, exited) = watch::channel(Life::Running);
        let watching = tokio::spawn(async move {
            let status = child.wait().await;
            // All that was written is gathered before anyone hears of the end.
            for reader in readers.into_iter().flatten() {
                let _ = reader.await;
            }
            let code = status.ok().as_ref().and_then(ExitStatus::code);
            let _ = tell.send(Life::Ended(code));
        });
        Ok(Self {
            id,
            output,
            exited,
            watching,
        })
    }

    /// Runs the function once and waits for the outcome or the end of the process.
    pub async fn invoke(
        &self,
        runtime: &RuntimeApi,
        payload: impl Into<Vec<u8>>,
        invocation: Invocation,
    ) -> Outcome {
        tokio::select! {
            outcome = runtime.invoke(payload, invocation) => outcome,
            code = self.exited() => Outcome::Exited(code),
        }
    }

    /// Waits until the process has ended; its exit code, `None` when a signal ended it.
    pub async fn exited(&self) -> Option<i32> {
        let mut exited = self.exited.clone();
        let ended = |life: &Life| matches!(life, Life::Ended(_));
        match exited.wait_for(ended).await.as_deref() {
            Ok(Life::Ended(code)) => *code,
            _ => None,
        }
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.id
    }

    /// Like [`output`](Self::output), and forgets it.
    #[must_use]
    pub fn take_output(&self) -> String {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&std::mem::take(&mut *output)).into_owned()
    }

    /// The most memory that it has had resident so far, in KiB; `None` once it has ended.
    #[must_use]
    pub fn peak_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id?)).ok()?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next()?.parse().ok()
    }

    /// Everything written to standard output and standard error so far.
    #[must_use]
    pub fn output(&self) -> String {
        let output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&output).into_owned()
    }
}

impl Drop for FunctionProcess {
    fn drop(&mut self) {
        // The task owns the child, which is killed when it is dropped.
        self.watching.abort();
    }
}

async fn gather(mut pipe: impl AsyncRead + Unpin, output: Arc<Mutex<Vec<u8>>>) {
    let mut chunk = vec![0; 8192];
    while let Ok(count @ 1..) = pipe.read(&mut chunk).await {
        output
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(&chunk[..count]);
    }
}
