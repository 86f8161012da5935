//! The progress of long operations, whatever shows it.

use std::fmt;
use std::sync::Arc;

/// What is reported of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It has started.
    Started {
        /// What is read, for example the action `organizations:ListAccounts`.
        label: &'static str,
        /// How many items there are; `None` for a listing of unknown length.
        total: Option<usize>,
    },
    /// This many items have been read.
    Reached(usize),
    /// It has ended, successfully or not.
    Finished,
}

/// Passes each step of an operation to whoever shows it. One operation is reported
/// at a time.
#[derive(Clone)]
pub struct Progress(Option<Arc<dyn Fn(Step) + Send + Sync>>);

/// One operation in progress. It has ended when this is dropped.
#[derive(Debug)]
pub struct Task(Progress);

impl Progress {
    /// Reports every step to this function.
    pub fn to(show: impl Fn(Step) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(show)))
    }

    /// Reports nothing.
    #[must_use]
    pub fn hidden() -> Self {
        Self(None)
    }

    /// Starts a listing of unknown length.
    #[must_use]
    pub fn listing(&self, label: &'static str) -> Task {
        self.start(label, None)
    }

    /// Starts reading this many items, one by one.
    #[must_use]
    pub fn counting(&self, label: &'static str, total: usize) -> Task {
        self.start(label, Some(total))
    }

    fn start(&self, label: &'static str, total: Option<usize>) -> Task {
        self.report(Step::Started { label, total });
        Task(self.clone())
    }

    fn report(&self, step: Step) {
        if let Some(show) = &self.0 {
            show(step);
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.is_some();
        f.debug_struct("Progress").field("shown", &shown).finish()
    }
}

impl Task {
    /// Makes a task that reports nothing.
    #[must_use]
    pub fn hidden() -> Self {
        Self(Progress::hidden())
    }

    /// Reports that this many items have been read.
    pub fn reached(&self, read: usize) {
        self.0.report(Step::Reached(read));
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.report(Step::Finished);
    }
}
