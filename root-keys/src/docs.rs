//! Where the documents are that messages point to.

/// The folder `docs` of the repository.
pub const DOCS: &str =
    "https://github.com/root-access-key-rule/root-access-key-rule/blob/main/docs";
