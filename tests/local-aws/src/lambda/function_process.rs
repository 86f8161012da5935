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

use crate::lambda::runtime_api::{Invocation, Outcome, RuntimeApi};

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
            // All output is gathered before the end is reported.
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
