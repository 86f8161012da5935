//! Reads all pages of a listing: none lost, none twice.

use std::collections::HashSet;

use aws_config::SdkConfig;
use aws_smithy_async::time::SharedTimeSource;

use crate::failure::Failure;
use crate::organization::facts::Source;
use crate::progress::{Progress, Task};
use crate::time::Time;

/// One page, and the token of the next one.
pub type Page<T> = (Vec<T>, Option<String>);

/// Reads listings, one after the other: reports the progress of each, and notes when it
/// ended.
#[derive(Debug, Clone)]
pub struct Listings {
    /// Shows how far a listing is.
    pub progress: Progress,
    time_source: SharedTimeSource,
}

impl Listings {
    /// Takes the time from the clock of the SDK's configuration.
    #[must_use]
    pub fn new(sdk: &SdkConfig, progress: Progress) -> Self {
        Self {
            progress,
            time_source: sdk.time_source().unwrap_or_default(),
        }
    }

    /// Returns the same with no progress shown.
    #[must_use]
    pub fn hidden(&self) -> Self {
        Self {
            progress: Progress::hidden(),
            time_source: self.time_source.clone(),
        }
    }

    /// Returns the present time, to the second.
    #[must_use]
    pub fn now(&self) -> Time {
        Time(self.time_source.now().into()).to_the_second()
    }

    /// Makes the source of what was read to its end just now.
    #[must_use]
    pub fn source(&self, call: &'static str, requests: usize, items: usize) -> Source {
        Source {
            call: call.into(),
            requests,
            items,
            at: self.now(),
        }
    }

    /// Reads all pages and shows how far it is.
    ///
    /// # Errors
    /// The failure of a page: then nothing counts. Also a token that AWS has returned
    /// before: the listing would not end, and stopping would lose the rest.
    pub async fn all<T>(
        &self,
        call: &'static str,
        ask: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
    ) -> Result<(Vec<T>, Source), Failure> {
        self.filtered(call, ask, Some).await
    }

    /// Reads all pages and keeps only the items that `keep` returns; the source counts
    /// all items.
    ///
    /// # Errors
    /// As [`Self::all`].
    pub async fn filtered<T, U>(
        &self,
        call: &'static str,
        ask: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
        keep: impl FnMut(T) -> Option<U>,
    ) -> Result<(Vec<U>, Source), Failure> {
        let task = self.progress.listing(call);
        let (kept, requests, read) = pages(call, ask, keep, &task).await?;
        Ok((kept, self.source(call, requests, read)))
    }
}

/// Reads all pages of one listing among many; the caller reports the progress.
///
/// # Errors
/// As [`Listings::all`].
pub async fn collect<T>(
    call: &'static str,
    ask: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let (items, ..) = pages(call, ask, Some, &Task::hidden()).await?;
    Ok(items)
}

/// Returns what was kept, and how many requests and items there were.
async fn pages<T, U>(
    call: &'static str,
    mut ask: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
    mut keep: impl FnMut(T) -> Option<U>,
    task: &Task,
) -> Result<(Vec<U>, usize, usize), Failure> {
    let (mut kept, mut requests, mut read, mut seen) = (Vec::new(), 0, 0, HashSet::new());
    let mut token = None;
    loop {
        let (page, next) = ask(token).await?;
        read += page.len();
        kept.extend(page.into_iter().filter_map(&mut keep));
        requests += 1;
        task.reached(read);
        // AWS may return an empty page; the listing ends where there is no token.
        token = next.filter(|token| !token.is_empty());
        let Some(token) = &token else {
            return Ok((kept, requests, read));
        };
        if !seen.insert(token.clone()) {
            return Err(Failure::new(format!(
                "{call}: AWS returned the same page token twice after {read} items, so the \
                 listing would not end; try again"
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use aws_config::SdkConfig;

    use super::Listings;
    use crate::progress::Progress;

    #[tokio::test]
    async fn a_page_is_filtered_before_the_next_is_requested_and_all_of_it_counts() {
        let done = RefCell::new(Vec::new());
        let ask = async |token: Option<String>| {
            done.borrow_mut().push("requested");
            let next = token.is_none().then(|| "next".to_owned());
            Ok((vec![1, 2, 3], next))
        };
        let keep = |item| {
            done.borrow_mut().push("filtered");
            (item == 2).then_some(item)
        };
        let listings = Listings::new(&SdkConfig::builder().build(), Progress::hidden());
        let (kept, source) = listings.filtered("call", ask, keep).await.unwrap();
        assert_eq!((kept, source.requests, source.items), (vec![2, 2], 2, 6));
        let page = ["requested", "filtered", "filtered", "filtered"];
        assert_eq!(*done.borrow(), [page, page].concat());
    }
}
