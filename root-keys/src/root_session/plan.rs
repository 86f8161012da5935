//! A plan: which root keys may be deleted and why, and which stay and why.
//!
//! Pure: it is decided from a document of `root-keys list`, a file of exemptions and a
//! time. Nothing here calls AWS, reads a clock or prints.
//!
//! | file | what is in it |
//! |---|---|
//! | `listing` | the document of `root-keys list` that the plan is based on |
//! | `decision` | which keys are deleted |
//! | `facts` | the plan as data, and how long it is valid |
//! | `document`, `digest` | the plan as a file, bound to its own content |
//! | `text` | the plan as a table |

pub mod decision;
pub mod digest;
pub mod document;
pub mod facts;
#[cfg(test)]
pub(in crate::root_session) mod fixtures;
pub mod listing;
pub mod text;
