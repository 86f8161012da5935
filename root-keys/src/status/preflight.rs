//! What would make a rollout fail, or its results invisible.
//!
//! | file | what is in it |
//! |---|---|
//! | `findings`, `delegations` | what the facts mean, and which account administers what (pure) |
//! | `report` | the result of a preflight, and its JSON (pure) |
//! | `text` | renders the findings for people (pure) |

pub mod delegations;
pub mod findings;
pub mod report;
pub mod text;
