//! The function's real binary as a child process, in the environment that a Lambda sandbox has.

use std::{
    collections::BTreeMap,
    fs, io, mem,
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{io::AsyncReadExt, net::unix::pipe, process::Command, sync::SetOnce, task::JoinHandle};

use crate::lambda::runtime_api::{Invocation, Outcome, RuntimeApi};

/// Environment variables, by name.
pub type Environment = BTreeMap<String, String>;

/// A running function. Its process is killed when this is dropped.
#[derive(Debug)]
pub struct FunctionProcess {
    id: Option<u32>,
    output: Arc<Mutex<Vec<u8>>>,
    /// The exit code, once the process has ended.
    exited: Arc<SetOnce<Option<i32>>>,
    watching: JoinHandle<()>,
}

impl FunctionProcess {
    /// Starts the binary with exactly that environment; nothing is inherited.
    ///
    /// # Errors
    /// The binary cannot be started.
    pub fn spawn(bootstrap: &Path, environment: &Environment) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        let mut child = Command::new(bootstrap)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .kill_on_drop(true)
            .spawn()?;
        let id = child.id();
        let output = Arc::new(Mutex::new(Vec::new()));
        let exited = Arc::new(SetOnce::new());
        let reader = pipe::Receiver::from_owned_fd(reader.into())?;
        let (collected, code) = (Arc::clone(&output), Arc::clone(&exited));
        let watching = tokio::spawn(async move {
            // The end is reported after all output.
            let (status, ()) = tokio::join!(child.wait(), collect(reader, &collected));
            let _ = code.set(status.ok().as_ref().and_then(ExitStatus::code));
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
        *self.exited.wait().await
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.id
    }

    /// Everything written to standard output and standard error so far.
    #[must_use]
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&lock(&self.output)).into_owned()
    }

    /// Like [`output`](Self::output), but each call returns only what was written since the last one.
    #[must_use]
    pub fn take_output(&self) -> String {
        String::from_utf8_lossy(&mem::take(&mut *lock(&self.output))).into_owned()
    }

    /// The peak of its resident memory so far, in KiB; `None` once it has ended.
    #[must_use]
    pub fn peak_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id?)).ok()?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next()?.parse().ok()
    }
}

impl Drop for FunctionProcess {
    fn drop(&mut self) {
        // The task owns the child, which is killed when it is dropped.
        self.watching.abort();
    }
}

async fn collect(mut pipe: pipe::Receiver, output: &Mutex<Vec<u8>>) {
    let mut chunk = vec![0; 8192];
    while let Ok(count @ 1..) = pipe.read(&mut chunk).await {
        lock(output).extend_from_slice(&chunk[..count]);
    }
}

fn lock(output: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    output.lock().unwrap_or_else(PoisonError::into_inner)
}
