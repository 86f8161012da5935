//! What was read, and what could not be read, with the source of each.

use crate::failure::Failure;
use crate::organization::facts::{Source, SourceResult};

/// Keeps what was read, and adds its source to the others.
pub fn keep<T>(read: Result<(T, Source), Failure>, sources: &mut Vec<Source>) -> SourceResult<T> {
    let (facts, source) = read.map_err(|failure| failure.to_string())?;
    sources.push(source);
    Ok(facts)
}

/// Keeps what may not exist and takes several calls to read, and adds its sources to
/// the others.
pub fn keep_if_any<T>(
    read: Result<Option<(T, Vec<Source>)>, Failure>,
    sources: &mut Vec<Source>,
) -> SourceResult<Option<T>> {
    let read = read.map_err(|failure| failure.to_string())?;
    Ok(read.map(|(facts, more)| {
        sources.extend(more);
        facts
    }))
}
