//! Applying a plan: each key is read again immediately before its deletion, and
//! what was done is on record whatever happens in between.
//!
//! | file | what is in it |
//! |---|---|
//! | `step` | what to do about one line of the plan (pure) |
//! | `journal` | the records of what was done, and what they say (pure) |
//! | `report` | what became of each line, and the exit code (pure) |
//! | `writer` | the only way to the journal and to a session that can delete |
//! | `file` | the journal as a file |
//! | `interrupt` | what ends it early |
//! | `run` | goes through the plan |

pub mod file;
pub mod interrupt;
pub mod journal;
pub mod report;
pub mod run;
pub mod step;
pub mod writer;
