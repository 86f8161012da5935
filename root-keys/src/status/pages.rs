//! All pages of a listing: none lost, none twice.

use std::collections::HashSet;
use std::time::SystemTime;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use crate::failure::Failure;
use crate::status::facts::Source;
use crate::status::progress::{Progress, Reading};
use crate::time::Time;

/// One page, and the token of the next one.
pub type Page<T> = (Vec<T>, Option<String>);

/// Reads all pages and shows how far it is.
///
/// # Errors
/// The failure of a page: then nothing counts. And a token that AWS returned
/// before: going on would never end, and stopping would lose the rest.
pub async fn all<T>(
    progress: &Progress,
    call: &'static str,
    ask: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
) -> Result<(Vec<T>, Source), Failure> {
    filtered(progress, call, ask, Some).await
}

/// The same, of which only what `keep` returns is kept; all that was read counts.
///
/// # Errors
/// As [`all`].
pub async fn filtered<T, U>(
    progress: &Progress,
    call: &'static str,
    ask: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
    keep: impl FnMut(T) -> Option<U>,
) -> Result<(Vec<U>, Source), Failure> {
    let reading = progress.listing(call);
    let (kept, requests, read) = pages(call, ask, keep, &reading).await?;
    Ok((kept, source(call, requests, read)))
}

/// The same for one listing of many, whose progress is shown by the caller.
///
/// # Errors
/// As [`all`].
pub async fn collect<T>(
    call: &'static str,
    ask: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let (items, ..) = pages(call, ask, Some, &Reading::hidden()).await?;
    Ok(items)
}

/// What was kept, and how many requests and items there were.
async fn pages<T, U>(
    call: &'static str,
    mut ask: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
    mut keep: impl FnMut(T) -> Option<U>,
    reading: &Reading,
) -> Result<(Vec<U>, usize, usize), Failure> {
    let (mut kept, mut requests, mut read, mut seen) = (Vec::new(), 0, 0, HashSet::new());
    let mut token = None;
    loop {
        let (page, next) = ask(token).await?;
        read += page.len();
        kept.extend(page.into_iter().filter_map(&mut keep));
        requests += 1;
        reading.reached(read);
        // AWS may give an empty page, and ends only where there is no token.
        token = next.filter(|token| !token.is_empty());
        let Some(token) = &token else {
            return Ok((kept, requests, read));
        };
        if !seen.insert(token.clone()) {
            return Err(Failure::new(format!(
                "{call}: AWS returned the same page token twice after {read} items, so that the \
                 listing has no end; try again"
            )));
        }
    }
}

/// What was read to its end just now.
pub fn source(call: &'static str, requests: usize, items: usize) -> Source {
    Source {
        call,
        requests,
        items,
        at: Time(SystemTime::now().into()),
    }
}

/// Fails a call whose successful answer does not reach its own end: the SDK's
/// XML decoder stops quietly where the body stops, and takes an empty body for
/// an empty list (docs/decisions.md).
#[derive(Debug)]
pub struct WholeAnswer;

impl Intercept for WholeAnswer {
    fn name(&self) -> &'static str {
        "WholeAnswer"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.output_or_error().is_err() {
            return Ok(()); // already a failure, and with a better cause
        }
        let body = context.response().body().bytes().unwrap_or_default();
        let body = str::from_utf8(body)?.trim();
        if is_whole(body) {
            Ok(())
        } else {
            Err("the answer is not whole: it ends before its end".into())
        }
    }
}

/// Whether it is an object of JSON from brace to brace, or a document of XML
/// that ends with the closing tag of its root.
fn is_whole(body: &str) -> bool {
    if body.starts_with('{') {
        return body.ends_with('}'); // the SDK refuses JSON that is cut within
    }
    let body = match body.strip_prefix("<?xml") {
        Some(rest) => rest
            .split_once("?>")
            .map_or("", |(_, body)| body)
            .trim_start(),
        None => body,
    };
    let root = body
        .strip_prefix('<')
        .and_then(|body| body.split([' ', '>', '/']).next());
    root.is_some_and(|root| !root.is_empty() && body.ends_with(&format!("</{root}>")))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::{filtered, is_whole};
    use crate::status::progress::Progress;

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

    #[test]
    fn an_answer_is_whole_from_its_first_character_to_its_last() {
        for whole in [
            "{}",
            r#"{"Accounts":[]}"#,
            "<A><B>1</B></A>",
            "<?xml version=\"1.0\"?>\n<A xmlns=\"x\"><B/></A>",
        ] {
            assert!(is_whole(whole), "{whole}");
            for end in 0..whole.len() {
                assert!(!is_whole(whole[..end].trim()), "{}", &whole[..end]);
            }
        }
    }
}
