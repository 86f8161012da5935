//! Whether the rule is in every account of the organization, and what it found
//! there: evaluates the facts and renders the result. All of it is pure.
//!
//! | file | what is in it |
//! |---|---|
//! | `assessment` | what the facts mean for each account |
//! | `evaluation`, `account_problems` | parts of it: a rule's last result, and what is wrong |
//! | `account_status`, `problem`, `remedy` | its result, as plain data |
//! | `issues` | problems of many accounts, by kind |
//! | `report` | the result, and the JSON document |
//! | `text` | renders the report for people |
//! | `page`, `blocks` | how text is laid out, and the parts that two texts share |
//! | `preflight` | the same for what would make a rollout fail |

mod account_problems;
pub mod account_status;
pub mod assessment;
mod blocks;
pub mod evaluation;
pub mod issues;
pub mod page;
pub mod preflight;
pub mod problem;
pub mod remedy;
pub mod report;
pub mod text;
