//! Looks through an error and its sources.

use std::error::Error;

/// Returns the first error of that type in the chain of sources.
pub(crate) fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    chain(error).find_map(<dyn Error>::downcast_ref)
}

/// Returns the text of each error in the chain. Compare it only; it can contain
/// secrets, so never put it into a message.
pub(crate) fn text_of_chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = String> + 'a {
    chain(error).map(ToString::to_string)
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}
