//! The keys of the bucket (pure).

/// What the next run needs to know of this one. Written last.
pub const LATEST: &str = "latest.json";

/// The exemptions, which `root-keys exemptions put` writes.
pub const EXEMPTIONS: &str = "exemptions.json";

/// Returns the key of the state that the steps of a run share. The bucket deletes it
/// after days.
#[must_use]
pub fn checkpoint(run: &str) -> String {
    format!("runs/{run}/checkpoint.json")
}
