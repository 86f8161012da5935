//! Reads all pages of a listing: none lost, none twice.

use std::collections::HashSet;
use std::time::SystemTime;

use crate::failure::Failure;
use crate::organization::facts::Source;
use crate::progress::{Progress, Task};
use crate::time::Time;

/// One page, and the token of the next one.
pub type Page<T> = (Vec<T>, Option<String>);

/// Reads all pages and shows how far it is.
///
/// # Errors
/// The failure of a page: then nothing counts. Also a token that AWS has returned
/// before: the listing would not end, and stopping would lose the rest.
pub async fn all<T>(
    progress: &Progress,
    call: &'static str,
    ask: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
) -> Result<(Vec<T>, Source), Failure> {
    filtered(progress, call, ask, Some).await
}

/// Reads all pages and keeps only the items that `keep` returns; the source counts all
/// items.
///
/// # Errors
/// As [`all`].
pub async fn filtered<T, U>(
    progress: &Progress,
    call: &'static str,
    ask: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
    keep: impl FnMut(T) -> Option<U>,
) -> Result<(Vec<U>, Source), Failure> {
    let task = progress.listing(call);
    let (kept, requests, read) = pages(call, ask, keep, &task).await?;
    Ok((kept, source(call, requests, read)))
}

/// Reads all pages of one listing among many; the caller reports the progress.
///
/// # Errors
/// As [`all`].
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

/// Makes the source of what was read to its end just now.
pub fn source(call: &'static str, requests: usize, items: usize) -> Source {
    Source {
        call,
        requests,
        items,
        at: Time(SystemTime::now().into()),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::filtered;
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
        let (kept, source) = filtered(&Progress::hidden(), "call", ask, keep)
            .await
            .unwrap();
        assert_eq!((kept, source.requests, source.items), (vec![2, 2], 2, 6));
        let page = ["requested", "filtered", "filtered", "filtered"];
        assert_eq!(*done.borrow(), [page, page].concat());
    }
}
