//! What ends an application before the end of its plan: Ctrl-C.

use std::fmt;
use std::pin::Pin;

/// A signal that comes once, and then stays.
pub struct Interrupt {
    signal: Pin<Box<dyn Future<Output = ()>>>,
    came: bool,
}

impl Interrupt {
    /// Makes a signal that comes when that future ends.
    pub fn on(signal: impl Future<Output = ()> + 'static) -> Self {
        Self {
            signal: Box::pin(signal),
            came: false,
        }
    }

    /// Whether it came while something was done.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.came
    }

    /// Does the work; `None` if the signal came first, after which nothing is done.
    pub async fn run_until_set<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        if self.came {
            return None;
        }
        tokio::select! {
            biased;
            () = &mut self.signal => {
                self.came = true;
                None
            }
            done = work => Some(done),
        }
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interrupt")
            .field("came", &self.came)
            .finish_non_exhaustive()
    }
}
