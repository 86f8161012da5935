//! Acts as the root user of a member account: reads its access keys, and deletes one.
//!
//! | file | what is in it |
//! |---|---|
//! | `session` | opens a session of the root user, for one task |
//! | `root_key` | an access key of a root user (pure) |
//! | `read_keys` | reads the keys from IAM |
//! | `inventory` | the keys of many accounts |
//! | `recent_use` | refuses to delete a key that may be in use (pure) |
//! | `confirmation` | the only way to a session that can delete (pure) |
//! | `deletion` | deletes one key and verifies that it is gone |
//! | `plan` | decides which of many keys are deleted, and why (pure) |
//! | `apply` | deletes the keys of a plan, and keeps a journal |
//! | `record` | what became of a deletion (pure) |

pub mod apply;
pub mod confirmation;
pub mod deletion;
pub mod inventory;
pub mod plan;
pub mod read_keys;
pub mod recent_use;
pub mod record;
pub mod root_key;
pub mod session;
